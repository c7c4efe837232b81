"""The active role moves when its node dies, hangs, leaves or is told to, and only then; never two nodes hold it, and clients that go
to the next node notice nothing."""
import os
import threading
import time

import psycopg2
import pytest

from harness.epochs import announced, check_duties_follow_epochs, check_positions_are_dense
from harness.history import percentile
from harness.people import unique
from harness.roaming import Roaming
from harness.waiting import until

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"
INJECTIONS = 100 if LONG else 5


class Callers:
    """Threads that read and write through all nodes while something happens; none may fail."""

    def __init__(self, shop, count=3):
        self.failures = []
        self.made = []
        self.gaps = []
        self.calls = 0
        self.lost = []
        self._stop = threading.Event()
        self._shop = shop
        self._token = shop.owner().token
        self._threads = [threading.Thread(target=self._run, args=(which,), daemon=True) for which in range(count)]

    def _run(self, which):
        client = Roaming(self._shop.nodes[:3], self._token, first=which)
        try:
            while not self._stop.is_set():
                name = unique("call")
                answer = client.call("POST", "/products", {"name": name, "price": 1})
                if answer.status != 201:
                    self.failures.append(answer)
                    continue
                self.made.append(name)
                seen = client.call("GET", "/products/" + answer.json()["id"])
                if seen.status != 200 or seen.json()["name"] != name:
                    self.failures.append(seen)
        except BaseException as error:  # noqa: B902
            self.failures.append(error)
        finally:
            self.gaps += client.gaps
            self.calls += client.calls
            self.lost += client.lost
            client.close()

    def wait_for_more(self, count=20):
        goal = len(self.made) + count
        until(lambda: self.failures or len(self.made) >= goal, 20, f"{count} more calls")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.wait_for_more(5)
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None:
            assert not self.failures, self.failures[:3]
            rows = self._shop.postgres.query("SELECT name, count(*) FROM products WHERE name LIKE %s GROUP BY name", "call-%")
            assert dict(rows) == {name: 1 for name in self.made}


def table(figure, fault, phases):
    """Phases in milliseconds by name, each a list over the injections."""
    for name, values in phases.items():
        figure(f"takeover after {fault}: {name}", f"{len(values)} times, p50 {percentile(values, 0.5):.0f} ms, "
                                                  f"p99 {percentile(values, 0.99):.0f} ms, max {max(values):.0f} ms")


def moments_of(new, old, began):
    """Milliseconds from the fault until `new` held `old` for down, and until it began its duties."""
    down = min((entry["t"] for entry in new.told("peer_changed", after=began, peer=old.name, to="down")), default=None)
    duties = min(entry["t"] for entry in new.told("duties_started", after=began))
    return (down - began) * 1000 if down else None, (duties - began) * 1000


def test_crash_of_the_active_and_fail_back(own_cluster):
    """The role goes to the best node left, and back to the first once that has been well for FAILBACK_AFTER."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "2s"}).wait_settled()
    until(lambda: shop.agreed()[0] == "server-a", 15, "the first node active")
    _, epoch = shop.active()
    with Callers(shop) as callers:
        shop[0].kill()
        new, higher = shop.active(other_than="server-a", above=epoch)
        assert new.name == "server-b"
        told = until(lambda: [one for one in new.status()["history"] if one["epoch"] == higher], 5, "the takeover in the history")[0]
        assert (told["to"], told["reason"]) == ("server-b", "crashed"), told
        callers.wait_for_more()
        shop[0].start()
        shop[0].wait_ready()
        until(lambda: (lambda found: found and found[0] == "server-a")(shop.agreed()), 30, "the fail-back")
        callers.wait_for_more()
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)


def test_two_nodes_die_and_the_last_one_does_it_all(own_cluster):
    shop = own_cluster().wait_whole()
    _, epoch = shop.active()
    with Callers(shop) as callers:
        shop[0].kill()
        shop[1].kill()
        shop.active(other_than="server-a", above=epoch)
        assert shop.agreed()[0] == "server-c"
        callers.wait_for_more()
    assert shop[2].status()["toleratesFailures"] == 0
    check_duties_follow_epochs(shop.postgres)


def inject(shop, fault, heal, figure, name):
    """Does it to whoever is active, over and over, with callers under way."""
    phases = {"detect": [], "until duties begin": [], "callers' gap": []}
    with Callers(shop) as callers:
        for _ in range(INJECTIONS):
            shop.wait_settled()
            old, epoch = shop.active()
            began = time.time()
            fault(old)
            new, _ = shop.active(other_than=old.name, above=epoch)
            detect, duties = moments_of(new, old, began)
            if detect is not None:
                phases["detect"].append(detect)
            phases["until duties begin"].append(duties)
            callers.wait_for_more()
            heal(old)
            old.wait_ready()
    phases["callers' gap"] = [gap * 1000 for gap in callers.gaps] or [0]
    table(figure, name, {key: values for key, values in phases.items() if values})
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)


def test_crashes_measured(own_cluster, figure):
    inject(own_cluster(settings={"FAILBACK_AFTER": "60m"}), lambda node: node.kill(), lambda node: node.start(), figure, "a crash")


def test_hangs_measured(own_cluster, figure):
    """Who was stopped is started anew: one that wakes up blames itself for five seconds, which is another test's matter."""
    def heal(node):
        node.kill()
        node.start()
    inject(own_cluster(settings={"FAILBACK_AFTER": "60m"}), lambda node: node.pause(), heal, figure, "a hang")


def test_a_short_pause_changes_nothing(own_cluster):
    shop = own_cluster().wait_whole()
    active, epoch = shop.active()
    for which in (shop.nodes.index(active), 1, 2):
        for _ in range(5):
            began = time.monotonic()
            shop[which].pause()
            time.sleep(0.7)  # this is the fault, not a wait
            shop[which].resume()
            if time.monotonic() - began < 0.8:
                break
        else:
            pytest.skip("this machine cannot stop a process for 0.7 s and no longer")
        beats = shop[which].status()["at"]
        until(lambda which=which, beats=beats: shop[which].status()["at"] > beats, 5, "the node go on")
        shop.wait_whole()
        assert shop.agreed() == (active.name, epoch)
    assert not active.told("duties_stopped")
    for node in shop.nodes:
        assert not node.told("peer_changed", to="down"), node.told("peer_changed", to="down")


def test_a_long_pause_moves_the_role_and_the_sleeper_does_no_more_duties(own_cluster):
    shop = own_cluster().wait_whole()
    old, epoch = shop.active()
    until(lambda: announced(shop.postgres)[-1][1] == "DutyDone", 10, "the first duties")
    with Callers(shop) as callers:
        old.pause()
        stopped = time.monotonic()
        new, higher = shop.active(other_than=old.name, above=epoch)
        until(lambda: time.monotonic() - stopped > 4, 10, "four seconds of silence")  # the length of the fault
        callers.wait_for_more()
        woken = time.time()
        old.resume()
        until(lambda: old.told("duties_stopped", after=woken), 10, "the sleeper give up")
        shop.wait_whole()
        assert shop.agreed() == (new.name, higher)
        callers.wait_for_more()
    last, duties = check_duties_follow_epochs(shop.postgres)
    assert last == higher and duties > 0
    assert [one for one in announced(shop.postgres) if one[3] == old.name and one[2] > epoch] == []


def test_a_takeover_does_not_wait_for_a_holder_that_sleeps_in_a_duty(own_cluster):
    """A session that looks like a duty of the active node keeps the lease's row locked and does not end by itself."""
    shop = own_cluster().wait_whole()
    old, epoch = shop.active()
    name = "kieng/" + old.name + "/" + old.health()["boot"].rsplit("-", 1)[1] + "/duty"
    sleeper = psycopg2.connect(host="127.0.0.1", port=shop.postgres.port, user=shop.postgres.user, dbname=shop.postgres.database,
                               password=shop.postgres.password, application_name=name)
    with sleeper.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cluster_lease WHERE epoch = %s FOR KEY SHARE", (epoch,))
        assert cursor.fetchall() == [(1,)]
    old.kill()
    shop.active(other_than=old.name, above=epoch)
    with pytest.raises(psycopg2.Error), sleeper.cursor() as cursor:
        cursor.execute("SELECT 1")
    sleeper.close()
    check_duties_follow_epochs(shop.postgres)


def test_an_orderly_end_of_each_node_fails_no_request(own_cluster):
    """SIGTERM to one after the other, as a rolling restart does."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    rounds = 10 if LONG else 1
    with Callers(shop, 4) as callers:
        for _ in range(rounds):
            for node in shop.nodes:
                found, epoch = shop.active()
                node.terminate()
                if node is found:
                    others = [one for one in shop.nodes if one is not node]
                    until(lambda epoch=epoch, others=others: (shop.agreed(others) or ("", 0))[1] > epoch, 10, "a handover while the node is ending")
                assert node.process.wait(20) == 0
                callers.wait_for_more(5)
                node.start()
                node.wait_ready()
                shop.wait_whole()
    assert not callers.lost, f"{len(callers.lost)} of {callers.calls} calls were taken in and not answered: {callers.lost[:3]}"
    check_duties_follow_epochs(shop.postgres)
    reasons = {one["reason"] for node in shop.nodes for one in node.status()["history"] if one["from"]}
    assert not reasons & {"crashed", "silent", "expired"}, reasons


def test_an_operator_hands_over(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    active, epoch = shop.active()
    assert shop.client().post("/api/cluster/handover").status == 401
    with Callers(shop) as callers:
        # Any node may be asked; the active one is told which other is to take the role.
        assert shop.owner(shop.nodes.index(active)).post("/api/cluster/handover?to=server-c").status == 202
        new, higher = shop.active(other_than=active.name, above=epoch)
        assert new.name == "server-c"
        callers.wait_for_more()
        assert shop.owner(2).post("/api/cluster/handover").status == 202
        best, _ = shop.active(other_than="server-c", above=higher)
        assert best.name == "server-a"
        callers.wait_for_more()
    answer = shop.owner().post("/api/cluster/handover?to=server-x")
    assert (answer.status, answer.code) == (400, "invalid_parameter")
    check_duties_follow_epochs(shop.postgres)


def test_a_handover_can_be_asked_of_any_node(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    active, epoch = shop.active()
    standby = next(node for node in shop.nodes if node is not active)
    assert shop.owner(shop.nodes.index(standby)).post("/api/cluster/handover").status == 202
    shop.active(other_than=active.name, above=epoch)


def test_a_handover_is_not_undone_at_once(own_cluster):
    """An operator moves the role away from a node that has been well for long; it stays where it was put for a while."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "2s"}).wait_settled()
    until(lambda: shop.agreed()[0] == "server-a", 15, "the first node active")
    _, epoch = shop.active()
    assert shop.owner(0).post("/api/cluster/handover?to=server-b").status == 202
    until(lambda: [one for one in announced(shop.postgres) if one[1] == "ActiveChanged" and one[2] > epoch], 10, "the handover")
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 1, 5, "a second of FAILBACK_AFTER")
    assert shop.agreed() == ("server-b", epoch + 1), announced(shop.postgres)


def test_drain_and_undrain(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "2s"}).wait_whole()
    active, epoch = shop.active()
    which = shop.nodes.index(active)
    with Callers(shop) as callers:
        assert shop.owner(which).post("/api/cluster/drain").status == 202
        other = shop[(which + 1) % 3]
        until(lambda: other.member(active.name)["state"] == "draining", 10, "the others know that it drains")
        new, higher = shop.active(other_than=active.name, above=epoch)
        assert active.ask("/ready")[0] == 503
        callers.wait_for_more()
        assert shop.owner(which).post("/api/cluster/undrain").status == 202
        until(lambda: active.ask("/ready")[0] == 200, 10, "the node ready again")
        until(lambda: other.member(active.name)["state"] == "alive", 10, "the node alive again")
        callers.wait_for_more()
    assert shop.owner(which).post("/api/cluster/drain").status == 202
    assert shop.owner(which).post("/api/cluster/undrain").status == 202
    shop.wait_whole()
    check_duties_follow_epochs(shop.postgres)

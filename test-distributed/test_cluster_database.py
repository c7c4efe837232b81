"""PostgreSQL goes away for all, or one node loses its way to it: the first moves no role, the second moves it off that node."""
import threading
import time

import pytest

from harness.client import Client
from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.history import percentile
from harness.people import new_product, unique
from harness.waiting import NoAnswer, promised, until

pytestmark = pytest.mark.faults


class Asker:
    """Asks one node for something that needs PostgreSQL, again and again, and keeps what came of it."""

    def __init__(self, node, token, pause=0.05):
        self.node = node
        self.seen = []  # (seconds since 1970, status, scope)
        self._stop = threading.Event()
        self._client = Client(node.port, token, timeout=10)
        self._pause = pause
        self.failures = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            while not self._stop.is_set():
                asked = time.time()
                try:
                    answer = self._client.post("/products", {"name": unique("asked"), "price": 1})
                    scope = answer.json()["scope"] if answer.status >= 400 else None
                    self.seen.append((asked, time.time(), answer.status, scope))
                except NoAnswer:
                    self.seen.append((asked, time.time(), 0, None))
                self._stop.wait(self._pause)
        except BaseException as error:  # noqa: B902
            self.failures.append(error)

    def first(self, after, status, scope=None):
        return next((one for one in list(self.seen) if one[1] > after and one[2] == status and one[3] == scope), None)

    def wait_first(self, after, status, scope=None, within=15):
        until(lambda: self.failures or self.first(after, status, scope), within, f"{self.node.name} answering {status} {scope}")
        assert not self.failures, self.failures
        return self.first(after, status, scope)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(30)
        self._client.close()


def freeze(postgres):
    postgres.freeze()
    return postgres.thaw


def kill(postgres):
    postgres.kill()
    return postgres.start


@pytest.mark.parametrize("fault", [freeze, kill])
def test_away_for_everyone_moves_no_role(own_cluster, figure, fault):
    """Longer than the lease lasts, so that it is expired when PostgreSQL returns."""
    shop = own_cluster().wait_whole()
    before = shop.active()
    token = shop.owner().token
    with Asker(shop[0], token) as first, Asker(shop[1], token) as second:
        began = time.time()
        heal = fault(shop.postgres)
        for node in shop.nodes:
            until(lambda node=node: node.health()["scope"] == "shared", 10, f"{node.name} calls the outage everybody's")
            assert node.health()["status"] == "warn"
        for asker in (first, second):
            asker.wait_first(began, 503, "shared")
        until(lambda: time.time() - began > 4.5, 10, "the length of the fault")
        for node in shop.nodes:
            status = node.status()
            assert status["epoch"] == before[1] and status["scope"] == "shared", status
            assert {one["state"] for one in status["members"]} == {"alive"}
            assert node.ask("/api/health?require=writes")[0] == 503
        returned = time.time()
        heal()
        for asker in (first, second):
            back = asker.wait_first(returned, 201, within=20)
            figure(f"PostgreSQL {fault.__name__}: {asker.node.name} writes again after", f"{back[1] - returned:.2f} s")
    shop.wait_whole()
    assert (shop.active()[0].name, shop.active()[1]) == (before[0].name, before[1])
    for node in shop.nodes:
        until(lambda node=node: node.health()["status"] == "pass", 10, f"{node.name} well again")
        assert not node.told("peer_changed", after=began, to="down")
    check_duties_follow_epochs(shop.postgres)


def test_health_and_status_wait_for_nobody(own_cluster, figure):
    """PostgreSQL frozen and one node that takes connections and says nothing: the other two answer from memory."""
    shop = own_cluster().wait_whole()
    shop[2].pause()
    shop.postgres.freeze()
    times = []
    for node in shop.nodes[:2]:
        until(lambda node=node: node.status()["scope"] == "shared" and node.member("server-c")["state"] != "alive", 15, "both losses known")
    connections = [(Client(node.port), path) for node in shop.nodes[:2] for path in
                   ("/api/health", "/api/cluster/status", "/api/cluster/healthy-servers", "/api/cluster/stats")]
    for _ in range(250):
        for client, path in connections:
            began = time.perf_counter()
            assert client.get(path).status == 200
            times.append((time.perf_counter() - began) * 1000)
    figure("health and status, PostgreSQL frozen and a peer hung", f"{len(times)} answers, p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms")
    shop.postgres.thaw()
    shop[2].resume()
    for node in shop.nodes:
        until(lambda node=node: node.health()["accepts"]["writes"], 20, f"{node.name} taking writes again")
    shop.wait_whole()
    check_duties_follow_epochs(shop.postgres)


def test_a_restart_of_postgresql_moves_no_role(own_cluster):
    """It frees every advisory lock at once, which proves nothing about anybody."""
    shop = own_cluster().wait_whole()
    before = shop.active()
    shop.postgres.stop()
    shop.postgres.start()
    with Asker(shop[2], shop.owner(2).token) as asker:
        asker.wait_first(0, 201, within=20)
    for node in shop.nodes:
        until(lambda node=node: node.health()["status"] == "pass", 15, f"{node.name} well again")
    shop.wait_whole()
    assert shop.active() == before
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)


def hold(proxy):
    proxy.hold = True


def cut(proxy):
    proxy.cut()


@pytest.mark.parametrize("fault", [hold, cut])
def test_the_active_node_alone_is_cut_from_postgresql(own_cluster, figure, fault):
    """The role goes to a node that reaches it; the node that does not stays a member, and serves again when its way is mended."""
    shop = own_cluster(database_proxies=True, settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    others = [node for node in shop.nodes if node is not old]
    token = shop.owner().token
    with Asker(old, token) as cut_off, Asker(others[0], token) as well:
        cut_off.wait_first(0, 201)
        began = time.time()
        fault(shop.proxies[old.name])
        until(lambda: (shop.agreed(others) or ("", 0))[1] > epoch, 15, "the role taken by another")
        figure(f"PostgreSQL {fault.__name__} for one node: the role is taken after", f"{time.time() - began:.2f} s")
        until(lambda: old.status()["scope"] == "node", 10, "the node calls the outage its own")
        assert shop.agreed(others)[0] in {node.name for node in others}
        assert old.member(old.name)["role"] == "standby"
        until(lambda: others[0].member(old.name)["db"] == "lost", 10, "the others know that it lost PostgreSQL")
        assert others[0].member(old.name)["state"] == "alive"
        assert not [one for one in well.seen if began < one[0] and one[2] != 201], "a well node refused"
        mended = time.time()
        shop.proxies[old.name].mend()
        back = cut_off.wait_first(mended, 201, within=20)
        figure(f"PostgreSQL {fault.__name__} for one node: it writes again after", f"{back[1] - mended:.2f} s")
    until(lambda: old.health()["status"] == "pass", 15, "the node well again")
    shop.wait_whole()
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)


@pytest.mark.parametrize("fault", [hold, cut])
def test_who_is_cut_off_alone_says_so(own_cluster, figure, fault):
    """`scope: node` sends a client elsewhere; `shared` would make it wait."""
    shop = own_cluster(database_proxies=True).wait_whole()
    which = shop.nodes.index(shop.active()[0])
    with Asker(shop[which], shop.owner().token) as cut_off:
        cut_off.wait_first(0, 201)
        began = time.time()
        fault(shop.proxies[shop[which].name])
        refused = cut_off.wait_first(began, 503, "node", within=promised(2))
        figure(f"PostgreSQL {fault.__name__} for one node: it says scope node after", f"{refused[1] - began:.2f} s")
        until(lambda: shop[which].health()["scope"] == "node", 10, "health calls the outage the node's own")
        assert shop[which].ask("/api/health?require=writes")[0] == 503
        assert shop[(which + 1) % 3].ask("/api/health?require=writes")[0] == 200
        # Once it knows, it does not keep clients waiting for what cannot be.
        until(lambda: [one for one in cut_off.seen if one[2] == 503 and one[3] == "node" and one[1] - one[0] < 0.5], 10, "a refusal at once")


def test_a_standby_alone_is_cut_from_postgresql(own_cluster):
    """No role moves. Pushes reach it, so that what it has of the others' changes is dropped all the same."""
    shop = own_cluster(database_proxies=True).wait_whole()
    active, epoch = shop.active()
    which = next(index for index in (2, 1) if shop[index] is not active)
    standby = shop[which]
    owner = shop.owner(shop.nodes.index(active), follow=True)
    made = new_product(owner)
    path = "/products/" + made["id"]
    assert shop.client(which).get(path, headers={"Kieng-Token": owner.seen}).json()["price"] == 1000
    shop.proxies[standby.name].hold = True
    until(lambda: standby.status()["scope"] == "node", 10, "the node calls the outage its own")
    assert owner.patch(path, {"price": 77}, version=1).status == 200
    answer = shop.client(which).get(path, headers={"Kieng-Token": owner.seen})
    assert answer.status == 503, f"nothing but the old price can come from here: {answer!r}"
    assert (active.status()["epoch"], active.is_active()) == (epoch, True)
    shop.proxies[standby.name].mend()
    until(lambda: standby.health()["status"] == "pass", 15, "the node well again")
    shop.wait_whole()
    assert shop.active() == (active, epoch)
    assert shop.client(which).get(path, headers={"Kieng-Token": owner.seen}).json()["price"] == 77

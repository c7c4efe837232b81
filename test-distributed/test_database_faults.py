"""PostgreSQL hangs, dies, comes back; a node hangs. Nobody waits longer than promised, nothing acknowledged is lost."""
import threading
import time

import pytest

from harness.history import in_words, percentile
from harness.load import Load, Reader, Writer, check_each_write_is_there_once, settle
from harness.people import new_product
from harness.waiting import NoAnswer, until

pytestmark = pytest.mark.faults

# The product promises an answer within 3 s, always. This is the one time that a test may judge, because it is a promise
# made to users; half a second is for the noise of a machine that runs everything else too.
PROMISED = 3.5


class HealthWatch:
    """Asks each node for its health all the time, from a thread of its own."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.answers = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._stop.wait(0.05):
            for node in self.nodes:
                begun = time.monotonic()
                try:
                    status, body = node.ask("/api/health")
                except (OSError, NoAnswer) as error:
                    status, body = 0, repr(error).encode()
                self.answers.append((begun, time.monotonic() - begun, status, body))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)

    def check(self):
        assert self.answers and {status for _, _, status, _ in self.answers} == {200}, [one for one in self.answers if one[2] != 200][:3]


def writers_and_readers(shop, token, path):
    load = Load()
    for node in shop.nodes:
        load.add(Writer(load, node, token, pause=0.005)).add(Writer(load, node, token, pause=0.005))
        load.add(Reader(load, node, token, path))
    return load


def judge(load, shop, token, figure, name, watch):
    """What must hold after any fault of PostgreSQL, and what is told."""
    load.stop()
    load.check()
    history = load.history
    slow = [one for one in history.select() if one.answered and one.seconds > PROMISED]
    assert not slow, [f"{one.kind} on {one.node}: {one.status} {one.code} after {one.seconds:.2f} s" for one in slow[:5]]
    silent = [one for one in history.select() if not one.status and one.answered]
    assert not silent, f"{len(silent)} requests got no answer"
    failed = [one for one in history.select() if one.status >= 400]
    assert {one.status for one in failed} <= {503}, {(one.status, one.code) for one in failed}
    assert {one.scope for one in failed} <= {"shared"}, {(one.scope, one.code) for one in failed}
    watch.check()
    settle(history, shop.nodes, token)
    check_each_write_is_there_once(history, shop.postgres)
    health = [seconds for _, seconds, _, _ in watch.answers]
    figure(f"{name}: slowest answer", f"{max(one.seconds for one in history.select()):.2f} s of {len(history.select())}; {len(failed)} were 503")
    figure(f"{name}: health", in_words(health))


def wait_until_all_write(load, shop, figure, name):
    """Every node takes writes again by itself; reported from the moment PostgreSQL is back."""
    back = time.monotonic()
    for node in shop.nodes:
        load.acknowledged(1, 30, after=back, node=node.name)
    figure(f"{name}: all nodes write again after", f"{time.monotonic() - back:.2f} s")
    for node in shop.nodes:
        until(lambda node=node: node.health()["status"] == "pass", 15, f"{node.name} passing")


def see_the_outage(shop):
    for node in shop.nodes:
        health = until(lambda node=node: (lambda seen: seen["status"] == "warn" and seen)(node.health()), 8, f"{node.name} warning")
        assert health["scope"] == "shared" and health["accepts"]["writes"] is False
        assert node.ask("/api/health?require=writes")[0] == 503


def test_a_frozen_postgres_is_told_in_time_and_forgiven(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    load = writers_and_readers(shop, token, "/products/" + new_product(shop.owner())["id"])
    with load, HealthWatch(shop.nodes) as watch:
        load.acknowledged(100)
        shop.postgres.freeze()
        begun = time.monotonic()
        see_the_outage(shop)
        until(lambda: time.monotonic() - begun > 6, 20, "six frozen seconds")
        shop.postgres.thaw()
        wait_until_all_write(load, shop, figure, "PostgreSQL frozen")
        judge(load, shop, token, figure, "PostgreSQL frozen", watch)


def test_a_killed_postgres_is_told_and_its_return_needs_no_restart(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    boots = [node.health()["boot"] for node in shop.nodes]
    load = writers_and_readers(shop, token, "/products/" + new_product(shop.owner())["id"])
    with load, HealthWatch(shop.nodes) as watch:
        load.acknowledged(100)
        shop.postgres.kill()
        see_the_outage(shop)
        shop.postgres.start()
        wait_until_all_write(load, shop, figure, "PostgreSQL killed")
        judge(load, shop, token, figure, "PostgreSQL killed", watch)
    assert [node.health()["boot"] for node in shop.nodes] == boots


def test_postgres_restarts_three_times_under_load(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    load = writers_and_readers(shop, token, "/products/" + new_product(shop.owner())["id"])
    with load, HealthWatch(shop.nodes) as watch:
        for _ in range(3):
            load.acknowledged(30, after=time.monotonic())
            shop.postgres.stop()
            shop.postgres.start()
        wait_until_all_write(load, shop, figure, "PostgreSQL restarted")
        judge(load, shop, token, figure, "PostgreSQL restarted", watch)


def test_sessions_ended_by_an_administrator_cost_no_write(own_cluster, figure):
    """Each connection is ended in turn, again and again, as an administrator or a pooler does."""
    shop = own_cluster()
    token = shop.owner().token
    load = writers_and_readers(shop, token, "/products/" + new_product(shop.owner())["id"])
    with load, HealthWatch(shop.nodes) as watch:
        for _ in range(10):
            load.acknowledged(20, after=time.monotonic())
            shop.postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", shop.postgres.user)
        wait_until_all_write(load, shop, figure, "sessions ended")
        judge(load, shop, token, figure, "sessions ended", watch)


def test_one_node_loses_its_way_to_postgres_and_the_others_serve(own_cluster):
    shop = own_cluster(database_proxies=True)
    made = new_product(shop.owner(1))
    shop.proxies["server-a"].hold = True
    # A warning may come a moment before the node is sure enough to refuse writes.
    health = until(lambda: (lambda seen: not seen["accepts"]["writes"] and seen)(shop[0].health()), 8, "server-a refusing writes")
    assert health["status"] != "pass"
    answer = shop.owner(0).post("/products", {"name": "x", "price": 1})
    assert answer.status == 503 and answer.json()["committed"] in ("no", "unknown")
    for which in (1, 2):
        assert shop.client(which).get("/products/" + made["id"]).status == 200
        assert new_product(shop.owner(which))["version"] == 1
        assert shop[which].health()["status"] == "pass"
    shop.proxies["server-a"].cut()
    shop.proxies["server-a"].mend()
    until(lambda: shop.owner(0).post("/products", {"name": "y", "price": 1}).status == 201, 20, "server-a writing again")
    until(lambda: shop[0].health()["status"] == "pass", 15, "server-a passing again")


def test_a_stopped_node_freezes_nobody_elses_writes(own_cluster, figure):
    """A node that hangs, maybe with a transaction open, must not hold the row all writers need. Promised are 500 ms;
    the bound here leaves room for the noise of the machine, and the figure is told."""
    shop = own_cluster()
    token = shop.owner().token
    load = Load()
    for node in shop.nodes:
        for _ in range(3):
            load.add(Writer(load, node, token))
    longest = []
    with load:
        for _ in range(8):
            load.acknowledged(50, after=time.monotonic())
            shop[0].pause()
            begun = time.monotonic()
            until(lambda begun=begun: time.monotonic() - begun > 1.5, 10, "a second and a half")
            ended = time.monotonic()
            longest += [load.history.longest_gap("write", name, begun, ended) for name in ("server-b", "server-c")]
            shop[0].resume()
            until(lambda: shop[0].ask("/ready")[0] == 200, 15, "server-a ready again")
    figure("node stopped: longest gap in the others' writes", f"{max(longest) * 1000:.0f} ms (median {percentile(longest, 0.5) * 1000:.0f} ms)")
    settle(load.history, shop.nodes, token)
    check_each_write_is_there_once(load.history, shop.postgres)
    assert max(longest) < 2, f"{max(longest):.2f} s"


def test_a_foreign_long_transaction_hides_no_write(own_cluster):
    """Somebody else's open transaction, a backup or a report, delays neither writes nor what others see of them."""
    shop = own_cluster(names=("server-a", "server-b"))
    foreign = shop.postgres.connect()
    with foreign.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id(), count(*) FROM products")
        made = new_product(shop.owner(0))
        assert shop.client(1).get("/products/" + made["id"]).json() == made
    foreign.rollback()
    foreign.close()


def test_nodes_start_before_their_database_and_wait_for_it(own_cluster):
    """Starting order does not matter: health answers, readiness waits, and then it is there by itself."""
    shop = own_cluster(names=("server-a",))
    shop[0].kill()
    shop.postgres.stop()
    shop[0].start()
    until(lambda: shop[0].ask("/api/health")[0] in (200, 503), 15, "health of a node without a database")
    assert shop[0].ask("/ready")[0] == 503
    assert shop.client(0).get("/products").code in ("starting", "database_unavailable")
    shop.postgres.start()
    shop[0].wait_ready()


@pytest.mark.long
def test_an_outage_of_half_a_minute(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    load = writers_and_readers(shop, token, "/products/" + new_product(shop.owner())["id"])
    with load, HealthWatch(shop.nodes) as watch:
        load.acknowledged(100)
        shop.postgres.freeze()
        begun = time.monotonic()
        until(lambda: time.monotonic() - begun > 30, 60, "thirty seconds")
        shop.postgres.thaw()
        wait_until_all_write(load, shop, figure, "thirty seconds frozen")
        judge(load, shop, token, figure, "thirty seconds frozen", watch)

"""What one node commits the others know in milliseconds, in one order; nobody who brings a token reads backwards, whatever node is asked
and whatever becomes of the history."""
import os
import random
import threading
import time

import pytest

from harness.client import Client, token_rank
from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.events import EventStream
from harness.history import percentile
from harness.listeners import Listeners
from harness.people import new_product, unique
from harness.waiting import NoAnswer, until

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"
WRITES = 400 if LONG else 60


@pytest.fixture
def shop(own_cluster):
    return own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()


def in_milliseconds(values):
    return f"{len(values)} times, p50 {percentile(values, 0.5) * 1000:.1f} ms, p99 {percentile(values, 0.99) * 1000:.1f} ms, max {max(values) * 1000:.1f} ms"



def test_how_soon_the_others_know(shop, figure):
    """From the answer to the writer until a listener on each other node is told, and until a reader without a token sees it there."""
    owner = shop.owner(0, follow=True)
    made = new_product(owner, price=0)
    path = "/products/" + made["id"]
    told = {"server-b": {}, "server-c": {}}
    streams = {name: EventStream(shop[name].port, owner.token) for name in told}
    watching = threading.Event()

    def watch(name):
        stream, place = streams[name], 0
        while not watching.is_set():
            while place < len(stream.blocks):
                block = stream.blocks[place]
                place += 1
                if block.event and block.data and made["id"] in block.data:
                    told[name].setdefault(block.json()["version"], time.monotonic())
            time.sleep(0.0005)
    threads = [threading.Thread(target=watch, args=(name,), daemon=True) for name in told]
    for thread in threads:
        thread.start()
    readers = [Client(shop[name].port) for name in told]
    heard, seen = [], []
    for version in range(1, WRITES + 1):
        for reader in readers:
            reader.get(path)
        answer = owner.patch(path, {"price": version}, version=version)
        committed = time.monotonic()
        assert answer.status == 200, answer
        for reader in readers:
            until(lambda reader=reader, version=version: reader.get(path).json()["price"] == version, 10, "the new price without a token", every=0.001)
            seen.append(time.monotonic() - committed)
        for name in told:
            until(lambda name=name, version=version: version + 1 in told[name], 10, f"the event at {name}")
            heard.append(max(0.0, told[name][version + 1] - committed))
    watching.set()
    for thread in threads:
        thread.join()
    for stream in streams.values():
        stream.close()
    figure("sync: from the answer until the others' listeners are told", in_milliseconds(heard))
    figure("sync: from the answer until the others' caches are right", in_milliseconds(seen))


def test_writers_and_readers_on_all_nodes_while_nodes_die(shop, seed, figure):
    """Sessions wander over all nodes with their tokens while the active node is killed, stopped and restarted; none goes back in time,
    every event reaches every listener once and in order."""
    owner = shop.owner(0)
    products = [new_product(owner, price=0)["id"] for _ in range(4)]
    failures, done = [], threading.Event()
    counts = {"writes": 0, "reads": 0}
    last = {}
    listeners = Listeners(shop, owner.token)

    def guard(work, which):
        try:
            work(random.Random(f"{seed} {which}"), [Client(node.port, owner.token, timeout=3) for node in shop.nodes])
        except BaseException as error:  # noqa: B902
            failures.append(error)

    def write(which):
        def work(chance, clients):
            path, version, seen, key = "/products/" + products[which], 1, None, None
            while not done.is_set():
                key = key or unique("sync-key")
                try:
                    answer = chance.choice(clients).patch(path, {"price": version}, version=version, key=key,
                                                          headers={"Kieng-Token": seen} if seen else {})
                except NoAnswer:
                    continue
                if answer.status == 503 or answer.code == "in_progress":
                    time.sleep(0.02)
                    continue
                assert answer.status == 200, answer
                assert answer.json()["version"] == version + 1, f"written twice, or not on top of {version}: {answer!r}"
                version, key = version + 1, None
                seen = max(seen or "0.0.", answer.header("Kieng-Token"), key=token_rank)
                last[products[which]] = version
                counts["writes"] += 1
        return work

    def read(chance, clients):
        seen, versions = None, {}
        while not done.is_set():
            identity = chance.choice(products)
            try:
                answer = chance.choice(clients).get("/products/" + identity, headers={"Kieng-Token": seen} if seen else {})
            except NoAnswer:
                continue
            if answer.status == 503:
                continue
            assert answer.status == 200, answer
            assert answer.json()["version"] >= versions.get(identity, 0), f"went back from {versions[identity]} to {answer!r} with {seen}"
            versions[identity] = answer.json()["version"]
            seen = max(seen or "0.0.", answer.header("Kieng-Token"), key=token_rank)
            counts["reads"] += 1
    threads = [threading.Thread(target=guard, args=(write(which), which), daemon=True) for which in range(4)]
    threads += [threading.Thread(target=guard, args=(read, which), daemon=True) for which in range(10, 14)]
    for thread in threads:
        thread.start()

    def more(writes=60):
        goal = counts["writes"] + writes
        until(lambda: failures or counts["writes"] >= goal, 30, f"{writes} more writes")
        assert not failures, failures[0]
    more()
    chance = random.Random(seed)
    for turn in range(30 if LONG else 3):
        shop.wait_whole()
        victim, epoch = shop.active()
        if turn % 3 == 2:
            victim = chance.choice([node for node in shop.nodes if node is not victim])
        if turn % 3 == 1:
            victim.pause()
            shop.active(other_than=victim.name, above=epoch)
            more()
            victim.resume()
        else:
            victim.kill()
            more()
            victim.start()
            victim.wait_ready()
        more()
    done.set()
    for thread in threads:
        thread.join(20)
    assert not failures, failures[0]
    shop.wait_whole()
    (head,), = shop.postgres.query("SELECT pos FROM cluster_head")
    listeners.finish(head)
    for identity in products:
        expected = list(range(2, last[identity] + 1))
        for name, events in listeners.versions(identity).items():
            assert events == expected, f"{name} heard of {identity}: {first_difference(events, expected)}"
    check_positions_are_dense(shop.postgres)
    check_duties_follow_epochs(shop.postgres)
    figure("sync under failures", f"{counts['writes']} writes and {counts['reads']} reads on all nodes, none went back, no event was lost")


def first_difference(found, expected):
    for place, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            return f"{one} at place {place} instead of {other}"
    return f"{len(found)} instead of {len(expected)}"


def bump(shop):
    """The history may have lost its end, as after the restore of a backup."""
    shop.postgres.query("UPDATE cluster_head SET incarnation = greatest(incarnation + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)")
    (incarnation,), = shop.postgres.query("SELECT incarnation FROM cluster_head")
    return incarnation


def test_a_new_incarnation(shop):
    """Tokens of the old history are refused before any effect, caches are dropped, and all goes on under the new one."""
    owner = shop.owner(0, follow=True)
    made = new_product(owner, price=1)
    path = "/products/" + made["id"]
    old = owner.seen
    for which in range(3):
        assert shop.client(which).get(path, headers={"Kieng-Token": old}).json()["price"] == 1
    # What a restored backup does: a row is older than what the caches hold.
    shop.postgres.query("UPDATE products SET price = 9 WHERE id = %s", made["id"])
    incarnation = bump(shop)
    for node in shop.nodes:
        until(lambda node=node: node.status()["incarnation"] == incarnation, 10, f"{node.name} following the new history")
        until(lambda node=node: Client(node.port).get(path).json()["price"] == 9, 10, f"{node.name} dropping what it had")
    for which in range(3):
        answer = shop.client(which).get(path, headers={"Kieng-Token": old})
        assert (answer.status, answer.code) == (409, "history_changed"), answer
        before = shop.postgres.query("SELECT count(*) FROM products")
        refused = shop.owner(which).post("/products", {"name": unique("never"), "price": 1}, headers={"Kieng-Token": old}, key=unique("history-key"))
        assert (refused.status, refused.code) == (409, "history_changed"), refused
        assert shop.postgres.query("SELECT count(*) FROM products") == before
    fresh = shop.owner(1, follow=True)
    again = new_product(fresh)
    assert int(fresh.seen.split(".")[0]) == incarnation
    for which in range(3):
        assert shop.client(which).get("/products/" + again["id"], headers={"Kieng-Token": fresh.seen}).json() == again
    shop.wait_whole()
    check_duties_follow_epochs(shop.postgres)


def test_a_token_ahead_of_the_database(shop):
    """It proves that acknowledged history is gone: refused before any effect. A forged one proves nothing and is ignored."""
    owner = shop.owner(0, follow=True)
    made = new_product(owner)
    path = "/products/" + made["id"]
    for _ in range(30):
        new_product(owner)
    ahead = owner.seen
    # The end of the history vanishes, as when a standby that lagged became the primary. More of it than takeovers and duties, which take
    # positions too, write meanwhile.
    shop.postgres.query("DELETE FROM outbox WHERE pos > (SELECT pos - 30 FROM cluster_head)")
    shop.postgres.query("UPDATE cluster_head SET pos = pos - 30")
    for which in (1, 2):
        shop[which].kill()
        shop[which].start()
        shop[which].wait_ready()
        answer = shop.client(which).get(path, headers={"Kieng-Token": ahead})
        assert (answer.status, answer.code) == (409, "history_changed"), answer
    incarnation, position, mac = ahead.split(".")
    for forged in (f"{incarnation}.{int(position) + 1000000}.{mac}", f"{incarnation}.{position}.AAAAAAAAAAA", "nonsense", "1.2", f"{incarnation}.-1.{mac}"):
        assert shop.client(1).get(path, headers={"Kieng-Token": forged}).status == 200, forged


def test_a_foreign_long_transaction_delays_no_event(shop):
    """Somebody's four-second transaction on the same database holds up nobody: positions are given at the end of a write."""
    other = shop.postgres.connect()
    owner = shop.owner(0)
    try:
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS foreign_work (n int)")
            cursor.execute("INSERT INTO foreign_work VALUES (1)")
        with EventStream(shop[2].port, owner.token) as stream:
            for _ in range(10):
                made = new_product(owner)
                stream.wait_for(lambda heard, made=made: heard.about(made["id"]), 3, "the event, while the other transaction is open")
    finally:
        other.rollback()
        other.close()

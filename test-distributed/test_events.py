"""Event streams: every change, in one order, on whatever node one listens, with nothing lost or doubled when nodes die."""
import threading

import pytest

from harness.client import Client
from harness.events import EventStream, position_of
from harness.people import new_category, new_product
from harness.waiting import NoAnswer, until

ENDS_WITHIN = 5.0


@pytest.fixture
def listen(cluster):
    """Opens streams on the shared cluster that are closed afterwards."""
    opened = []

    def make(which=0, *args, **options):
        opened.append(EventStream(cluster[which].port, *args, **options))
        return opened[-1]

    yield make
    for stream in opened:
        stream.close()


class Writers:
    """A thread per node that makes products until it is told to stop; a node that is down is left alone."""

    def __init__(self, cluster, nodes):
        self.written = {}  # position -> product id
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(cluster.owner(node),)) for node in nodes]
        for thread in self._threads:
            thread.start()

    def _run(self, client):
        while not self._stop.is_set():
            try:
                answer = client.post("/products", {"name": "Áo", "price": 1000, "status": "active"})
            except NoAnswer:
                self._stop.wait(0.05)
                continue
            if answer.status == 201:
                with self._guard:
                    self.written[position_of(answer.header("Kieng-Token"))] = answer.json()["id"]
        client.close()

    def count(self):
        with self._guard:
            return len(self.written)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.written


class Follower:
    """What a browser does: one stream; when it ends, the next node with the last id."""

    def __init__(self, cluster, first):
        self.cluster = cluster
        self.events = []
        self.resets = 0
        self.moves = 0
        self._stop = threading.Event()
        self._stream = None
        self._thread = threading.Thread(target=self._run, args=(first,))
        self._last = EventStream(cluster[first].port)
        self._thread.start()

    def _run(self, which):
        stream = self._last
        while True:
            while not stream.ended.wait(0.05) and not self._stop.is_set():
                pass
            if self._stop.is_set():
                stream.close()
            # Of a position without its id nothing counts: it comes again, whole.
            upto = position_of(stream.last_id)
            self.events += [event for event in stream.events if event["pos"] <= upto]
            self.resets += sum(block.event == "reset" for block in stream.blocks)
            self.last_id = stream.last_id
            if self._stop.is_set():
                return
            stream.close()
            self.moves += 1
            stream = None
            while stream is None:
                which = (which + 1) % len(self.cluster.nodes)
                try:
                    stream = EventStream(self.cluster[which].port, last_id=self.last_id)
                except NoAnswer:
                    self._stop.wait(0.05)
            self._last = stream

    def wait_for(self, pos):
        until(lambda: position_of(self._last.last_id) >= pos, 20, f"position {pos}")

    def stop(self):
        self._stop.set()
        self._thread.join()


def in_order_and_complete(events, written):
    places = [(event["pos"], event["seq"]) for event in events]
    assert places == sorted(set(places)), "out of order or twice"
    heard = {event["pos"]: event["entityId"] for event in events if event["type"] == "ProductUpdatedEvent"}
    missing = {pos: product for pos, product in written.items() if heard.get(pos) != product}
    assert not missing, f"{len(missing)} of {len(written)} are missing"


def test_listeners_of_all_nodes_hear_the_same_in_order(cluster, listen):
    streams = [listen(which) for which in range(3)]
    writers = Writers(cluster, range(3))
    until(lambda: writers.count() >= 150, 60, "150 writes")
    written = writers.stop()
    for stream in streams:
        stream.wait_for(lambda one: position_of(one.last_id) >= max(written))
        in_order_and_complete(stream.events, {pos: product for pos, product in written.items()})
    upto = max(written)
    first, *others = [[event for event in stream.events if event["pos"] <= upto] for stream in streams]
    start = max(events[0]["pos"] for events in (first, *others))
    for other in others:
        assert [e for e in other if e["pos"] >= start] == [e for e in first if e["pos"] >= start]


def test_a_killed_node_costs_its_listeners_nothing(own_cluster):
    cluster = own_cluster()
    followers = [Follower(cluster, which) for which in (0, 0, 1, 2)]
    writers = Writers(cluster, range(3))
    try:
        until(lambda: writers.count() >= 60, 60, "60 writes")
        cluster[0].kill()
        before = writers.count()
        until(lambda: writers.count() >= before + 60, 60, "60 more writes")
        cluster[0].start()
        cluster[0].wait_ready()
        cluster[1].kill()
        before = writers.count()
        until(lambda: writers.count() >= before + 60, 60, "60 more writes")
    finally:
        written = writers.stop()
    for follower in followers:
        follower.wait_for(max(written))
    for follower in followers:
        follower.stop()
        in_order_and_complete(follower.events, written)
        assert follower.resets == 0
    assert sum(follower.moves for follower in followers) >= 3


def test_a_node_that_was_away_reads_what_it_did_not_hear(own_cluster):
    """A restarted node's memory begins at its start; what was before it comes from PostgreSQL."""
    cluster = own_cluster()
    owner = cluster.owner(1)
    with EventStream(cluster[1].port) as first:
        start = until(lambda: first.last_id, 5, "the first id")
    cluster[0].kill()
    ids = [new_product(owner, status="active")["id"] for _ in range(40)]
    cluster[0].start()
    cluster[0].wait_ready()
    with EventStream(cluster[0].port, last_id=start) as stream:
        stream.wait_id(owner.get("/products/" + ids[-1]).header("Kieng-Token"))
        assert [event["entityId"] for event in stream.events if event["entityId"] in set(ids)] == ids
        assert not [block for block in stream.blocks if block.event == "reset"]


def test_nobody_sees_more_than_the_role_allows(cluster, people, listen):
    ana, ben = people.new("customer"), people.new("customer")
    streams = {"anonymous": listen(0), "ana": listen(1, ana.access), "ben": listen(2, ben.access),
               "cashier": listen(0, people.one("cashier").access), "owner": listen(1, cluster.owner().token)}
    manager = people.client("manager", 2)
    product = new_product(manager, status="draft")["id"]
    category = new_category(manager)["id"]
    profile = ana.client(cluster[0]).patch("/auth/me", {"firstName": "Ana", "version": 1})
    assert profile.status == 200, profile
    token = max((profile, manager.get("/products/" + product)), key=lambda one: position_of(one.header("Kieng-Token"))).header("Kieng-Token")
    # Something that everybody sees comes after it all.
    last = new_category(manager)["id"]
    for stream in streams.values():
        stream.wait_for(lambda one: one.about(last))
        assert stream.about(category)
    assert position_of(token) <= position_of(streams["ana"].last_id)
    for name, sees_data in (("anonymous", False), ("ana", False), ("cashier", True), ("owner", True)):
        (heard,) = streams[name].about(product)
        assert bool(heard["data"]) is sees_data, (name, heard)
    for name, sees_account in (("anonymous", False), ("ana", True), ("ben", False), ("cashier", False), ("owner", True)):
        heard = [event for event in streams[name].about(ana.id) if event["type"] == "UserUpdatedEvent"]
        assert bool(heard) is sees_account, (name, heard)


def test_signing_out_anywhere_ends_the_stream_everywhere(cluster, people, listen):
    account, other = people.new("customer"), people.new("customer")
    mine = [listen(which, account.access) for which in range(3)]
    theirs = listen(0, other.access)
    for stream in (*mine, theirs):
        until(lambda stream=stream: stream.last_id, 5, "the beginning")
    assert account.client(cluster[1]).post("/auth/logout").status == 204
    for stream in mine:
        assert stream.ended.wait(ENDS_WITHIN)
        assert stream.complete
    assert not theirs.ended.is_set()
    refused = listen(2, account.access)
    assert refused.status == 401


def test_a_change_of_rights_ends_the_stream(cluster, people, listen):
    account = people.new("cashier")
    stream = listen(2, account.access)
    until(lambda: stream.last_id, 5, "the beginning")
    owner = cluster.owner(0)
    user = owner.get("/users/" + account.id).json()
    assert owner.patch("/users/" + account.id, {"role": "customer", "version": user["version"]}).status == 200
    assert stream.ended.wait(ENDS_WITHIN)
    # Signing in again, one goes on from there.
    with EventStream(cluster[0].port, account.sign_in(cluster[0]).access, last_id=stream.last_id) as again:
        assert again.status == 200
        last = new_category(owner)["id"]
        again.wait_for(lambda one: one.about(last))


@pytest.mark.parametrize("place", ["nonsense", "7.1.0123456789abcdef", "1.2", "header too"])
def test_a_place_that_means_nothing_is_told_once(place, cluster, listen):
    stream = listen(0, last_id=place)
    until(lambda: stream.last_id != place, 5, "a reset")
    reset = next(block for block in stream.blocks if block.id)
    assert reset.event == "reset" and reset.json()["pos"] == position_of(reset.id)
    last = new_category(cluster.owner(1))["id"]
    stream.wait_for(lambda one: one.about(last))
    assert [block.event for block in stream.blocks].count("reset") == 1


def test_a_place_that_was_trimmed_and_a_history_that_is_over_are_told(own_cluster):
    cluster = own_cluster(names=("server-a",))
    owner = cluster.owner()
    with EventStream(cluster[0].port) as first:
        start = until(lambda: first.last_id, 5, "the first id")
    for _ in range(5):
        new_category(owner)
    cluster.postgres.query("DELETE FROM outbox WHERE pos <= (SELECT pos - 2 FROM cluster_head)")
    cluster[0].kill()
    cluster[0].start()
    cluster[0].wait_ready()
    with EventStream(cluster[0].port, last_id=start) as stream:
        stream.wait_for(lambda one: any(block.event == "reset" for block in one.blocks))
        assert not [one for one in stream.events if one["entity"] != "cluster"]
        with EventStream(cluster[0].port, cluster.owner().token) as signed_in:
            until(lambda: signed_in.last_id, 5, "the beginning")
            cluster.postgres.query("UPDATE cluster_head SET incarnation = incarnation + 1")
            stream.wait_for(lambda one: [block.event for block in one.blocks].count("reset") == 2)
            assert signed_in.ended.wait(ENDS_WITHIN)


def test_a_stopping_node_sends_its_listeners_elsewhere_at_once(own_cluster):
    cluster = own_cluster(names=("server-a", "server-b"))
    owner = cluster.owner(1)
    with EventStream(cluster[0].port) as stream, EventStream(cluster[1].port) as other:
        until(lambda: stream.last_id and other.last_id, 5, "the beginning")
        cluster[0].process.signal(15)
        assert stream.ended.wait(1.5), "it waited for the end of the drain"
        assert stream.complete
        category = new_category(owner)["id"]
        with EventStream(cluster[1].port, last_id=stream.last_id) as again:
            again.wait_for(lambda one: one.about(category))
        assert not other.ended.is_set()


def test_the_head_says_that_nobody_between_may_keep_or_pack_it(cluster, listen):
    stream = listen(0, headers={"Accept-Encoding": "gzip", "Origin": "https://shop.test"})
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in stream.headers
    head = Client(cluster[0].port).request("HEAD", "/api/events")
    assert head.status == 200 and not head.body
    assert Client(cluster[0].port).get("/api/events", headers={"Accept": "application/json"}).code == "not_acceptable"


def test_ids_come_while_nothing_happens(cluster, listen):
    stream = listen(0)
    until(lambda: sum(block.event is None and block.id is not None for block in stream.blocks) >= 3, 40, "ids alone")


def test_streams_have_a_bound_of_their_own(own_cluster):
    cluster = own_cluster(names=("server-a",), settings={"MAX_EVENT_STREAMS": 4, "MAX_EVENT_STREAMS_PER_ADDRESS": 3})
    port = cluster[0].port
    streams = [EventStream(port) for _ in range(3)]
    refused = Client(port).get("/api/events")
    assert (refused.status, refused.code) == (503, "overloaded")
    assert refused.header("Retry-After") is not None
    streams.pop().close()

    def opens():
        stream = EventStream(port)
        streams.append(stream)
        return stream.status == 200
    until(opens, 10, "a place that was freed")
    for stream in streams:
        stream.close()

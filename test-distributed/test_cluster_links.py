"""Ways between nodes are cut, one pair, one direction or one node's all, and pushes are lost, doubled and late: no role moves,
everybody sees which way it is, and no client with a token reads anything older than it has seen."""
import random
import threading

import pytest

from harness.client import Client, token_rank
from harness.epochs import check_duties_follow_epochs
from harness.events import EventStream
from harness.people import new_product, unique
from harness.waiting import until

pytestmark = pytest.mark.faults


class Followers:
    """Writers raise prices on all nodes while readers with tokens wander over them; nothing they read may go back."""

    def __init__(self, shop, products=3):
        owner = shop.owner()
        self._token = owner.token
        self._shop = shop
        self._paths = ["/products/" + new_product(owner, price=0)["id"] for _ in range(products)]
        self._stop = threading.Event()
        self.failures = []
        self.writes = 0
        self.reads = 0
        self._threads = [threading.Thread(target=self._guard, args=(self._write, which), daemon=True) for which in range(3)]
        self._threads += [threading.Thread(target=self._guard, args=(self._read, which), daemon=True) for which in range(3)]

    def _guard(self, work, which):
        try:
            work(which)
        except BaseException as error:  # noqa: B902
            self.failures.append(error)

    def _write(self, which):
        """Each writer has a product and a node of its own: the price it wrote last is the one to be read everywhere."""
        chance = random.Random(which)
        client = Client(self._shop[which].port, self._token, follow=True)
        readers = [Client(node.port) for node in self._shop.nodes]
        path, version = self._paths[which % len(self._paths)], 1
        while not self._stop.is_set():
            answer = client.patch(path, {"price": version}, version=version)
            assert answer.status == 200, answer
            self.writes += 1
            seen = chance.choice(readers).get(path, headers={"Kieng-Token": client.seen})
            assert seen.status == 200 and seen.json()["price"] == version, f"wrote price {version} with {client.seen}, read {seen!r}"
            version += 1

    def _read(self, which):
        chance, last = random.Random(100 + which), {}
        clients = [Client(node.port) for node in self._shop.nodes]
        seen = None
        while not self._stop.is_set():
            path = chance.choice(self._paths)
            answer = chance.choice(clients).get(path, headers={"Kieng-Token": seen} if seen else {})
            assert answer.status == 200, answer
            version = answer.json()["version"]
            assert version >= last.get(path, 0), f"went back from version {last[path]} to {answer!r}"
            last[path] = version
            seen = max(seen or "0.0.", answer.header("Kieng-Token"), key=token_rank)
            self.reads += 1

    def more(self, count=30):
        writes, reads = self.writes + count, self.reads + count
        until(lambda: self.failures or (self.writes >= writes and self.reads >= reads), 30, f"{count} more writes and reads")
        assert not self.failures, self.failures[0]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.more(10)
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None:
            assert not self.failures, self.failures[0]


@pytest.fixture
def shop(own_cluster):
    return own_cluster(peer_proxies=True, settings={"FAILBACK_AFTER": "60m"}).wait_whole()


def opinion(shop, of, about, asked=None):
    """What `of` holds of `about`, in the matrix that `asked` shows."""
    return shop[asked or of].status()["matrix"][of].get(about)


def wait_opinion(shop, of, about, wanted, asked=None):
    until(lambda: opinion(shop, of, about, asked) == wanted, 15, f"{of} holding {about} for {wanted}")


def not_moved(shop, before):
    for node in shop.nodes:
        status = node.status()
        assert (status["active"]["id"], status["epoch"]) == (before[0].name, before[1]), status
        assert not node.told("peer_changed", to="down")


@pytest.mark.parametrize("pair", [("server-a", "server-b"), ("server-a", "server-c"), ("server-b", "server-c")])
def test_a_cut_between_two_nodes(shop, pair):
    """The third hears both, so nobody is accused; the matrix shows which way is gone, seen from all three."""
    one, other = pair
    before = shop.active()
    third = next(node.name for node in shop.nodes if node.name not in pair)
    with Followers(shop) as followers:
        shop.links.cut(one, other)
        for of, about in (pair, pair[::-1]):
            wait_opinion(shop, of, about, "suspect")
            wait_opinion(shop, of, about, "suspect", asked=third)
        assert opinion(shop, third, one) == opinion(shop, third, other) == opinion(shop, one, third) == "alive"
        until(lambda: [warning for warning in shop[one].status()["warnings"] if (warning["code"], warning["node"]) == ("link_cut", other)],
              5, "a warning of the cut link")
        followers.more()
        not_moved(shop, before)
        shop.links.mend()
        shop.wait_whole()
        followers.more()
    not_moved(shop, before)
    until(lambda: all(node.status()["warnings"] == [] for node in shop.nodes), 10, "no warning left")
    check_duties_follow_epochs(shop.postgres)


@pytest.mark.parametrize("way", [("server-a", "server-b"), ("server-b", "server-a")])
def test_one_direction_cut(shop, way):
    """What `deaf` is told does not arrive; what it says does, so it alone suspects the other."""
    mute, deaf = way
    before = shop.active()
    with Followers(shop) as followers:
        shop.links[mute, deaf].cut = True
        wait_opinion(shop, deaf, mute, "suspect")
        wait_opinion(shop, deaf, mute, "suspect", asked="server-c")
        followers.more()
        not_moved(shop, before)
        shop.links.mend()
        shop.wait_whole()
    not_moved(shop, before)


def test_the_active_node_cut_from_both_others_keeps_its_role(shop):
    """It renews its lease in PostgreSQL, which is all that counts; and it serves."""
    before = shop.active()
    active = before[0]
    others = [node for node in shop.nodes if node is not active]
    with Followers(shop) as followers:
        for node in others:
            shop.links.cut(active.name, node.name)
        for node in others:
            until(lambda node=node: node.member(active.name)["state"] != "alive", 15, "the others miss it")
        followers.more()
        assert active.is_active() and active.status()["epoch"] == before[1]
        shop.links.mend()
        shop.wait_whole()
        followers.more()
    assert shop.active() == before
    check_duties_follow_epochs(shop.postgres)


def test_all_links_cut(shop):
    """Three nodes that hear nothing of each other: PostgreSQL still knows who is active, and readers with tokens see no gap."""
    before = shop.active()
    names = [node.name for node in shop.nodes]
    with Followers(shop) as followers:
        for one, other in ((0, 1), (0, 2), (1, 2)):
            shop.links.cut(names[one], names[other])
        for node in shop.nodes:
            until(lambda node=node: all(one["state"] != "alive" for one in node.status()["members"] if one["id"] != node.name), 15,
                  "everybody alone")
        followers.more()
        shop.links.mend()
        shop.wait_whole()
    assert shop.active() == before
    check_duties_follow_epochs(shop.postgres)


@pytest.mark.parametrize("kind", ["lost", "doubled", "late", "mixed"])
def test_pushes(shop, kind):
    """Caches and listeners come right whatever becomes of the pushes."""
    for one in shop.nodes:
        for other in shop.nodes:
            if one is other:
                continue
            link = shop.links[one.name, other.name]
            link.lose = kind == "lost" or (kind == "mixed" and other.name == "server-b")
            link.twice = kind == "doubled" or (kind == "mixed" and other.name == "server-c")
            link.late = 0.15 if kind == "late" or (kind == "mixed" and other.name == "server-a") else 0.0
    owner = shop.owner(0)
    brand = unique("brand")
    listening = [EventStream(node.port, owner.token) for node in shop.nodes]
    made = new_product(shop.owner(0), brand=brand, price=0)
    path = "/products/" + made["id"]
    with Followers(shop) as followers:
        for price in range(1, 16):
            which = price % 3
            for reader in range(3):
                assert shop.client(reader).get(path).status in (200, 404)  # so that each has something to be wrong about
            answer = shop.owner(which).patch(path, {"price": price}, version=price)
            assert answer.status == 200, answer
            for reader in range(3):
                told = shop.client(reader).get(path, headers={"Kieng-Token": answer.header("Kieng-Token")})
                assert told.json()["price"] == price
                until(lambda reader=reader, price=price: shop.client(reader).get(path).json()["price"] == price, 10,
                      f"{shop[reader].name} showing the new price without a token")
        followers.more()
    assert sum(shop.links[one.name, other.name].met for one in shop.nodes for other in shop.nodes if one is not other) > 0
    last = answer.header("Kieng-Token")
    for stream in listening:
        stream.wait_id(last)
        versions = [event["version"] for event in stream.about(made["id"])]
        assert versions == list(range(1, 17)), f"events of one product: {versions}"
        stream.close()
    shop.links.mend()
    shop.wait_whole()
    check_duties_follow_epochs(shop.postgres)

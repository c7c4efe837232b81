"""The wall clock of one node is an hour wrong: nothing of the cluster depends on it but the window of signatures, so its pushes are
refused, a warning names it, and every event arrives through PostgreSQL all the same."""
import pytest

from harness.client import Client
from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.events import EventStream
from harness.people import new_product, unique
from harness.skewed_clock import why_not
from harness.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


@pytest.fixture
def shop(own_cluster):
    """Three nodes of which the tests may move every clock, once they are healthy."""
    made = own_cluster(names=("server-a", "server-b", "server-c"), clocks=True, settings={"FAILBACK_AFTER": "60m", "HEARTBEAT_INTERVAL": "2s"})
    return made.wait_whole()


def sign_in(shop, which):
    """Tokens carry the time of who made them: one of a node whose clock is right is good on the others that are right."""
    answer = Client(shop[which].port).post("/auth/login", {"email": shop.owner_email, "password": shop.owner_password})
    assert answer.status == 200, answer
    return answer.json()["accessToken"]


def write_and_follow(shop, tokens, rounds=6):
    """Writes on each node; each is read on all, with the writer's token and in time without one, and heard by all listeners."""
    streams = [EventStream(node.port, tokens[node.name]) for node in shop.nodes]
    made = []
    for turn in range(rounds):
        which = turn % 3
        writer = shop.client(which, tokens[shop[which].name], follow=True)
        product = new_product(writer, name=unique("clock"))
        made.append(product["id"])
        for reader in range(3):
            answer = shop.client(reader).get("/products/" + product["id"], headers={"Kieng-Token": writer.seen})
            assert answer.status == 200, answer
        changed = writer.patch("/products/" + product["id"], {"price": 5}, version=1)
        assert changed.status == 200, changed
        for reader in range(3):
            until(lambda reader=reader: shop.client(reader).get("/products/" + product["id"]).json()["price"] == 5, 10, "the new price without a token")
    for stream in streams:
        stream.wait_id(writer.seen)
        for identity in made:
            assert [event["version"] for event in stream.about(identity)] == [1, 2], identity
        stream.close()


def warned_of(nodes, wrong):
    for node in nodes:
        until(lambda node=node: [one for one in node.status()["warnings"] if (one["code"], one["node"]) == ("clock_skew", wrong.name)], 20,
              f"{node.name} warning of the clock of {wrong.name}")


@pytest.mark.parametrize("seconds", [3600, -3600], ids=["ahead", "behind"])
@pytest.mark.parametrize("who", ["active", "standby"])
def test_a_clock_jumps_by_an_hour_while_running(shop, seconds, who):
    before = shop.active()
    wrong = before[0] if who == "active" else next(node for node in shop.nodes if node is not before[0])
    right = [node for node in shop.nodes if node is not wrong]
    tokens = {node.name: sign_in(shop, shop.nodes.index(right[0])) for node in right}
    shop.clocks[wrong.name].move(seconds)
    tokens[wrong.name] = sign_in(shop, shop.nodes.index(wrong))
    write_and_follow(shop, tokens)
    for node in shop.nodes:
        status = node.status()
        assert (status["active"]["id"], status["epoch"]) == (before[0].name, before[1]), status
        assert {one["state"] for one in status["members"]} <= {"alive", "late"}, status["members"]
        assert not node.told("peer_changed", to="down")
    warned_of(right, wrong)
    shop.clocks[wrong.name].move(0)
    for node in right:
        until(lambda node=node: not node.status()["warnings"], 20, "no warning left")
    shop.wait_whole()
    assert shop.active() == before
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)


def test_a_node_starts_with_a_wrong_clock(shop):
    """Its requests are refused from the first one on; it is a member all the same, and serves."""
    before = shop.active()
    wrong = next(node for node in reversed(shop.nodes) if node is not before[0])
    wrong.kill()
    shop.clocks[wrong.name].move(3600)
    wrong.start()
    wrong.wait_ready()
    right = [node for node in shop.nodes if node is not wrong]
    tokens = {node.name: sign_in(shop, shop.nodes.index(right[0])) for node in right}
    tokens[wrong.name] = sign_in(shop, shop.nodes.index(wrong))
    write_and_follow(shop, tokens)
    assert all((node.status()["active"]["id"], node.status()["epoch"]) == (before[0].name, before[1]) for node in right)
    warned_of(right, wrong)
    check_duties_follow_epochs(shop.postgres)

"""Two things at once, and the moments in which a cluster is easily wrong: a node that is alone in the world, one that is back before it
was missed, an outage in which the active node dies, everybody asleep at the same time."""
import time

import pytest

from harness.epochs import announced, check_duties_follow_epochs, check_positions_are_dense
from harness.people import new_product
from harness.waiting import until

pytestmark = pytest.mark.faults


def judge(shop):
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)
    for which in range(3):
        assert new_product(shop.owner(which))["version"] == 1


def test_the_active_node_is_alone_in_the_world(own_cluster, figure):
    """Cut from both others and from PostgreSQL, and alive: the others take the role, it stops its duties by itself and says that the
    fault is its own as far as it can know."""
    shop = own_cluster(database_proxies=True, peer_proxies=True, settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    others = [node for node in shop.nodes if node is not old]
    shop.owner()  # signs in while any node will do
    began = time.time()
    shop.proxies[old.name].hold = True
    for node in others:
        shop.links.cut(old.name, node.name)
    until(lambda: (shop.agreed(others) or ("", 0))[1] > epoch, 20, "the role taken by one of the others")
    figure("the active node alone in the world: the role is taken after", f"{time.time() - began:.2f} s")
    until(lambda: old.told("duties_stopped", after=began), 10, "the lonely node stop its duties")
    stopped = old.told("duties_stopped", after=began)[0]["t"]
    taken = min(line["t"] for node in others for line in node.told("duties_started", after=began))
    figure("the active node alone in the world: it stops its duties after", f"{stopped - began:.2f} s; until then the fence holds them off, "
           f"from {taken - began:.2f} s on")
    for node in others:
        which = shop.nodes.index(node)
        assert new_product(shop.owner(which))["version"] == 1
    assert old.health()["role"] == "standby"
    until(lambda: not old.health()["accepts"]["writes"], 10, "the lonely node says that it takes no writes")
    until(lambda: not old.is_active(), 10, "the lonely node no longer call itself active in its status")
    shop.links.mend()
    shop.proxies[old.name].mend()
    shop.wait_whole()
    until(lambda: old.health()["status"] == "pass", 15, "the node well again")
    judge(shop)


def test_a_node_that_is_back_before_it_was_missed(own_cluster):
    """Killed and started at once: it is another boot, so the role it held is free, whoever takes it."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    for _ in range(3):
        old, epoch = shop.active()
        boot = old.health()["boot"]
        old.kill()
        old.start()
        old.wait_ready()
        _, higher = shop.active(above=epoch)
        shop.wait_whole()
        assert old.health()["boot"] != boot
        assert {node.member(old.name)["boot"] for node in shop.nodes} == {old.health()["boot"]}
        assert shop.active()[1] == higher
    judge(shop)


def test_the_active_node_dies_while_postgresql_is_away(own_cluster, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    others = [node for node in shop.nodes if node is not old]
    shop.postgres.freeze()
    for node in others:
        until(lambda node=node: node.status()["scope"] == "shared", 10, "the outage known")
    old.kill()
    for node in others:
        until(lambda node=node: node.member(old.name)["state"] != "alive", 15, "the loss seen")
    began = time.time()
    shop.postgres.thaw()
    shop.active(other_than=old.name, above=epoch, within=20)
    figure("the active node dies while PostgreSQL is frozen: another is active after the thaw within", f"{time.time() - began:.2f} s")
    old.start()
    old.wait_ready()
    shop.wait_whole()
    judge(shop)


def test_everybody_sleeps_at_the_same_time(own_cluster):
    """As when the host of all is suspended: longer than the lease lasts, and nobody is to blame."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    before = shop.active()
    for node in shop.nodes:
        node.pause()
    time.sleep(4)  # the length of the fault
    for node in shop.nodes:
        node.resume()
    _, epoch = shop.wait_whole().active(within=20)
    assert epoch <= before[1] + 1, "at most one takeover"
    judge(shop)


def test_a_standby_sleeps(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    before = shop.active()
    standby = next(node for node in shop.nodes if node is not before[0])
    made = new_product(shop.owner(shop.nodes.index(before[0])))
    standby.pause()
    until(lambda: before[0].member(standby.name)["state"] == "down", 15, "the sleeper listed as down")
    owner = shop.owner(shop.nodes.index(before[0]), follow=True)
    assert owner.patch("/products/" + made["id"], {"price": 5}, version=1).status == 200
    standby.resume()
    which = shop.nodes.index(standby)
    assert shop.client(which).get("/products/" + made["id"], headers={"Kieng-Token": owner.seen}).json()["price"] == 5
    shop.wait_whole()
    assert shop.active() == before
    judge(shop)


def test_a_node_sleeps_while_another_is_started_twice(own_cluster):
    """When it wakes up, greetings of both lives wait in its buffers, and nothing says that they are read in their order: the dead one must not
    be taken for the living."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    sleeper, other = shop[0], shop[1]
    for _ in range(3):
        sleeper.pause()
        for _ in range(2):
            other.kill()
            other.start()
            other.wait_ready()
        boot = other.health()["boot"]
        sleeper.resume()
        shop.wait_whole()
        assert {node.member(other.name)["boot"] for node in shop.nodes} == {boot}
    judge(shop)


def test_two_nodes_are_told_to_take_the_role_at_once(own_cluster):
    """Operators contradict each other; one of them wins, and nothing is held twice."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    for _ in range(3):
        _, epoch = shop.active()
        for which, to in ((0, "server-b"), (1, "server-c"), (2, "server-a")):
            assert shop.owner(which).post("/api/cluster/handover?to=" + to).status in (202, 409)
        until(lambda epoch=epoch: [one for one in announced(shop.postgres) if one[1] == "ActiveChanged" and one[2] > epoch], 10, "a handover")
        shop.active(above=epoch)
    shop.wait_whole()
    judge(shop)


@pytest.mark.parametrize("first", ["handover", "drain"])
def test_the_next_one_dies_while_it_is_handed_the_role(own_cluster, first):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    active, epoch = shop.active()
    which = shop.nodes.index(active)
    heir = shop[(which + 1) % 3]
    target = "?to=" + heir.name if first == "handover" else ""
    assert shop.owner(which).post("/api/cluster/" + first + target).status == 202
    heir.kill()
    shop.active(above=epoch, within=20)
    heir.start()
    heir.wait_ready()
    if first == "drain":
        assert shop.owner(which).post("/api/cluster/undrain").status == 202
        until(lambda: active.ask("/ready")[0] == 200, 10, "the drained node ready again")
    shop.wait_whole()
    judge(shop)

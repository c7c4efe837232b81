"""Nodes that come and go: all at once, for good, by a name that is taken, and one more than the three."""
import time

import pytest

from harness.epochs import check_duties_follow_epochs
from harness.people import new_product
from harness.waiting import promised, until

pytestmark = pytest.mark.faults


def test_all_three_killed_and_started_cold(own_cluster, figure):
    shop = own_cluster().wait_whole()
    _, epoch = shop.active()
    made = new_product(shop.owner())
    for node in shop.nodes:
        node.kill()
    began = time.monotonic()
    for node in shop.nodes:
        node.start()
    for node in shop.nodes:
        node.wait_ready()
    figure("cold start of three nodes until ready", f"{time.monotonic() - began:.2f} s")
    shop.wait_whole()
    _, higher = shop.active(above=epoch)
    figure("cold start of three nodes until one is active", f"{time.monotonic() - began:.2f} s")
    for which in range(3):
        assert shop.client(which).get("/products/" + made["id"]).json() == made
    assert new_product(shop.owner(2))["version"] == 1
    check_duties_follow_epochs(shop.postgres)


def test_a_second_process_of_the_same_name_does_not_start(own_cluster):
    shop = own_cluster().wait_whole()
    before = shop.active()
    row = "SELECT url, boot_id::text FROM cluster_nodes WHERE id = 'server-b'"
    listed = shop.postgres.query(row)
    twin = shop.join("server-b")
    assert twin.process.wait(20) != 0
    shop.nodes.remove(twin)
    assert "duplicate_node_id" in twin.log_text()
    assert shop.postgres.query(row) == listed, "the one that lives keeps its place"
    assert shop.wait_whole().active() == before
    assert shop[1].process.alive


def test_a_fourth_node_just_joins(own_cluster, figure):
    """It is given its name, its address and what all share; no address of another."""
    shop = own_cluster().wait_whole()
    before = shop.active()
    made = new_product(shop.owner())
    fourth = shop.join("till-4", without=("SERVER_A_URL", "SERVER_B_URL", "SERVER_C_URL", "OWNER_EMAIL", "OWNER_PASSWORD"))
    fourth.wait_ready()
    began = time.monotonic()
    until(lambda: all((node.member("till-4") or {}).get("state") == "alive" for node in shop.nodes), promised(1), "the fourth node in all views")
    figure("a fourth node, ready until alive for all", f"{time.monotonic() - began:.2f} s")
    shop.wait_whole()
    assert shop.active() == before
    owner = shop.owner(3, follow=True)
    assert owner.get("/products/" + made["id"]).json() == made
    second = new_product(owner)
    for which in range(3):
        assert shop.client(which).get("/products/" + second["id"], headers={"Kieng-Token": owner.seen}).json() == second
    for node in shop.nodes[:3]:
        node.kill()
    assert shop.active(above=before[1])[0] is fourth
    new_product(shop.owner(3))
    check_duties_follow_epochs(shop.postgres)


def test_a_node_stopped_for_good_stays_listed(own_cluster):
    shop = own_cluster().wait_whole()
    shop[2].terminate()
    assert shop[2].process.wait(20) == 0
    for node in shop.nodes[:2]:
        until(lambda node=node: node.member("server-c")["state"] == "down", 10, "the node listed as down")
        assert node.status()["toleratesFailures"] == 1
    shop[1].kill()
    shop[1].start()
    shop[1].wait_ready()
    # Who starts later learns of it from the database, and says so too.
    until(lambda: (shop[1].member("server-c") or {}).get("state") == "down", 20, "the node that is gone, listed by one that never met it")

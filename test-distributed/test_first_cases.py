"""What Kiềng is, in four cases: three healthy nodes, one cluster with one active node, one catalogue, and a loss that nobody notices."""
from harness.people import new_product, unique
from harness.waiting import until


def test_health_check(cluster):
    cluster.wait_whole()
    for node in cluster.nodes:
        health = until(lambda node=node: (lambda seen: seen["status"] == "pass" and seen)(node.health()), 10, "health pass")
        assert health["serverId"] == node.name
        assert health["ready"] is True
        assert health["accepts"] == {"reads": True, "writes": True}
        assert health["scope"] is None
    assert len({node.health()["boot"] for node in cluster.nodes}) == 3
    assert sorted(node.health()["role"] for node in cluster.nodes) == ["active", "standby", "standby"]


def test_cluster_status(cluster):
    cluster.wait_whole()
    active, epoch = cluster.active()
    for which, node in enumerate(cluster.nodes):
        status = cluster.client(which).get("/api/cluster/status").json()
        assert status["status"] == "pass" and status["warnings"] == []
        assert status["asSeenBy"] == node.name
        assert (status["active"]["id"], status["epoch"]) == (active.name, epoch)
        assert status["toleratesFailures"] == 2
        assert {one["id"]: one["role"] for one in status["members"]} == \
            {one.name: "active" if one is active else "standby" for one in cluster.nodes}
        assert {one["state"] for one in status["members"]} == {"alive"}
    assert cluster.nodes[0].status()["matrix"] == \
        {one.name: {other.name: "alive" for other in cluster.nodes if other is not one} for one in cluster.nodes}


def test_data_sync(cluster):
    """Written on one node, read on the others: pushed to them, and never older than what the writer's token names."""
    cluster.wait_whole()
    writer = cluster.owner(0, follow=True)
    before = [node.metric("kieng_http_requests_total", route="/api/sync/receive", status="200") for node in cluster.nodes]
    made = new_product(writer, name="Áo sơ mi trắng " + unique())
    for which in (1, 2):
        answer = cluster.client(which).get("/products/" + made["id"], headers={"Kieng-Token": writer.seen})
        assert answer.status == 200
        assert answer.json() == made
    for price in (2000, 3000):
        for which in (1, 2):
            assert cluster.client(which).get("/products/" + made["id"]).status == 200  # so that it lies in their caches
        changed = writer.patch("/products/" + made["id"], {"price": price}, version=price // 1000 - 1)
        assert changed.status == 200
        for which in (1, 2):
            until(lambda which=which: cluster.client(which).get("/products/" + made["id"]).json()["price"] == price, 5,
                  "the new price without a token")
    for which in (1, 2):
        until(lambda which=which: cluster[which].metric("kieng_http_requests_total", route="/api/sync/receive", status="200")
              > before[which], 5, "a push from the writer's node")


def test_failover(own_cluster):
    """The active node is killed: another becomes active, reads and writes go on, and it comes back as one of them."""
    shop = own_cluster()
    shop.wait_whole()
    old, epoch = shop.active()
    before = new_product(shop.owner(0))
    old.kill()
    new, _ = shop.active(other_than=old.name, above=epoch)
    others = [node for node in shop.nodes if node is not old]
    assert new in others
    for node in others:
        which = shop.nodes.index(node)
        assert shop.client(which).get("/products/" + before["id"]).json() == before
        after = new_product(shop.owner(which))
        until(lambda node=node: node.member(old.name)["state"] == "down", 10, "the dead node listed as down")
    until(lambda: new.status()["toleratesFailures"] == 1, 5, "one failure less that can be borne")
    assert new.status()["status"] == "warn"
    old.start()
    old.wait_ready()
    shop.wait_whole()
    assert shop.client(shop.nodes.index(old)).get("/products/" + after["id"]).json() == after


def test_who_signs_in_on_one_node_is_signed_in_on_all(cluster):
    answer = cluster.client(0).post("/auth/login", {"email": cluster.owner_email, "password": cluster.owner_password})
    assert answer.status == 200
    signed_in = answer.json()
    for which in (1, 2):
        me = cluster.client(which, signed_in["accessToken"]).get("/auth/me")
        assert me.status == 200
        assert me.json() == signed_in["user"]

"""What Kiềng is, in four cases: three healthy nodes, one catalogue, one sign-in, and a loss that nobody notices."""
from harness.people import new_product, unique
from harness.waiting import until


def test_three_nodes_are_healthy(cluster):
    for node in cluster.nodes:
        health = until(lambda node=node: (lambda seen: seen["status"] == "pass" and seen)(node.health()), 10, "health pass")
        assert health["serverId"] == node.name
        assert health["ready"] is True
        assert health["accepts"] == {"reads": True, "writes": True}
    assert len({node.health()["boot"] for node in cluster.nodes}) == 3


def test_a_product_made_on_one_node_is_read_on_the_others_at_once(cluster):
    made = new_product(cluster.owner(0), name="Áo sơ mi trắng " + unique())
    for which in (1, 2):
        answer = cluster.client(which).get("/products/" + made["id"])
        assert answer.status == 200
        assert answer.json() == made


def test_who_signs_in_on_one_node_is_signed_in_on_all(cluster):
    answer = cluster.client(0).post("/auth/login", {"email": cluster.owner_email, "password": cluster.owner_password})
    assert answer.status == 200
    signed_in = answer.json()
    for which in (1, 2):
        me = cluster.client(which, signed_in["accessToken"]).get("/auth/me")
        assert me.status == 200
        assert me.json() == signed_in["user"]


def test_one_node_dies_and_the_others_sell_on(own_cluster):
    shop = own_cluster()
    before = new_product(shop.owner(0))
    shop[0].kill()
    for which in (1, 2):
        shop[which].wait_ready(10)
        assert shop.client(which).get("/products/" + before["id"]).status == 200
        assert new_product(shop.owner(which))["version"] == 1
    after = new_product(shop.owner(1))
    shop[0].start()
    shop[0].wait_ready()
    assert shop.client(0).get("/products/" + after["id"]).json() == after

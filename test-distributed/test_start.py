"""What a node does at its start when PostgreSQL does not let it in, and how many nodes one PostgreSQL takes."""

import uuid

import pytest

from harness.waiting import until

FIVE = ("server-a", "server-b", "server-c", "server-d", "server-e")


def names_on(shop, node):
    return [category["name"] for category in shop.client(node).get("/categories").json()["items"]]


def read_of_nothing_known(node):
    """The status of a read that only PostgreSQL can answer."""
    return node.ask(f"/products/{uuid.uuid4()}", timeout=10)[0]


def test_five_nodes_fit_on_a_postgresql_as_it_comes(own_cluster):
    """max_connections is 100 where nobody changed it; nodes four and five are not named on the others."""
    settings = {f"SERVER_{letter}_URL": None for letter in "DE"}
    shop = own_cluster(names=FIVE, settings=settings, postgres_settings={"max_connections": 100})
    for node in shop.nodes:
        assert shop.client(node.name).get("/products").status == 200, node.name
    owner = shop.owner()
    name = owner.post("/categories", {"name": "Nước mắm"}).json()["name"]
    for node in shop.nodes:
        until(lambda node=node: name in names_on(shop, node.name), 5, f"the category on {node.name}")
    held = shop.postgres.query("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", shop.postgres.user)[0][0]
    assert held <= 80, f"{held} connections for five nodes"


@pytest.mark.parametrize("setting, value, said", [
    ("DB_PASSWORD", "not the password", "does not accept the password of user"),
    ("DB_NAME", "no_such_shop", 'has no database "no_such_shop"'),
    ("DB_USER", "nobody_known", 'user "nobody_known"'),
])
def test_a_node_that_postgresql_will_never_let_in_says_so_and_ends(own_cluster, setting, value, said):
    shop = own_cluster(names=("server-a",))
    node = shop[0]
    node.terminate()
    node.process.wait(30)
    node.settings[setting] = value
    node.start()
    node.process.expected_end = True
    node.process.wait(30)
    assert node.process.popen.returncode == 1
    text = node.log_text()
    assert said in text and "kieng-node: PostgreSQL at 127.0.0.1" in text, text
    assert shop.postgres.password not in text and "not the password" not in text


def test_a_node_that_was_let_in_once_waits_for_its_password_to_be_good_again(own_cluster):
    """Rotating a password is done in two places; a node in between must not give up."""
    shop = own_cluster(names=("server-a",))
    user = shop.postgres.user
    shop.postgres.query(f"ALTER ROLE {user} PASSWORD 'another one for a while'")
    shop.postgres.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s", user)
    until(lambda: read_of_nothing_known(shop[0]) == 503, 15, "the loss of the database")
    assert shop[0].process.alive
    shop.postgres.query(f"ALTER ROLE {user} PASSWORD '{shop.postgres.password}'")
    until(lambda: read_of_nothing_known(shop[0]) == 404, 15, "the return of the database")

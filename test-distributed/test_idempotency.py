"""The same request has its effect once, however often it is sent and wherever, also when a node dies over it."""
import concurrent.futures
import json
import time

import pytest

from harness.client import Client, with_query
from harness.load import Load, Writer, check_each_write_is_there_once, settle
from harness.people import new_address, new_category, new_product, unique
from harness.waiting import until


def post_until_certain(client, path, body, key, waits):
    """What a client library does: `in_progress` says that a twin is at work, so ask again when told to."""
    while True:
        answer = client.post(path, body, key=key)
        if answer.code != "in_progress":
            return answer
        waits.append(answer.json()["retry"]["afterMs"])
        time.sleep(waits[-1] / 1000)


def test_a_hundred_equal_posts_over_three_nodes_make_one_product(cluster, people, figure):
    key, body, waits = "hundred-" + unique(), {"name": unique("hundred"), "price": 5}, []
    token = people.one("manager").access

    def one(number):
        client = Client(cluster[number % 3].port, token, timeout=30)
        try:
            return post_until_certain(client, "/products", body, key, waits)
        finally:
            client.close()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(one, range(100)))
    assert {one.status for one in answers} == {201}
    assert len({one.body for one in answers}) == 1, "a hundred equal answers"
    assert len({one.header("Location") for one in answers}) == 1
    assert sum(one.header("Idempotency-Replayed") is None for one in answers) == 1, "exactly one did it, the others repeat"
    assert cluster.postgres.query("SELECT count(*) FROM products WHERE name = %s", body["name"]) == [(1,)]
    figure("100 equal POSTs over three nodes: told in_progress first", len(waits))


def test_a_repeat_on_another_node_says_that_it_is_one(cluster, people):
    key, body = "repeat-" + unique(), {"name": unique("repeat"), "price": 5}
    first = people.client("manager", 0).post("/products", body, key=key)
    assert first.status == 201 and first.header("Idempotency-Replayed") is None
    for which in (0, 1, 2):
        again = people.client("manager", which).post("/products", body, key=key)
        assert (again.status, again.body) == (201, first.body)
        assert again.header("Idempotency-Replayed") == "true"
        assert again.header("Location") == first.header("Location")


def test_the_stored_answer_stays_when_the_product_has_changed(cluster, people):
    key, body = "changed-" + unique(), {"name": unique("changed"), "price": 5}
    manager = people.client("manager", 0)
    first = manager.post("/products", body, key=key)
    manager.patch("/products/" + first.json()["id"], {"price": 6}, version=1)
    assert people.client("manager", 1).post("/products", body, key=key).body == first.body
    manager.delete("/products/" + first.json()["id"])
    assert people.client("manager", 2).post("/products", body, key=key).body == first.body
    assert manager.get("/products/" + first.json()["id"]).status == 404


def test_a_key_belongs_to_one_request(cluster, people):
    key, body = "reused-" + unique(), {"name": unique("reused"), "price": 5}
    manager = people.client("manager", 0)
    made = manager.post("/products", body, key=key).json()
    others = [("POST", "/products", {**body, "price": 6}), ("POST", "/categories", {"name": unique()}), ("DELETE", "/products/" + made["id"], None),
              ("PATCH", "/products/" + made["id"], {"price": 6, "version": 1})]
    for which, (method, path, other) in enumerate(others):
        answer = people.client("manager", which % 3).request(method, path, json=other, key=key)
        assert (answer.status, answer.code) == (422, "idempotency_key_reused"), (method, path)
    assert manager.get("/products/" + made["id"]).json() == made


def test_a_refused_request_gives_its_key_back(cluster, people):
    key, name = "refused-" + unique(), unique("refused")
    taken = new_product(people.client("manager"))
    for body, code in (({"name": name, "price": -1}, "validation_failed"), ({"name": name, "price": 1, "slug": taken["slug"]}, "slug_taken")):
        assert people.client("manager", 0).post("/products", body, key=key).code == code
    assert people.client("customer", 1).post("/products", {"name": name, "price": 1}, key=key).code == "forbidden"
    good = people.client("manager", 1).post("/products", {"name": name, "price": 1}, key=key)
    assert good.status == 201 and good.header("Idempotency-Replayed") is None


def test_keys_of_different_callers_are_apart(cluster, people):
    key, name = "shared-key-" + unique(), unique("apart")
    other = people.new("manager")
    first = people.client("manager", 0).post("/products", {"name": name, "price": 1}, key=key)
    second = other.client(cluster[1]).post("/products", {"name": name, "price": 1}, key=key)
    assert (first.status, second.status) == (201, 201)
    assert first.json()["id"] != second.json()["id"] and second.header("Idempotency-Replayed") is None


@pytest.mark.parametrize("key", ["a" * 16, "a" * 100, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", '"0193a1b2-8c9d-7e0f"'], ids=["shortest", "longest", "all marks", "quoted"])
def test_keys_of_every_allowed_form_are_taken(key, cluster, people):
    account = people.new("manager")
    body = {"name": unique("form"), "price": 1}
    first = account.client(cluster[0]).post("/products", body, key=key)
    again = account.client(cluster[1]).post("/products", body, key=key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)


@pytest.mark.parametrize("key", ["a" * 15, "a" * 101, "a b c d e f g h i j", "khóa-chống-lặp-không-ascii", "tab\tinside-the-key-x"], ids=["15", "101", "spaces", "not ASCII", "tab"])
def test_keys_of_other_forms_are_refused(key, cluster, people):
    answer = people.client("manager", 0, check=False).post("/products", {"name": "x", "price": 1}, headers={"Idempotency-Key": key.encode()})
    assert (answer.status, answer.code) == (400, "idempotency_key_invalid")


def test_every_keyed_write_repeats(cluster, people):
    """Not POST alone: each kind of write that takes a key, sent to all three nodes, happens once."""
    manager, owner = people.client("manager", 0), cluster.owner(0)
    account = people.new("customer")
    product, category, doomed = new_product(manager), new_category(manager), new_product(manager)
    address = new_address(account.client(cluster[0]))
    address_body = {"recipient": "Hoa", "phone": "0912345678", "line1": "x", "province": "Huế", "version": 1}
    email = unique() + "@e.vn"
    writes = [
        (manager, "PATCH", "/products/" + product["id"], {"price": 7, "version": 1}), (manager, "PUT", "/products/" + product["id"], {"name": "y", "price": 8, "version": 2}),
        (manager, "DELETE", "/products/" + doomed["id"], None), (manager, "POST", "/categories", {"name": unique("cat")}), (manager, "PATCH", "/categories/" + category["id"], {"name": "z", "version": 1}),
        (manager, "PUT", "/categories/" + category["id"], {"name": "w", "version": 2}), (manager, "DELETE", "/categories/" + category["id"], None),
        (account.client(cluster[0]), "POST", "/auth/me/addresses", {"recipient": "A", "phone": "0912345678", "line1": "x", "province": "Huế"}),
        (account.client(cluster[0]), "PUT", "/auth/me/addresses/" + address["id"], address_body), (account.client(cluster[0]), "DELETE", "/auth/me/addresses/" + address["id"], None),
        (account.client(cluster[0]), "PATCH", "/auth/me", {"firstName": "Hoa", "version": 1}), (owner, "POST", "/users", {"email": email, "role": "cashier", "password": "muoi hai con giap"}),
        (owner, "PATCH", "/users/" + account.id, {"lastName": "T", "version": 2}), (owner, "DELETE", "/users/" + account.id, None),
    ]
    for client, method, path, body in writes:
        key = "each-" + unique()
        first = client.request(method, path, json=body, key=key)
        assert first.status in (200, 201, 204), first
        for which in (1, 2):
            again = Client(cluster[which].port, client.token).request(method, path, json=body, key=key)
            assert (again.status, again.body, again.header("Idempotency-Replayed")) == (first.status, first.body, "true"), (method, path)
    assert manager.get("/products/" + product["id"]).json()["version"] == 3
    assert len(cluster.owner(1).get(with_query("/users", q=email)).json()["items"]) == 1


def test_register_repeats_with_fresh_tokens_and_stores_no_secret(cluster):
    key, body = "register-" + unique(), {"email": unique() + "@e.vn", "password": "muoi hai con giap"}
    first, again = (cluster.client(which).post("/auth/register", body, key=key) for which in (0, 1))
    assert (first.status, again.status) == (201, 201)
    assert first.json()["user"] == again.json()["user"] and again.header("Idempotency-Replayed") == "true"
    assert first.json()["refreshToken"] != again.json()["refreshToken"]
    assert cluster.client(2, again.json()["accessToken"]).get("/auth/me").status == 200
    wrong = cluster.client(2).post("/auth/register", {**body, "password": "another password"}, key=key)
    assert (wrong.status, wrong.code) == (422, "idempotency_key_reused"), "the key alone must not sign anybody in"
    stored = json.dumps(cluster.postgres.query("SELECT row_to_json(r)::text FROM requests r"), default=str)
    for secret in (first.json()["accessToken"], first.json()["refreshToken"], again.json()["refreshToken"], body["password"]):
        assert secret not in stored


def test_a_made_password_is_shown_once(cluster):
    key, body = "made-password-" + unique(), {"email": unique() + "@e.vn", "role": "cashier"}
    first, again = (cluster.owner(which).post("/users", body, key=key) for which in (0, 1))
    assert (first.status, again.status) == (201, 201)
    assert "initialPassword" in first.json() and "initialPassword" not in again.json()
    assert again.json()["id"] == first.json()["id"]


def test_a_node_dies_amid_two_hundred_writes_and_each_is_there_once(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    load = Load()
    for worker in range(6):
        load.add(Writer(load, shop[worker % 3], token))
    with load:
        load.acknowledged(60)
        shop[0].kill()
        until(lambda: load.check() or len(load.history.select("write", "ok")) >= 200, 60, "200 acknowledged writes")
    unknown = len(load.history.select("write", "unknown"))
    settle(load.history, shop.nodes[1:], token)
    check_each_write_is_there_once(load.history, shop.postgres)
    # Asked again, acknowledged ones too: nothing comes twice.
    client = shop.client(1, token)
    for operation in load.history.select("write", "ok")[:50]:
        assert client.post("/products", {"name": operation.key, "price": 1000}, key=operation.key).header("Idempotency-Replayed") == "true"
    check_each_write_is_there_once(load.history, shop.postgres)
    figure("writes when a node was killed", f"{len(load.history.select('write'))} sent, {unknown} of unknown outcome, all there once")

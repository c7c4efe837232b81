"""Orders over three nodes: the last unit, the same order again and again, prices that change, and whose orders they are."""
import collections
import threading
import uuid

import pytest

from harness.client import Client
from harness.people import People
from harness.selling import line, new_goods, new_key, order_of, place, sell, step, stock_of, version_of
from harness.waiting import NoAnswer, until

BUYERS = 64
TIMES = 100


def at_once(works):
    """Runs them all at the same time and returns what they returned."""
    out = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(index):
        ready.wait(30)
        out[index] = works[index]()
    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return out


@pytest.fixture
def manager(people):
    client = people.client("manager")
    yield client
    client.close()


@pytest.fixture
def customer(people):
    client = people.client("customer", 1)
    yield client
    client.close()


def orders_of(cluster, product):
    return cluster.postgres.query("SELECT count(DISTINCT order_id) FROM order_lines WHERE product_id = %s", product["id"])[0][0]


def test_of_64_buyers_of_the_last_unit_exactly_one_gets_it(cluster, people, manager):
    product = new_goods(manager, 1)
    token = people.one("customer").access

    def buy(node):
        client = Client(node.port, token)
        answer = place(client, line(product))
        client.close()
        return answer.status, answer.code, answer.json()
    answers = at_once([lambda node=cluster[i % 3]: buy(node) for i in range(BUYERS)])
    ends = collections.Counter((status, code) for status, code, _ in answers)
    assert ends == {(202, None): 1, (409, "insufficient_stock"): BUYERS - 1}
    for status, _, body in answers:
        if status == 409:
            (item,) = body["items"]
            assert (item["productId"], item["requested"], item["available"]) == (product["id"], 1, 0)
            assert body["committed"] == "no"
    assert stock_of(manager, product) == (1, 1)
    assert orders_of(cluster, product) == 1


def test_two_lines_of_one_variant_that_together_exceed_the_stock_are_refused(manager, customer):
    product = new_goods(manager, 5)
    both = [line(product, 3), {**line(product, 3), "productId": product["id"], "variantId": product["variants"][0]["id"]}]
    refused = place(customer, *both)
    assert (refused.status, refused.code) == (409, "insufficient_stock")
    assert refused.json()["items"][0]["requested"] == 6
    assert stock_of(manager, product) == (5, 0)
    both[1]["quantity"] = 2
    assert place(customer, *both).status == 202
    assert stock_of(manager, product) == (5, 5)


def test_a_changed_price_refuses_the_order_and_the_same_key_takes_the_new_one(manager, customer):
    phone = new_goods(manager, 5, price=25_000_000)
    key = new_key()
    cheap = place(customer, line(phone, expectedPrice=1_000), key=key)
    assert (cheap.status, cheap.code) == (409, "price_changed")
    (item,) = cheap.json()["items"]
    assert (item["expectedPrice"], item["currentPrice"]) == (1_000, 25_000_000)
    changed = manager.patch("/products/" + phone["id"], {"price": 24_000_000, "version": phone["version"]})
    assert changed.status == 200
    old = place(customer, line(phone), key=key)
    (item,) = old.json()["items"]
    assert (item["currentPrice"], item["currentPriceVersion"]) == (24_000_000, phone["priceVersion"] + 1)
    taken = place(customer, line(changed.json(), 5), key=key)
    assert (taken.status, taken.json()["order"]["total"]) == (202, 120_000_000)
    for language, word in (("vi", "Giá"), ("en", "cost")):
        answer = customer.post("/orders", order_of(line(phone)), key=new_key(), headers={"Accept-Language": language})
        assert word in answer.json()["detail"]


def test_what_is_archived_is_not_for_sale_but_stays_in_its_orders(manager, customer):
    product = new_goods(manager, 5)
    made = place(customer, line(product)).json()
    assert manager.patch("/products/" + product["id"], {"status": "archived", "version": product["version"]}).status == 200
    assert place(customer, line(product)).code == "product_unavailable"
    assert place(customer, line({**product, "id": str(uuid.uuid4())})).code == "product_unavailable"
    shown = manager.get("/orders/" + made["orderId"] + "?expand=items.product").json()
    assert shown["items"][0]["name"] == product["name"]
    assert shown["items"][0]["product"]["forSale"] is False


def test_others_orders_are_not_there(people, cluster, manager):
    product = new_goods(manager, 50)
    a, b = people.new("customer").client(cluster[0]), people.new("customer").client(cluster[1])
    made = place(a, line(product)).json()
    path = "/orders/" + made["orderId"]
    for answer in (b.get(path), b.get(path + "/status"), step(b, made["orderId"], "cancel")):
        assert (answer.status, answer.code) == (404, "not_found")
    assert b.get("/orders").json()["items"] == []
    assert [one["id"] for one in a.get("/orders").json()["items"]] == [made["orderId"]]
    assert a.get("/orders?customer=" + b.get("/auth/me").json()["id"]).json()["items"] == []
    for name in ("confirm", "process", "ship", "deliver", "return", "refund"):
        assert step(a, made["orderId"], name).code == "forbidden", name
    assert place(a, line(product), customer={"name": "x"}, note="y").status == 202
    for more in ({"total": 1}, {"status": "paid"}, {"userId": "x"}, {"price": 1}):
        assert a.post("/orders", {**order_of(line(product)), **more}, key=new_key()).code == "validation_failed"
    # The same key of two people is two orders.
    key = new_key()
    assert place(a, line(product), key=key).json()["orderId"] != place(b, line(product), key=key).json()["orderId"]


def test_a_guest_keeps_a_token_and_sees_its_own_orders(cluster, manager):
    product = new_goods(manager, 50)
    guest = cluster.client(0)
    key = new_key()
    first = place(guest, line(product), key=key)
    token = first.json()["guestToken"]
    again = place(cluster.client(2), line(product), key=key)
    assert again.body == first.body and again.header("Idempotency-Replayed") == "true"
    path = "/orders/" + first.json()["orderId"]
    mine = {"Kieng-Guest": token}
    assert guest.get(path, headers=mine).status == 200
    assert guest.get(path).code == "not_found"
    assert guest.get(path, headers={"Kieng-Guest": token[:-1] + ("A" if token[-1] != "A" else "B")}).code == "token_invalid"
    second = guest.post("/orders", order_of(line(product)), key=new_key(), headers=mine)
    assert second.status == 202 and "guestToken" not in second.json()
    assert len(guest.get("/orders", headers=mine).json()["items"]) == 2
    stranger = place(guest, line(product)).json()["guestToken"]
    assert stranger != token
    assert step(guest, first.json()["orderId"], "cancel", headers={"Kieng-Guest": stranger}).code == "not_found"
    assert step(guest, first.json()["orderId"], "cancel", headers=mine).json()["status"] == "cancelled"
    named = {**order_of(line(product)), "version": version_of("guest")}
    assert guest.post("/orders", named).status == 202
    assert guest.post("/orders", {**order_of(line(product)), "version": version_of("somebody")}).code == "forbidden"


def test_a_counter_sale_beyond_the_book_puts_the_book_right(people, cluster, manager):
    product = new_goods(manager, 1)
    cashier = people.client("cashier", 2)
    refused = sell(cashier, line(product, 3), overStock=False)
    assert refused.code == "insufficient_stock"
    assert sell(cashier, line(product, 3)).status == 201
    assert stock_of(manager, product) == (0, 0)
    rows = cluster.postgres.query("SELECT kind, qty_delta FROM stock_movements WHERE variant_id = %s ORDER BY at, id", product["variants"][0]["id"])
    assert [tuple(row) for row in rows] == [(1, 1), (7, 2), (4, -3)]
    cashier.close()


def test_an_order_whose_time_is_over_ends_by_itself(cluster, manager, customer):
    product = new_goods(manager, 2)
    made = place(customer, line(product, 2)).json()
    assert place(customer, line(product)).code == "insufficient_stock"
    cluster.postgres.query("UPDATE reservations SET expires_at = now() WHERE order_id = %s", made["orderId"])
    cluster.postgres.query("UPDATE orders SET expires_at = now() WHERE id = %s", made["orderId"])
    until(lambda: customer.get(made["statusUrl"]).json()["status"] == "cancelled", 15, "the order to end")
    assert customer.get(made["statusUrl"]).json()["reason"] == "reservation_expired"
    assert stock_of(manager, product) == (2, 0)
    assert cluster.postgres.query("SELECT count(*) FROM order_history WHERE order_id = %s AND to_status = 8", made["orderId"])[0][0] == 1
    assert place(customer, line(product)).status == 202


def test_the_same_order_a_hundred_times_while_a_node_dies_is_one_order(own_cluster):
    cluster = own_cluster()
    people = People(cluster)
    manager, token = people.client("manager"), people.one("customer").access
    product = new_goods(manager, 1000)
    key, body = new_key(), order_of(line(product))
    gate = threading.Event()

    def send(index):
        """Until there is an answer that says what became of it, asking the next node each time."""
        for attempt in range(60):
            client = Client(cluster[(index + attempt) % 3].port, token, timeout=5)
            if index == TIMES // 2:
                gate.set()
            try:
                answer = client.post("/orders", body, key=key)
            except NoAnswer:
                continue
            finally:
                client.close()
            if answer.status == 202:
                return answer.body
            assert answer.status in (503, 409), answer
        return None

    def kill():
        gate.wait(30)
        cluster[0].kill()
    answers = at_once([lambda index=i: send(index) for i in range(TIMES)] + [kill])[:TIMES]
    assert len(set(answers)) == 1 and answers[0] is not None
    assert orders_of(cluster, product) == 1
    survivor = people.client("manager", 1)
    assert stock_of(survivor, product) == (1000, 1)

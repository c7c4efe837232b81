"""Stock from outside: what came in is there on every node, once, and what is told of it is true."""
import concurrent.futures
import os
import subprocess
import uuid

import pytest

from contract_stories_inventory import by_lots, line, new_goods, new_key, new_location, post, stock_of
from harness.client import Client
from harness.events import EventStream
from harness.node import binary
from harness.people import new_product, unique
from harness.waiting import until


@pytest.fixture
def managers(people):
    clients = [people.client("manager", which, follow=True) for which in range(3)]
    yield clients
    for client in clients:
        client.close()


def audit(cluster):
    """What kieng-node audit says, and its exit code."""
    node = cluster[0]
    environment = {"PATH": os.environ["PATH"], "HOME": node.folder, **{name: str(value) for name, value in node.settings.items() if value is not None}}
    done = subprocess.run([binary(), "audit"], env=environment, cwd=node.folder,
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def settle(cluster, call, orders):
    with_ids = "ARRAY[" + ",".join(f"'{one}'::uuid" for one in orders) + "]"
    return cluster.postgres.query(f"SELECT count(*) FROM {call}".replace("ORDERS", with_ids))


def hold(cluster, order, variant, quantity):
    """Holds goods as placing an order does; whether it has them."""
    rows = cluster.postgres.query(
        "SELECT count(*) FROM stock_hold(ARRAY[1], ARRAY[%s::uuid], ARRAY[%s::uuid], ARRAY[%s::bigint], (SELECT id FROM locations WHERE is_default), "
        "ARRAY[now() + interval '1 hour'], ARRAY[NULL::uuid], 'test') WHERE ord > 0", order, variant, quantity)
    return rows == [(0,)]


def test_concurrent_receipts_over_three_nodes_all_arrive(cluster, people, managers):
    goods = [new_goods(managers[0]) for _ in range(4)]
    token = people.one("manager").access

    def receive(number):
        client = Client(cluster[number % 3].port, token, timeout=30)
        turned = goods if number % 2 else goods[::-1]
        key = new_key()
        try:
            # A node that is short of time says so; the same key is the same receipt then.
            return until(lambda: (lambda answer: answer.status if answer.status != 503 else None)(
                client.post("/inventory/receipts", {"lines": [{"variantId": one, "quantity": 1} for one in turned]}, key=key)), what="the receipt")
        finally:
            client.close()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert set(pool.map(receive, range(48))) == {201}
    for client in managers:
        assert [stock_of(client, one) for one in goods] == [(48, 0, 48)] * 4
    numbers = cluster.postgres.query("SELECT count(*), count(DISTINCT number) FROM stock_documents")
    assert numbers[0][0] == numbers[0][1]
    assert cluster.postgres.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]


def test_the_same_receipt_over_three_nodes_is_one_receipt(cluster, people, managers):
    variant = new_goods(managers[0])
    key, token = new_key(), people.one("manager").access

    def receive(number):
        client = Client(cluster[number % 3].port, token, timeout=30)
        try:
            return until(lambda: (lambda answer: answer if answer.code != "in_progress" else None)(
                client.post("/inventory/receipts", line(variant, 5), key=key)), within=20, every=0.1, what="the receipt")
        finally:
            client.close()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(receive, range(24)))
    assert {one.status for one in answers} == {201} and len({one.body for one in answers}) == 1
    assert until(lambda: stock_of(managers[1], variant) == (5, 0, 5))


def test_one_unit_and_many_takers_on_three_nodes(cluster, people, managers):
    variant = new_goods(managers[0], 1)
    token = people.one("manager").access

    def take(number):
        client = Client(cluster[number % 3].port, token, timeout=30)
        try:
            return client.post("/inventory/supplier-returns", line(variant, 1), key=new_key()).status
        finally:
            client.close()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(take, range(36)))
    assert sorted(set(statuses)) == [201, 409] and statuses.count(201) == 1


def test_low_stock_is_told_once_per_crossing_and_only_to_who_may_know(cluster, people, managers):
    variant = new_goods(managers[0], 14)
    staff = EventStream(cluster[1].port, people.one("cashier").access)
    buyer = EventStream(cluster[2].port, people.one("customer").access)
    try:
        for node, quantity in enumerate((3, 1, 2)):  # 11, 10: crossed, 8
            post(managers[node], "destructions", line(variant, quantity))
        post(managers[0], "receipts", line(variant, 10))
        post(managers[1], "destructions", line(variant, 12))  # 6: crossed again

        def mine(stream, kind):
            return [one for one in list(stream.blocks) if one.event == kind and variant in one.data]
        until(lambda: len(mine(staff, "InventoryUpdatedEvent")) == 5, what="every change")
        until(lambda: len(mine(staff, "LowStock")) == 2, what="both crossings")
        assert "10" in mine(staff, "LowStock")[0].data and not mine(buyer, "LowStock") and not mine(buyer, "InventoryUpdatedEvent")
    finally:
        staff.close()
        buyer.close()


def test_a_count_goes_on_while_goods_come_and_go(cluster, managers):
    a, b = new_goods(managers[0], 20), new_goods(managers[0], 20)
    path = "counts/" + post(managers[0], "counts", {})["id"]
    post(managers[1], path + "/lines", line(a, 18), 200)
    post(managers[2], "receipts", line(a, 5))
    order = str(uuid.uuid4())
    assert hold(cluster, order, a, 3) and settle(cluster, "stock_commit(ORDERS, NULL, 'test')", [order]) == [(1,)]
    post(managers[2], "destructions", line(b, 4))
    post(managers[1], path + "/lines", line(b, 17), 200)  # counted behind it
    done = post(managers[2], path + "/finish", None, 200)
    assert [(one["expected"], one["difference"]) for one in done["lines"]] == [(20, -2), (16, 1)]
    assert [stock_of(managers[0], one)[0] for one in (a, b)] == [20, 17]


def test_the_first_to_expire_goes_first_and_the_expired_stays(cluster, managers):
    variant = by_lots(managers[0])
    for lot, quantity, day in (("LATE", 5, "2099-06-01"), ("SOON", 3, "2099-01-01"), ("GONE", 4, "2020-01-01")):
        post(managers[1], "opening-stock", line(variant, quantity, lot=lot, expiresOn=day))
    assert stock_of(managers[2], variant) == (12, 0, 8)
    assert not hold(cluster, str(uuid.uuid4()), variant, 9)
    order = str(uuid.uuid4())
    assert hold(cluster, order, variant, 4)
    lots = {one["lot"]: one["reserved"] for one in managers[0].get("/inventory/" + variant).json()["lots"]}
    assert lots == {"SOON": 3, "LATE": 1, "GONE": 0}
    (held,) = managers[1].get(f"/inventory/reservations?variantId={variant}").json()["items"]
    assert (held["orderId"], held["quantity"], held["state"]) == (order, 4, "held")
    settle(cluster, "stock_release(ORDERS, false, NULL, 'test')", [order])
    assert managers[1].get(f"/inventory/reservations?variantId={variant}").json()["items"] == []
    assert managers[1].get(f"/inventory/reservations?orderId={order}").json()["items"][0]["state"] == "released"


def test_goods_that_moved_stay_in_the_catalogue(managers):
    variant = new_goods(managers[0], 1)
    product = managers[0].get("/inventory/" + variant).json()["productId"]
    answer = managers[1].delete("/products/" + product)
    assert (answer.status, answer.code) == (409, "product_has_orders")
    assert managers[2].get("/inventory/" + variant).json()["name"], "its movements still say what they are of"
    product = new_product(managers[0], variants=[{"sku": unique("a"), "attributes": {"size": "S"}}, {"sku": unique("b"), "attributes": {"size": "M"}}])
    path, (first, second) = "/products/" + product["id"], [one["id"] for one in product["variants"]]
    post(managers[0], "receipts", line(second, 1))
    kept = managers[1].patch(path, {"variants": [{"id": first}]}, version=1)
    assert (kept.status, kept.code) == (409, "product_has_orders")
    assert managers[1].patch(path, {"variants": [{"id": second}]}, version=1).status == 200, "the other one has no past"


def test_every_write_of_stock_is_in_the_audit_log(cluster, managers):
    paper = post(managers[0], "receipts", line(new_goods(managers[0]), 2))
    place = new_location(managers[1])
    owner = cluster.owner(2)
    for entity, identity, action in (("stock_document", paper["id"], "stock.post"), ("location", place["id"], "location.create")):
        (entry,) = until(lambda: owner.get(f"/audit?entity={entity}&entityId={identity}").json()["items"])
        assert entry["action"] == action
    owner.close()


def test_the_counters_agree_with_the_ledger_and_a_wrong_one_is_named(cluster, managers):
    variant = new_goods(managers[0], 6)
    code, said = audit(cluster)
    assert code == 0 and "agree" in said, said
    cluster.postgres.query("UPDATE stock SET quantity = 7 WHERE variant_id = %s RETURNING 1", variant)
    try:
        code, said = audit(cluster)
        assert code == 1 and variant in said and "quantity is 7, the ledger says 6" in said, said
    finally:
        cluster.postgres.query("UPDATE stock SET quantity = 6 WHERE variant_id = %s RETURNING 1", variant)
    assert audit(cluster)[0] == 0

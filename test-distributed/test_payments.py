"""Money over three nodes and a gateway that misbehaves: every payment counts once, none is lost, and what comes too late goes back."""
import threading
import uuid

import pytest

from harness.client import Client
from harness.gateway import SECRET, Gateway, send_webhook, transfer
from harness.people import People, unique
from harness.selling import line, new_goods, new_key, place, step
from harness.waiting import until

SOON = 30.0


class Shop:
    """Three nodes, the gateway, and people."""

    def __init__(self, cluster, gateway):
        self.cluster = cluster
        self.gateway = gateway
        people = People(cluster)
        self.manager = people.client("manager")
        self.customer = people.client("customer", 1)

    def order(self, price=100000):
        answer = place(self.customer, line(new_goods(self.manager, 5, price=price)), method="mock")
        assert answer.status == 202, answer
        return answer.json()["orderId"]

    def pay(self, order, method="mock", client=None):
        answer = (client or self.customer).post(f"/orders/{order}/payments", {"method": method}, key=new_key())
        assert answer.status == 201, answer
        return answer.json()

    def payment(self, identity):
        return self.manager.get("/payments/" + identity).json()

    def status_of(self, order):
        return self.manager.get(f"/orders/{order}/status").json()["status"]

    def ends(self, payment, *wanted):
        def now():
            told = self.payment(payment["id"])
            return told if told["status"] in wanted else None
        return until(now, SOON, f"payment {payment['id']} to be {' or '.join(wanted)}")

    def events(self, payment, kind):
        rows = self.cluster.postgres.query("SELECT data->>'status' FROM outbox WHERE type = %s AND data->>'paymentId' = %s ORDER BY pos, seq",
                                           kind, payment["id"])
        return [row[0] for row in rows]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    from harness.cluster import Cluster
    gateway = Gateway(str(tmp_path_factory.mktemp("gateway")))
    with Cluster(settings=gateway.settings) as cluster:
        gateway.start(cluster.nodes)
        try:
            yield Shop(cluster, gateway)
        finally:
            gateway.stop()


@pytest.mark.parametrize("scenario", ["success", "slow", "lost_answer", "late", "double", "silent", "early", "authorize", "unavailable"])
def test_whatever_the_gateway_does_the_money_counts_once(shop, scenario):
    order = shop.order()
    shop.gateway.scenario(scenario, order)
    payment = shop.pay(order)
    told = shop.ends(payment, "completed")
    assert (told["captured"], told["refunded"]) == (100000, 0)
    assert shop.status_of(order) == "confirmed"
    assert shop.manager.get("/orders/" + order).json()["paid"] == 100000
    assert shop.events(payment, "PaymentCompletedEvent") == ["SUCCESS"]


def test_a_declined_attempt_leaves_the_order_open_for_another(shop):
    order = shop.order()
    shop.gateway.scenario("decline", order)
    told = shop.ends(shop.pay(order), "failed")
    assert told["failureCode"] == "insufficient_funds"
    assert shop.status_of(order) == "pending"
    shop.gateway.scenario("success", order)
    assert shop.ends(shop.pay(order), "completed")["attempt"] == 2
    assert shop.status_of(order) == "confirmed"


def test_four_declined_attempts_end_the_order(shop):
    order = shop.order()
    shop.gateway.scenario("decline", order)
    for _ in range(4):
        shop.ends(shop.pay(order), "failed")
    until(lambda: shop.status_of(order) == "cancelled", SOON, "the order to end")
    answer = shop.customer.post(f"/orders/{order}/payments", {"method": "mock"}, key=new_key())
    assert answer.code == "invalid_transition"


def test_second_thoughts_of_a_gateway_pay_the_order_that_still_waits(shop):
    order = shop.order()
    shop.gateway.scenario("second_thought", order)
    payment = shop.pay(order)
    shop.ends(payment, "failed")
    shop.ends(payment, "completed")
    assert shop.status_of(order) == "confirmed"


def test_money_for_an_order_that_has_ended_goes_back(shop):
    order = shop.order()
    shop.gateway.scenario("never", order)
    payment = shop.pay(order)
    shop.ends(payment, "processing")
    assert step(shop.customer, order, "cancel").status == 200
    shop.gateway.tell("/control/pay", {"reference": payment["reference"]})

    def gone_back():
        told = shop.payment(payment["id"])
        return told["refunded"] == 100000 and [one["status"] for one in told["refunds"]] == ["completed"]
    until(gone_back, SOON, "the money to go back")
    assert shop.status_of(order) == "cancelled"
    (booked,) = [one for one in shop.gateway.ask("/control/payments")["items"] if one["reference"] == payment["reference"]]
    assert booked["refunded"] == 100000


def test_an_order_cancelled_after_it_was_paid_gets_its_money_back_once(shop):
    order = shop.order()
    payment = shop.pay(order)
    shop.ends(payment, "completed")
    assert step(shop.manager, order, "cancel").status == 200

    def gone_back():
        told = shop.manager.get("/orders/" + order).json()
        return (told["refunded"], told["refundDue"], told["paymentStatus"]) == (100000, 0, "refunded")
    until(gone_back, SOON, "the money to go back")
    (only,) = shop.payment(payment["id"])["refunds"]
    assert (only["status"], only["automatic"], only["reason"]) == ("completed", True, "order_refund")


def test_an_order_cancelled_while_it_is_paid_for_takes_its_attempt_with_it(shop):
    order = shop.order()
    payment = shop.pay(order, "bank_transfer")
    assert step(shop.customer, order, "cancel").status == 200
    assert shop.ends(payment, "cancelled")["failureCode"] == "order_ended"


def test_a_wrong_amount_waits_for_a_person(shop):
    order = shop.order()
    shop.gateway.scenario("wrong_amount", order)
    told = shop.ends(shop.pay(order), "review")
    assert (told["captured"], told["failureCode"]) == (99999, "wrong_amount")
    assert shop.status_of(order) == "pending"


@pytest.mark.parametrize("scenario", ["success", "lost_refund"])
def test_refunds_reach_the_gateway_once(shop, scenario):
    order = shop.order()
    shop.gateway.scenario(scenario, order)
    payment = shop.pay(order)
    shop.ends(payment, "completed")
    path = f"/payments/{payment['id']}/refunds"
    key = new_key()
    asked = [shop.manager.post(path, {"amount": 30000, "reason": "vỡ"}, key=key) for _ in range(3)]
    assert {one.json()["id"] for one in asked} == {asked[0].json()["id"]}
    until(lambda: shop.payment(payment["id"])["refunds"][0]["status"] == "completed", SOON, "the refund")
    (booked,) = [one for one in shop.gateway.ask("/control/payments")["items"] if one["reference"] == payment["reference"]]
    assert booked["refunded"] == 30000
    assert shop.manager.get("/orders/" + order).json()["refunded"] == 30000
    assert shop.manager.post(path, {"amount": 70001, "reason": "vỡ"}, key=new_key()).code == "refund_too_large"


def test_a_declined_refund_is_free_to_be_tried_again(shop):
    order = shop.order()
    shop.gateway.scenario("refund_declined", order)
    payment = shop.pay(order)
    shop.ends(payment, "completed")
    shop.manager.post(f"/payments/{payment['id']}/refunds", {"reason": "vỡ"}, key=new_key())
    until(lambda: [one["status"] for one in shop.payment(payment["id"])["refunds"]] == ["failed"], SOON, "the refund to be declined")
    assert shop.payment(payment["id"])["refunded"] == 0


def test_the_same_transfer_told_to_all_nodes_at_once_counts_once(shop):
    order = shop.order()
    payment = shop.pay(order, "bank_transfer")
    event = transfer(payment, unique("bank"))
    told = []

    def tell(node):
        client = Client(node.port)
        told.append(send_webhook(client, "bank_transfer", event, shop.cluster.bank_secret).json()["status"])
        client.close()
    threads = [threading.Thread(target=tell, args=(shop.cluster[i % 3],)) for i in range(30)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(set(told)) == ["applied", "unchanged"] and told.count("applied") == 1
    assert shop.payment(payment["id"])["captured"] == 100000
    assert shop.events(payment, "PaymentCompletedEvent") == ["SUCCESS"]


def test_forged_old_and_strange_messages_change_nothing(shop):
    order = shop.order()
    payment = shop.pay(order, "bank_transfer")
    client = shop.cluster.client(0)
    secret = shop.cluster.bank_secret
    event = transfer(payment, unique("bank"))
    for options in ({"secret": SECRET}, {"secret": secret, "at": 1_700_000_000}, {"secret": secret, "signature": "t=1,v1=" + "0" * 64},
                    {"secret": secret, "signature": ""}, {"secret": secret, "signature": "nonsense"}):
        assert send_webhook(client, "bank_transfer", event, **options).code == "signature_invalid", options
    assert send_webhook(client, "bank_transfer", [event], secret).code == "validation_failed"
    assert send_webhook(client, "bank_transfer", {**event, "amount": "100000"}, secret).code == "validation_failed"
    assert shop.payment(payment["id"])["status"] == "pending"
    assert send_webhook(client, "bank_transfer", event, secret).json()["status"] == "applied"
    client.close()


def test_two_transfers_for_one_bill_leave_one_to_be_paid_back(shop):
    order = shop.order()
    payment = shop.pay(order, "bank_transfer")
    client = shop.cluster.client(1)
    for name in (unique("bank"), unique("bank")):
        assert send_webhook(client, "bank_transfer", transfer(payment, name), shop.cluster.bank_secret).json()["status"] == "applied"
    client.close()
    first, second = shop.manager.get(f"/orders/{order}/payments").json()["items"]
    assert (first["status"], second["status"], second["failureCode"], second["refunded"]) == ("completed", "review", "paid_twice", 100000)
    assert shop.manager.get("/orders/" + order).json()["paid"] == 100000


def test_a_node_that_dies_leaves_its_payments_to_the_others(own_cluster, tmp_path):
    gateway = Gateway(str(tmp_path))
    cluster = own_cluster(settings=gateway.settings)
    gateway.start(cluster.nodes[1:])
    try:
        shop = Shop(cluster, gateway)
        gateway.scenario("silent")
        customer = Client(cluster[0].port, shop.customer.token)
        payments = [shop.pay(shop.order(), client=customer) for _ in range(8)]
        cluster[0].kill()
        customer.close()
        shop.manager = Client(cluster[1].port, shop.manager.token)
        for payment in payments:
            assert shop.ends(payment, "completed")["captured"] == 100000
        assert len(gateway.ask("/control/payments")["items"]) == 8
        assert len({str(uuid.UUID(key)) for key in gateway.calls("create")}) == 8
    finally:
        gateway.stop()


def test_cash_of_a_counter_sale_falls_into_the_drawer_of_its_till(shop):
    cashier = People(shop.cluster).client("cashier", 2)
    till = unique("T")
    product = new_goods(shop.manager, 9, price=30000)

    def sell(**more):
        body = {"items": [line(product)], "payments": [{"method": "cash", "amount": 30000, "tendered": 50000}], "till": till, **more}
        return cashier.post("/pos/sales", body, key=new_key())
    assert sell().code == "no_open_session"
    opened = cashier.post("/cash-sessions", {"till": till, "openingFloat": 200000}, key=new_key()).json()
    sold = sell()
    assert (sold.status, sold.json()["change"]) == (201, 20000)
    (payment,) = shop.manager.get(f"/orders/{sold.json()['orderId']}/payments").json()["items"]
    assert (payment["cashSessionId"], payment["change"]) == (opened["id"], 20000)
    back = shop.manager.post(f"/payments/{payment['id']}/refunds", {"reason": "vỡ", "till": till}, key=new_key())
    assert (back.status, back.json()["status"]) == (201, "completed")
    assert sell().status == 201
    closed = cashier.post(f"/cash-sessions/{opened['id']}/close", {"notes": [{"value": 200000, "count": 1}, {"value": 10000, "count": 3}]},
                          key=new_key()).json()
    assert (closed["expected"], closed["difference"], closed["zNumber"]) == (230000, 0, 1)
    assert closed["sales"] == [{"method": "cash", "count": 2, "amount": 60000}]
    assert sell().code == "no_open_session"
    late = sell(offline=True, soldAt="2026-11-20T09:00:00Z")
    assert late.status == 201, late
    (recovered,) = shop.manager.get(f"/cash-sessions?till={till}&status=open").json()["items"]
    assert recovered["recovery"]
    cashier.close()

"""One story per operation of payments and drawers: called as it is meant to be, with what only this operation promises."""
import uuid

from harness.gateway import send_webhook, transfer
from harness.people import unique
from harness.selling import line, new_goods, new_key, place

STORIES = {}
# Bodies that would be fine if the id named something.
GOOD_BODIES = {"payOrder": {"method": "cod"}, "settlePayment": {}, "refundPayment": {"reason": "x"}, "settleRefund": {"succeeded": True},
               "moveCash": {"kind": "in", "amount": 1, "reason": "x"}, "closeCashSession": {"counted": 0}}


def story(run):
    STORIES[run.__name__] = run
    return run


def order(at, price=100000, client=None):
    answer = place(client or at.customer, line(new_goods(at.manager, 5, price=price)))
    assert answer.status == 202, answer
    return answer.json()["orderId"]


def pay(client, order_id, method="bank_transfer", **more):
    return client.post(f"/orders/{order_id}/payments", {"method": method, **more}, key=new_key())


def begun(at, **more):
    answer = pay(at.customer, order(at), **more)
    assert answer.status == 201, answer
    return answer.json()


def by_card(at, price=100000):
    answer = pay(at.manager, order(at, price), "card")
    assert answer.status == 201, answer
    return answer.json()


@story
def payOrder(at):
    mine = order(at)
    key = new_key()
    path, body = f"/orders/{mine}/payments", {"method": "bank_transfer"}
    answer = at.customer.post(path, body, key=key)
    assert answer.status == 201
    told = answer.json()
    assert (told["status"], told["amount"], told["attempt"]) == ("pending", 100000, 1)
    assert told["reference"] in told["nextAction"]["text"] and told["nextAction"]["svg"].startswith("<svg")
    assert answer.header("Location") == "/payments/" + told["id"]
    again = at.customer.post(path, body, key=key)
    assert again.body == answer.body and again.header("Idempotency-Replayed") == "true"
    second = at.customer.post(path, {"method": "cod"}, key=new_key())
    assert (second.code, second.json()["paymentId"]) == ("payment_pending", told["id"])
    assert pay(at.customer, order(at), "cash").code == "forbidden"
    assert pay(at.customer, order(at), "mock").faults == {("/method", "not_one_of")}
    assert pay(at.anyone, mine).code == "not_found"


@story
def listPaymentsOfOrder(at):
    made = begun(at)
    path = f"/orders/{made['orderId']}/payments"
    assert [one["id"] for one in at.customer.get(path).json()["items"]] == [made["id"]]
    assert at.anyone.get(path).code == "not_found"


@story
def listPayments(at):
    first, second = begun(at), begun(at)
    page = at.manager.get("/payments?limit=1&status=pending&method=bank_transfer").json()
    assert page["items"][0]["id"] == second["id"]
    rest = at.manager.get(f"/payments?limit=1&status=pending&method=bank_transfer&cursor={page['nextCursor']}").json()
    assert rest["items"][0]["id"] == first["id"]
    assert at.manager.get(f"/payments?status=failed&cursor={page['nextCursor']}").code == "cursor_invalid"
    assert at.customer.get("/payments").code == "forbidden"


@story
def getPayment(at):
    made = begun(at)
    assert at.customer.get("/payments/" + made["id"]).json() == made
    assert at.anyone.get("/payments/" + made["id"]).code == "not_found"


@story
def cancelPayment(at):
    made = begun(at)
    path = f"/payments/{made['id']}/cancel"
    assert at.customer.post(path, key=new_key()).json()["status"] == "cancelled"
    assert at.customer.post(path, key=new_key()).code == "invalid_transition"
    assert pay(at.customer, made["orderId"], "cod").json()["attempt"] == 2


@story
def settlePayment(at):
    made = begun(at)
    path = f"/payments/{made['id']}/settle"
    assert at.customer.post(path, {}, key=new_key()).code == "forbidden"
    done = at.manager.post(path, {"reference": "FT26325001"}, key=new_key()).json()
    assert (done["status"], done["captured"], done["providerRef"]) == ("completed", 100000, "FT26325001")
    assert at.customer.get(f"/orders/{made['orderId']}/status").json()["status"] == "confirmed"
    assert at.manager.post(path, {}, key=new_key()).code == "invalid_transition"


@story
def queryPayment(at):
    made = begun(at)
    assert at.manager.post(f"/payments/{made['id']}/query").status == 202
    assert at.customer.post(f"/payments/{made['id']}/query").code == "forbidden"


@story
def refundPayment(at):
    made = by_card(at)
    path = f"/payments/{made['id']}/refunds"
    part = at.manager.post(path, {"amount": 30000, "reason": "vỡ"}, key=new_key())
    assert (part.status, part.json()["amount"], part.json()["payment"]["refunded"]) == (201, 30000, 30000)
    beyond = at.manager.post(path, {"amount": 70001, "reason": "vỡ"}, key=new_key())
    assert (beyond.code, beyond.json()["refundable"]) == ("refund_too_large", 70000)
    rest = at.manager.post(path, {"reason": "vỡ"}, key=new_key()).json()
    assert (rest["amount"], rest["status"]) == (70000, "processing")


@story
def settleRefund(at):
    made = by_card(at)
    refund = at.manager.post(f"/payments/{made['id']}/refunds", {"amount": 40000, "reason": "vỡ"}, key=new_key()).json()
    path = f"/refunds/{refund['id']}/settle"
    assert at.manager.post(path, {"succeeded": True}, key=new_key()).json()["status"] == "completed"
    assert at.manager.post(path, {"succeeded": False}, key=new_key()).code == "invalid_transition"
    assert at.manager.get("/orders/" + made["orderId"]).json()["refunded"] == 40000


@story
def takeWebhook(at):
    made = begun(at)
    event = transfer(made, unique("bank"))
    secret = at.cluster.bank_secret
    assert send_webhook(at.anyone, "bank_transfer", event, "forged" * 8).code == "signature_invalid"
    told = [send_webhook(at.anyone, "bank_transfer", event, secret).json()["status"] for _ in range(2)]
    assert told == ["applied", "unchanged"]
    early = send_webhook(at.anyone, "bank_transfer", {**event, "id": unique("bank"), "description": "DH000101999999T1"}, secret)
    assert (early.status, early.json()["status"]) == (202, "stored")
    assert send_webhook(at.anyone, "fax", event, secret).code == "not_found"


@story
def takeVnpayNotice(at):
    answer = at.anyone.get("/payments/vnpay/ipn?vnp_TxnRef=1&vnp_SecureHash=" + "0" * 128)
    assert (answer.status, answer.json()["RspCode"]) == (200, "97")
    assert at.anyone.get("/payments/vnpay/ipn?other=1").code == "invalid_parameter"


def opened(at, opening=500000):
    client = at.people.client("cashier", 1)
    till = unique("T")
    answer = client.post("/cash-sessions", {"till": till, "openingFloat": opening}, key=new_key())
    assert answer.status == 201, answer
    return client, till, answer


@story
def openCashSession(at):
    client, till, answer = opened(at)
    told = answer.json()
    assert (told["status"], told["report"], told["expected"]) == ("open", "X", 500000)
    assert answer.header("Location") == "/cash-sessions/" + told["id"]
    again = client.post("/cash-sessions", {"till": till, "openingFloat": 0}, key=new_key())
    assert (again.code, again.json()["sessionId"]) == ("session_already_open", told["id"])
    assert at.customer.post("/cash-sessions", {"till": till, "openingFloat": 0}, key=new_key()).code == "forbidden"


@story
def listCashSessions(at):
    client, till, answer = opened(at)
    assert [one["id"] for one in client.get(f"/cash-sessions?till={till}&status=open").json()["items"]] == [answer.json()["id"]]
    assert at.manager.get(f"/cash-sessions?till={till}&status=closed").json()["items"] == []
    assert client.get("/cash-sessions?status=lost").code == "invalid_parameter"


@story
def getCashSession(at):
    client, _, answer = opened(at)
    path = "/cash-sessions/" + answer.json()["id"]
    assert client.get(path).json() == answer.json()
    assert at.manager.get(path).status == 200
    assert at.people.new("cashier").client(at.cluster[0]).get(path).code == "not_found"


@story
def moveCash(at):
    client, _, answer = opened(at)
    path = f"/cash-sessions/{answer.json()['id']}/movements"
    assert client.post(path, {"kind": "in", "amount": 100000, "reason": "tiền lẻ"}, key=new_key()).json()["expected"] == 600000
    out = client.post(path, {"kind": "out", "amount": 350000, "reason": "nộp ngân hàng"}, key=new_key())
    assert (out.status, out.json()["expected"]) == (201, 250000)
    assert client.post(path, {"kind": "out", "amount": 250001, "reason": "x"}, key=new_key()).faults == {("/amount", "not_enough")}


@story
def closeCashSession(at):
    client, _, answer = opened(at)
    path = f"/cash-sessions/{answer.json()['id']}/close"
    far = client.post(path, {"counted": 100000}, key=new_key())
    assert (far.code, far.json()["difference"]) == ("difference_too_large", -400000)
    notes = [{"value": 200000, "count": 2}, {"value": 50000, "count": 1}]
    told = client.post(path, {"notes": notes, "note": "thiếu"}, key=new_key()).json()
    assert (told["report"], told["counted"], told["difference"], told["zNumber"]) == ("Z", 450000, -50000, 1)
    assert client.post(path, {"counted": 0}, key=new_key()).code == "no_open_session"
    assert client.post(f"/cash-sessions/{uuid.uuid4()}/close", {"counted": 0}, key=new_key()).code == "not_found"

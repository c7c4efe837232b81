"""One story per operation of orders: called as it is meant to be, with what only this operation promises."""
from harness.selling import line, new_goods, new_key, place, sell, step, version_of

STORIES = {}


def story(run):
    STORIES[run.__name__] = run
    return run


def goods(at, **fields):
    return new_goods(at.manager, 20, **fields)


def taken(at, client=None, **other):
    answer = place(client or at.customer, line(goods(at)), **other)
    assert answer.status == 202, answer
    return answer.json()


@story
def placeOrder(at):
    product = goods(at, price=250000)
    key = new_key()
    answer = place(at.customer, line(product, 2), key=key, note="gọi trước")
    assert answer.status == 202
    told = answer.json()
    assert (told["status"], told["order"]["total"]) == ("pending", 500000)
    assert answer.header("Location") == "/orders/" + told["orderId"]
    assert told["statusUrl"] == f"/orders/{told['orderId']}/status"
    again = place(at.customer, line(product, 2), key=key, note="gọi trước")
    assert again.body == answer.body and again.header("Idempotency-Replayed") == "true"
    assert place(at.customer, line(product, 3), key=key).code == "idempotency_key_reused"
    assert at.customer.post("/orders", {"items": [line(product)], "payment": {"method": "cod"}}).code == "version_missing"
    me = at.customer.get("/auth/me").json()["id"]
    named = {"items": [line(product)], "payment": {"method": "cod"}, "version": version_of(me)}
    assert at.customer.post("/orders", named).status == 202
    assert at.customer.post("/orders", {**named, "version": version_of("somebody")}).code == "forbidden"
    assert at.customer.post("/orders", {**named, "version": "nonsense"}).code == "version_invalid"
    assert at.customer.post("/orders", named, key=new_key()).code == "version_ambiguous"


@story
def listOrders(at):
    made = taken(at)
    mine = at.customer.get("/orders?limit=1").json()
    assert mine["items"][0]["id"] == made["orderId"]
    assert at.manager.get(f"/orders?number={made['number'].lower()}").json()["items"][0]["id"] == made["orderId"]
    assert at.manager.get("/orders?status=delivered,cancelled&channel=online&limit=200").status == 200
    for wrong in ("?status=lost", "?channel=fax", "?from=yesterday", "?customer=7"):
        assert at.manager.get("/orders" + wrong).code == "invalid_parameter", wrong
    taken(at)
    first = at.customer.get("/orders?limit=1").json()
    assert at.customer.get(f"/orders?limit=1&cursor={first['nextCursor']}").json()["items"][0]["id"] == made["orderId"]
    assert at.customer.get(f"/orders?limit=1&status=pending&cursor={first['nextCursor']}").code == "cursor_invalid"
    assert at.anyone.get("/orders").json() == {"items": []}


@story
def getOrder(at):
    made = taken(at)
    path = "/orders/" + made["orderId"]
    assert at.customer.get(path).json() == made["order"]
    shown = at.manager.get(path + "?expand=items.product,payments,history").json()
    assert shown["items"][0]["product"]["price"] == 1000
    assert [one["to"] for one in shown["history"]] == ["created", "pending"]
    assert at.customer.get(path + "?expand=everything").code == "invalid_parameter"
    assert at.anyone.get(path).code == "not_found"


@story
def getOrderStatus(at):
    made = taken(at)
    told = at.customer.get(made["statusUrl"]).json()
    assert (told["status"], told["number"]) == ("pending", made["number"])
    assert told["next"] == ["paid", "confirmed", "cancelled", "failed"]


@story
def sellAtCounter(at):
    cashier = at.people.client("cashier", 1)
    product = goods(at, price=30000)
    answer = sell(cashier, line(product, 2), payments=[{"method": "cash", "amount": 60000, "tendered": 100000}])
    assert answer.status == 201, answer
    told = answer.json()
    assert (told["status"], told["change"], told["order"]["paymentStatus"]) == ("delivered", 40000, "paid")
    assert at.customer.post("/pos/sales", {"items": [line(product)]}, key=new_key()).code == "forbidden"
    assert sell(cashier, line(product), payments=[{"method": "cash", "amount": 1}]).code == "validation_failed"
    cashier.close()


@story
def cancelOrder(at):
    made = taken(at)
    done = step(at.customer, made["orderId"], "cancel", {"reason": "đổi ý"})
    assert (done.json()["status"], done.json()["reason"]) == ("cancelled", "đổi ý")
    refused = step(at.customer, made["orderId"], "cancel")
    assert (refused.code, refused.json()["from"], refused.json()["to"], refused.json()["allowed"]) == ("invalid_transition", "cancelled", "cancelled", [])


def through(at, *names):
    """An order on trust that staff took through these steps; the last answer."""
    made = taken(at, method="cod")
    for name in names:
        answer = step(at.manager, made["orderId"], name)
        assert answer.status == 200, answer
    return made["orderId"], answer.json()


@story
def confirmOrder(at):
    assert through(at, "confirm")[1]["status"] == "confirmed"
    assert step(at.customer, taken(at)["orderId"], "confirm").code == "forbidden"
    assert step(at.manager, taken(at)["orderId"], "confirm").code == "invalid_transition"


@story
def processOrder(at):
    assert through(at, "confirm", "process")[1]["status"] == "processing"


@story
def shipOrder(at):
    identity, order = through(at, "confirm", "process")
    stale = step(at.manager, identity, "ship", version=order["rowVersion"] + 1)
    assert (stale.code, stale.json()["currentVersion"]) == ("version_conflict", order["rowVersion"])
    done = step(at.manager, identity, "ship", {"carrier": "GHN", "trackingNumber": "A1"}, version=order["rowVersion"])
    assert (done.json()["status"], done.json()["fulfillmentStatus"]) == ("shipped", "shipped")


@story
def deliverOrder(at):
    assert through(at, "confirm", "process", "deliver")[1]["fulfillmentStatus"] == "delivered"


def sold(at):
    cashier = at.people.client("cashier", 1)
    answer = sell(cashier, line(goods(at), 2))
    cashier.close()
    assert answer.status == 201, answer
    return answer.json()["orderId"]


@story
def returnOrder(at):
    identity = sold(at)
    part = step(at.manager, identity, "return", {"items": [{"line": 1, "quantity": 1, "restock": False}]})
    assert (part.json()["status"], part.json()["items"][0]["returned"]) == ("delivered", 1)
    assert step(at.manager, identity, "return", {"items": [{"line": 1, "quantity": 2}]}).code == "return_too_large"
    assert step(at.manager, identity, "return").json()["status"] == "returned"


@story
def refundOrder(at):
    identity = sold(at)
    assert step(at.manager, identity, "refund", {"amount": 500, "reason": "trầy xước"}).json()["refundDue"] == 500
    assert step(at.manager, identity, "refund", {"amount": 5000}).code == "refund_too_large"
    assert step(at.customer, identity, "refund").code == "forbidden"

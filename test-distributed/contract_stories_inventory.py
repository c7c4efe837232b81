"""One story per operation of inventory: called as it is meant to be, with what only this operation promises."""
import uuid

from harness.people import new_product, unique

STORIES = {}


def story(run):
    STORIES[run.__name__] = run
    return run


def new_key():
    return "stock-" + uuid.uuid4().hex


def new_location(client, **fields):
    answer = client.post("/inventory/locations", {"name": unique("kho"), **fields}, key=new_key())
    assert answer.status == 201, answer
    return answer.json()


def new_goods(client, quantity=0):
    """The only variant of a new product, so much of it received."""
    variant = new_product(client)["variants"][0]["id"]
    if quantity:
        post(client, "receipts", line(variant, quantity))
    return variant


def line(variant, quantity, **more):
    return {"lines": [{"variantId": variant, "quantity": quantity, **more}]}


def post(client, what, body, status=201):
    answer = client.post("/inventory/" + what, body, key=new_key())
    assert answer.status == status, answer
    return answer.json()


def stock_of(client, variant):
    """(quantity, reserved, available) at the default location."""
    (only,) = client.get(f"/inventory?variantId={variant}").json()["items"]
    return only["quantity"], only["reserved"], only["available"]


@story
def listStock(at):
    variant = new_goods(at.manager, 4)
    untouched = new_goods(at.manager)
    items = at.manager.get("/inventory?limit=2").json()["items"]
    assert [one["variantId"] for one in items] == [untouched, variant]
    assert (items[0]["quantity"], items[0]["level"]) == (0, "out") and items[1]["level"] == "low"
    first = at.manager.get("/inventory?limit=1").json()
    second = at.manager.get(f"/inventory?limit=1&cursor={first['nextCursor']}").json()
    assert second["items"][0]["variantId"] == variant
    assert at.manager.get(f"/inventory?low=true&limit=1&cursor={first['nextCursor']}").code == "cursor_invalid"
    assert at.manager.get("/inventory?low=true&limit=1").json()["items"][0]["variantId"] == variant
    name = items[1]["name"]
    assert [one["variantId"] for one in at.manager.get(f"/inventory?q={name.upper()}").json()["items"]] == [variant]
    for wrong in ("?limit=0", "?variantId=7", "?low=maybe", f"?variantId={variant}&productId={variant}"):
        assert at.manager.get("/inventory" + wrong).code == "invalid_parameter", wrong
    assert at.customer.get("/inventory").code == "forbidden"
    assert at.people.client("cashier").get("/inventory").status == 200


@story
def listLowStock(at):
    variant = new_goods(at.manager, 3)
    found = at.manager.get(f"/inventory/low-stock?variantId={variant}").json()["items"]
    assert [one["level"] for one in found] == ["low"]
    post(at.manager, "receipts", line(variant, 30))
    assert at.manager.get(f"/inventory/low-stock?variantId={variant}").json()["items"] == []


@story
def listStockMovements(at):
    variant = new_goods(at.manager)
    paper = post(at.manager, "receipts", line(variant, 9, unitCost=700))
    (only,) = at.manager.get(f"/inventory/movements?variantId={variant}&kind=receive").json()["items"]
    assert (only["quantityDelta"], only["documentId"], only["unitCost"]) == (9, paper["id"], 700)
    assert only["node"] == paper["node"] and only["actorId"]
    (seen,) = at.people.client("cashier").get(f"/inventory/movements?variantId={variant}").json()["items"]
    assert "unitCost" not in seen
    assert at.manager.get(f"/inventory/movements?variantId={variant}&to={only['at']}").json()["items"] == []
    for wrong in ("?kind=gift", "?from=yesterday", "?productId=x"):
        assert at.manager.get("/inventory/movements" + wrong).code == "invalid_parameter", wrong


def by_lots(client):
    variant = new_goods(client)
    answer = client.patch("/inventory/" + variant, {"version": 1, "lotTracked": True}, key=new_key())
    assert answer.status == 200, answer
    return variant


@story
def listExpiringLots(at):
    variant = by_lots(at.manager)
    post(at.manager, "opening-stock", line(variant, 3, lot="GONE", expiresOn="2020-01-31"))
    items = at.manager.get("/inventory/expiring?limit=200").json()["items"]
    mine = [one for one in items if one["variantId"] == variant]
    assert [(one["lot"], one["expired"]) for one in mine] == [("GONE", True)]
    assert at.manager.get("/inventory/expiring?days=-1").code == "invalid_parameter"


@story
def listReservations(at):
    assert at.manager.get(f"/inventory/reservations?orderId={uuid.uuid4()}").json() == {"items": []}
    assert at.manager.get("/inventory/reservations?limit=5").status == 200
    assert at.manager.get("/inventory/reservations?orderId=7").code == "invalid_parameter"


@story
def listLocations(at):
    items = at.manager.get("/inventory/locations").json()["items"]
    assert items[0]["isDefault"] and sum(one["isDefault"] for one in items) == 1


@story
def createLocation(at):
    made = new_location(at.manager, code=unique("code"), address="12 Hàng Bạc")
    assert made["active"] and not made["isDefault"]
    again = at.manager.post("/inventory/locations", {"name": "Khác", "code": made["code"]}, key=new_key())
    assert (again.status, again.code) == (409, "slug_taken")
    assert at.people.client("warehouse").post("/inventory/locations", {"name": "Kho"}, key=new_key()).code == "forbidden"


@story
def getLocation(at):
    made = new_location(at.manager)
    assert at.manager.get("/inventory/locations/" + made["id"]).json() == made


@story
def editLocation(at):
    made = new_location(at.manager)
    path = "/inventory/locations/" + made["id"]
    edited = at.manager.patch(path, {"version": 1, "address": "Tân Bình"}, key=new_key()).json()
    assert (edited["address"], edited["version"]) == ("Tân Bình", 2)
    stale = at.manager.patch(path, {"version": 1, "address": None}, key=new_key())
    assert stale.code == "version_conflict" and stale.json()["conflicts"][0]["theirs"] == "Tân Bình"
    assert at.manager.get(path).json() == edited


@story
def deleteLocation(at):
    made = new_location(at.manager)
    path = "/inventory/locations/" + made["id"]
    variant = new_goods(at.manager)
    post(at.manager, "receipts", {"locationId": made["id"], **line(variant, 2)})
    assert at.manager.delete(path, key=new_key()).code == "location_in_use"
    post(at.manager, "transfers", {"fromLocationId": made["id"], "toLocationId": default_of(at), **line(variant, 2)})
    assert at.manager.delete(path, key=new_key()).status == 204
    assert at.manager.get(path).json()["active"] is False, "one with a past is closed"
    other = new_location(at.manager)
    assert at.manager.delete("/inventory/locations/" + other["id"], key=new_key()).status == 204
    assert at.manager.get("/inventory/locations/" + other["id"]).status == 404
    assert at.manager.delete("/inventory/locations/" + default_of(at), key=new_key()).code == "location_in_use"


def default_of(at):
    return at.manager.get("/inventory/locations").json()["items"][0]["id"]


@story
def listStockDocuments(at):
    variant = new_goods(at.manager)
    paper = post(at.manager, "receipts", line(variant, 1, unitCost=5))
    newest = at.manager.get("/inventory/documents?kind=receipt&limit=1").json()["items"][0]
    assert newest["id"] == paper["id"] and "lines" not in newest and newest["totalCost"] == 5
    (numbered,) = at.manager.get("/inventory/documents?number=" + paper["number"]).json()["items"]
    assert numbered == newest
    assert "totalCost" not in at.people.client("cashier").get("/inventory/documents?limit=1").json()["items"][0]
    assert at.manager.get("/inventory/documents?kind=gift").code == "invalid_parameter"


@story
def getStockDocument(at):
    paper = post(at.manager, "receipts", line(new_goods(at.manager), 1, unitCost=5))
    assert at.manager.get("/inventory/documents/" + paper["id"]).json() == paper
    seen = at.people.client("cashier").get("/inventory/documents/" + paper["id"]).json()
    assert "totalCost" not in seen and "unitCost" not in seen["lines"][0]


@story
def receiveStock(at):
    product = new_product(at.manager)
    variant = product["variants"][0]["id"]
    key = new_key()
    body = {"supplier": "Công ty Hoa", "lines": [{"productId": product["id"], "quantity": 5, "unitCost": 9000}]}
    answer = at.manager.post("/inventory/receipts", body, key=key)
    assert answer.status == 201 and answer.json()["number"].startswith("PN-")
    assert answer.header("Location") == "/inventory/documents/" + answer.json()["id"]
    again = at.manager.post("/inventory/receipts", body, key=key)
    assert again.body == answer.body and again.header("Idempotency-Replayed") == "true"
    assert stock_of(at.manager, variant) == (5, 0, 5)
    unknown = at.manager.post("/inventory/receipts", line(str(uuid.uuid4()), 1), key=new_key())
    assert ("/lines/0/variantId", "unknown_variant") in unknown.faults
    lot = at.manager.post("/inventory/receipts", line(variant, 1, lot="A"), key=new_key())
    assert ("/lines/0/lot", "depends") in lot.faults
    assert at.people.client("warehouse").post("/inventory/receipts", line(variant, 1), key=new_key()).status == 201
    assert at.people.client("cashier").post("/inventory/receipts", line(variant, 1), key=new_key()).code == "forbidden"


@story
def openStock(at):
    variant = new_goods(at.manager)
    assert post(at.manager, "opening-stock", line(variant, 40))["kind"] == "opening"
    assert stock_of(at.manager, variant) == (40, 0, 40)


def takes_away(what, kind):
    def run(at):
        variant = new_goods(at.manager, 5)
        assert post(at.manager, what, line(variant, 2))["kind"] == kind
        short = at.manager.post("/inventory/" + what, line(variant, 4), key=new_key())
        assert (short.status, short.code) == (409, "insufficient_stock")
        assert [(one["wanted"], one["available"]) for one in short.json()["items"]] == [(4, 3)]
        assert stock_of(at.manager, variant) == (3, 0, 3)
    return run


STORIES.update(returnStockToSupplier=takes_away("supplier-returns", "supplier_return"), destroyStock=takes_away("destructions", "destruction"))


@story
def transferStock(at):
    variant = new_goods(at.manager, 5)
    other = new_location(at.manager)["id"]
    post(at.manager, "transfers", {"toLocationId": other, **line(variant, 2)})
    there = at.manager.get(f"/inventory?variantId={variant}&locationId={other}").json()["items"]
    assert [one["quantity"] for one in there] == [2]
    same = at.manager.post("/inventory/transfers", {"fromLocationId": other, "toLocationId": other, **line(variant, 1)}, key=new_key())
    assert ("/toLocationId", "duplicate") in same.faults


@story
def adjustStock(at):
    variant = new_goods(at.manager, 5)
    change = {"reason": "Đếm nhầm", "lines": [{"variantId": variant, "quantityDelta": -2}]}
    assert post(at.manager, "adjustments", change)["lines"][0]["quantityDelta"] == -2
    assert stock_of(at.manager, variant) == (3, 0, 3)
    assert at.people.client("warehouse").post("/inventory/adjustments", change, key=new_key()).code == "forbidden"


@story
def openStockCount(at):
    paper = post(at.manager, "counts", {"note": "Kiểm kê"})
    assert (paper["kind"], paper["status"], paper["lines"]) == ("count", "open", [])


@story
def countStock(at):
    variant = new_goods(at.manager, 5)
    path = "counts/" + post(at.manager, "counts", {})["id"]
    post(at.manager, path + "/lines", line(variant, 3), 200)
    (only,) = post(at.manager, path + "/lines", line(variant, 4), 200)["lines"]
    assert only["quantity"] == 4 and "expected" not in only
    early = at.manager.post(f"/inventory/{path}/lines", line(variant, 4, countedAt="2020-01-01T00:00:00Z"), key=new_key())
    assert ("/lines/0/countedAt", "in_the_past") in early.faults


@story
def finishStockCount(at):
    variant = new_goods(at.manager, 5)
    path = "counts/" + post(at.manager, "counts", {})["id"]
    post(at.manager, path + "/lines", line(variant, 4), 200)
    post(at.manager, "receipts", line(variant, 10))
    done = post(at.manager, path + "/finish", None, 200)
    assert [(one["expected"], one["difference"]) for one in done["lines"]] == [(5, -1)]
    assert stock_of(at.manager, variant) == (14, 0, 14)
    assert at.manager.post(f"/inventory/{path}/finish", key=new_key()).code == "document_closed"


@story
def cancelStockCount(at):
    path = "counts/" + post(at.manager, "counts", {})["id"]
    assert post(at.manager, path + "/cancel", None, 200)["status"] == "cancelled"
    assert at.manager.post(f"/inventory/{path}/cancel", key=new_key()).code == "document_closed"


@story
def getStock(at):
    variant = new_goods(at.manager, 7)
    card = at.manager.get("/inventory/" + variant).json()
    assert [one["available"] for one in card["locations"]] == [7]
    assert (card["lots"], card["version"], card["lowStockThreshold"]) == ([], 1, 10)


@story
def editStockRules(at):
    variant = new_goods(at.manager, 7)
    path = "/inventory/" + variant
    edited = at.manager.patch(path, {"lowStockThreshold": 3, "lotTracked": True}, version=1, key=new_key())
    assert edited.header("ETag") == '"2"' and edited.json()["lots"][0]["lot"] == ""
    wrong = at.manager.patch(path, {"backorder": True, "version": 2}, key=new_key())
    assert ("/lotTracked", "depends") in wrong.faults
    assert at.people.client("warehouse").patch(path, {"backorder": True, "version": 2}, key=new_key()).code == "forbidden"

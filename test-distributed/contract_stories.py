"""One story per operation: called as it is meant to be, with what only this operation promises."""
import csv
import io
import json
import uuid

import contract_stories_inventory
import contract_stories_orders
import contract_stories_payments
from harness import openapi, peers, raw
from harness.client import with_query
from harness.people import new_address, new_category, new_product, unique
from harness.waiting import until

STORIES = {**contract_stories_inventory.STORIES, **contract_stories_orders.STORIES, **contract_stories_payments.STORIES}


class Story:
    """Who and where a story plays."""

    def __init__(self, cluster, people):
        self.cluster = cluster
        self.people = people
        self.owner = cluster.owner(0)
        self.manager = people.client("manager", 1)
        self.customer = people.client("customer", 2)
        self.anyone = people.client("anonymous", 1)

    def something_to_edit(self, operation):
        """A fresh object of the operation's kind: who may edit it, its path, and a good body without a version."""
        if "products" in operation.path:
            made = new_product(self.manager)
            return self.manager, operation.path_for(made["id"]), {"name": unique("renamed"), "price": 2000}
        if "categories" in operation.path:
            made = new_category(self.manager)
            return self.manager, operation.path_for(made["id"]), {"name": unique("renamed")}
        if "locations" in operation.path:
            made = contract_stories_inventory.new_location(self.manager)
            return self.manager, operation.path_for(made["id"]), {"name": unique("renamed")}
        if "inventory" in operation.path:
            return self.manager, operation.path_for(new_product(self.manager)["variants"][0]["id"]), {"backorder": True}
        account = self.people.new("customer")
        client = account.client(self.cluster[0])
        if "addresses" in operation.path:
            made = new_address(client)
            return client, operation.path_for(made["id"]), {"recipient": "Hoa", "phone": "0987654321", "line1": "14 Hàng Bạc", "province": "Hà Nội"}
        if operation.path == "/auth/me":
            return client, operation.path, {"firstName": "Hoa"}
        return self.owner, operation.path_for(account.id), {"firstName": "Hoa"}


def story(run):
    STORIES[run.__name__] = run
    return run


def health_story(path):
    def run(at):
        assert at.anyone.get(path).json()["status"] in ("pass", "warn")
        lines = at.anyone.get(path + "?text")
        assert lines.header("Content-Type").startswith("text/plain") and b"postgres" in lines.body
        assert at.anyone.get(path, headers={"Accept": "text/plain"}).body.startswith(b"[")
        assert at.anyone.get(path, headers={"Accept": "image/png"}).code == "not_acceptable"
        assert at.anyone.get(path, token="not a token").status == 200
        if path != "/ready":
            assert at.anyone.get(path + "?require=writes").status == 200
            asked = [node.ask(path + "?require=active")[0] for node in at.cluster.nodes]
            assert sorted(asked) == [200, 503, 503]
            assert at.anyone.get(path + "?require=nonsense").code == "invalid_parameter"
    return run


STORIES.update(getHealth=health_story("/api/health"), getHealthAlias=health_story("/health"), getReady=health_story("/ready"))


@story
def getMetrics(at):
    text = at.anyone.get("/metrics").body.decode()
    assert "# TYPE " in text and at.owner.token not in text


@story
def getContract(at):
    assert at.anyone.get("/api/openapi.json").json()["info"]["title"] == "Kiềng"


@story
def getClusterStatus(at):
    told = at.anyone.get("/api/cluster/status").json()
    assert {one["id"] for one in told["members"]} == {node.name for node in at.cluster.nodes}
    assert all("why" not in one for one in told["members"])
    assert all("why" in one for one in at.owner.get("/api/cluster/status").json()["members"])
    assert at.anyone.get("/api/cluster/status?text").body.startswith(b"[")
    assert at.anyone.get("/api/cluster/status", headers={"Accept": "text/plain"}).body.startswith(b"[")
    assert at.anyone.get("/api/cluster/status", headers={"Accept": "image/png"}).code == "not_acceptable"


@story
def getHealthyServers(at):
    path = "/api/cluster/healthy-servers"
    first = at.anyone.get(path)
    told = first.json()
    assert {one["url"] for one in told["servers"]} == {node.settings["SELF_URL"] for node in at.cluster.nodes}
    assert told["servers"][0]["role"] == "active" and told["servers"][0]["id"] == told["active"]
    assert at.anyone.get(path + "?since=0&wait=60").json()["view"] >= told["view"]
    assert at.anyone.get(path + "?text").header("Content-Type").startswith("text/plain")
    for wrong in ("?wait=5", "?since=-1", "?since=1&wait=61", "?since=x"):
        assert at.anyone.get(path + wrong).code == "invalid_parameter", wrong


@story
def getClusterStats(at):
    told = at.anyone.get("/api/cluster/stats").json()
    assert [one["windowSeconds"] for one in told["windows"]] == [3600, 86400]
    others = {node.name for node in at.cluster.nodes} - {told["asSeenBy"]}
    assert others <= {one["node"] for one in told["windows"][0]["health"]}
    assert b"last " in at.anyone.get("/api/cluster/stats?text").body


def operators_only(at, path):
    assert at.anyone.post(path).code == "unauthenticated"
    assert at.customer.post(path).code == "forbidden"


@story
def handOver(at):
    operators_only(at, "/api/cluster/handover")
    assert at.owner.post("/api/cluster/handover?to=server-z").code == "invalid_parameter"
    out = at.cluster[2] if at.cluster.active()[0] is not at.cluster[2] else at.cluster[1]
    leaver = at.cluster.owner(at.cluster.nodes.index(out))
    assert leaver.post("/api/cluster/drain").status == 202
    until(lambda: at.cluster[0].member(out.name)["state"] == "draining", 10, "the others to see that it drains")
    assert at.owner.post("/api/cluster/handover?to=" + out.name).code == "invalid_transition"
    assert leaver.post("/api/cluster/undrain").status == 202
    at.cluster.wait_whole()
    before, epoch = at.cluster.active()
    to = next(node for node in at.cluster.nodes if node is not before)
    asked = at.manager if before is at.cluster[1] else at.cluster.owner(at.cluster.nodes.index(before))
    assert asked.post("/api/cluster/handover?to=" + to.name).status == 202
    after, _ = at.cluster.active(other_than=before.name, above=epoch)
    assert after is to

    def told():
        newest = to.status()["history"][0]
        return (newest["event"], newest["from"], newest["to"]) == ("handover", before.name, to.name)
    until(told, 10, "the handover in the history")


@story
def drainNode(at):
    operators_only(at, "/api/cluster/drain")
    node, client = at.cluster[2], at.cluster.owner(2)
    assert client.post("/api/cluster/drain?to=server-a").code == "invalid_parameter"
    assert client.post("/api/cluster/drain").status == 202
    until(lambda: node.ask("/ready")[0] == 503, 10, "a draining node not to be ready")
    until(lambda: at.cluster[0].member(node.name)["state"] == "draining", 10, "the others to see that it drains")
    assert client.get("/products").status == 200
    assert client.post("/api/cluster/undrain").status == 202
    until(lambda: node.ask("/ready")[0] == 200, 10, "the node in use again")
    at.cluster.wait_whole()


@story
def undrainNode(at):
    operators_only(at, "/api/cluster/undrain")
    assert at.owner.post("/api/cluster/undrain").status == 202
    assert at.cluster[0].ask("/ready")[0] == 200


@story
def raiseIncarnation(at):
    path = "/api/cluster/incarnation"
    operators_only(at, path)
    assert at.owner.post(path, {"confirm": "yes"}).faults == {("/confirm", "not_one_of")}
    before = at.cluster[0].status()["incarnation"]
    raised = at.owner.post(path, {"confirm": "history may be lost"})
    assert raised.status == 200 and raised.json()["incarnation"] > before
    until(lambda: {node.status()["incarnation"] for node in at.cluster.nodes} == {raised.json()["incarnation"]}, 10, "all in the new history")
    at.cluster.wait_whole()


def signed(at, method, target, body=b""):
    """What server-a is told in the name of server-b."""
    incarnation = at.cluster[0].status()["incarnation"]
    return peers.Request(method, target, "server-b", "server-a", body, incarnation).sign(at.cluster.cluster_secret)


def peer_says(at, method, target, body=b""):
    """The answer, held against the contract."""
    answer = signed(at, method, target, body).send(at.cluster[0])
    answer.method, answer.path = method, target
    faults = openapi.contract().check(answer, {})
    assert faults == [], faults
    return answer


@story
def sendHeartbeat(at):
    told, status = at.cluster[1].member("server-b"), at.cluster[1].status()
    body = {"node": "server-b", "settingsHash": "", "marks": [], "database": {"state": "well", "ageMs": 1}, "loopsAgeMs": 1,
            "draining": False, "resigned": False, "selfBlame": False, "sentAt": status["at"], "uptimeSeconds": 1}
    body.update({name: told[name] for name in ("url", "boot", "priority", "version", "role", "pos", "applied")})
    body.update({name: status[name] for name in ("incarnation", "epoch", "view")})
    answer = peer_says(at, "POST", peers.HEARTBEAT, json.dumps(body).encode())
    assert answer.status == 200, answer.body
    state = answer.json()["state"]
    assert state["node"] == "server-a"
    # With the settings that all share, or server-a would warn that they differ.
    body["settingsHash"] = state["settingsHash"]
    assert peer_says(at, "POST", peers.HEARTBEAT, json.dumps(body).encode()).status == 200
    assert peer_says(at, "POST", peers.HEARTBEAT, b"{}").status == 422


@story
def openPeerStream(at):
    assert peer_says(at, "GET", peers.STREAM).faults == {("query:boot", "required")}
    target = peers.STREAM + "?boot=" + at.cluster[1].member("server-b")["boot"]
    with raw.connect(at.cluster[0].port) as end:
        end.sendall(signed(at, "GET", target).bytes())
        head = b""
        while b"\r\n\r\n" not in head:
            head += end.recv(4096)
    head = head.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    answer, _ = raw.parse(head.replace(b"Transfer-Encoding: chunked", b"Content-Length: 0"), "GET", True)
    answer.method, answer.path = "GET", target
    assert openapi.contract().check(answer, {}) == []
    assert answer.status == 200
    at.cluster.wait_whole()


@story
def pushPositions(at):
    status = at.cluster[0].status()
    body = peers.push_body("server-b", status["incarnation"], {max(status["pos"], 1): None})
    answer = peer_says(at, "POST", peers.PUSH, body)
    assert answer.status == 200 and answer.json()["applied"] >= status["pos"]
    answer = peer_says(at, "POST", peers.PUSH, peers.push_body("server-b", 1, {1: None}))
    assert (answer.status, answer.code) == (409, "other_incarnation")


@story
def findRequest(at):
    key = "find-" + uuid.uuid4().hex
    assert at.customer.get("/api/requests/" + key).json() == {"outcome": "unknown"}
    assert at.manager.get("/api/requests/short").code == "idempotency_key_invalid"
    made = at.manager.post("/categories", {"name": unique("kept")}, key=key)
    assert made.status == 201
    told = at.manager.get("/api/requests/" + key).json()
    assert (told["outcome"], told["status"], told["location"], told["body"]) == \
        ("committed", 201, made.header("Location"), made.json())
    assert at.customer.get("/api/requests/" + key).json() == {"outcome": "unknown"}, "keys are the caller's own"


@story
def abandonRequest(at):
    key = "abandon-" + uuid.uuid4().hex
    assert at.manager.post("/api/requests/" + key + "/abandon").json() == {"outcome": "never"}
    assert at.manager.get("/api/requests/" + key).json() == {"outcome": "never"}
    late = at.manager.post("/categories", {"name": unique("late")}, key=key)
    assert (late.status, late.code) == (409, "abandoned")
    key = "kept-" + uuid.uuid4().hex
    assert at.manager.post("/categories", {"name": unique("kept")}, key=key).status == 201
    assert at.manager.post("/api/requests/" + key + "/abandon").json()["outcome"] == "committed"


@story
def streamEvents(at):
    assert at.anyone.get("/api/events", headers={"Accept": "text/event-stream"}).header("Content-Type") == "text/event-stream"
    assert at.owner.get("/api/events?lastEventId=nonsense").status == 200
    assert at.owner.get("/api/events?lastEventId=" + "x" * 201).code == "invalid_parameter"
    assert at.anyone.get("/api/events", headers={"Accept": "application/json"}).code == "not_acceptable"


@story
def register(at):
    email = unique("Lan") + "@Example.VN"
    answer = at.anyone.post("/auth/register", {"email": "  " + email + " ", "password": "muoi hai con giap", "firstName": " Lan "})
    user = answer.json()["user"]
    assert answer.status == 201
    assert (user["role"], user["status"], user["firstName"], user["version"]) == ("customer", "active", "Lan", 1)
    assert user["email"].lower() == email.lower()
    assert at.anyone.get("/auth/me", token=answer.json()["accessToken"]).json() == user
    taken = at.anyone.post("/auth/register", {"email": email.upper(), "password": "muoi hai con giap"})
    assert (taken.status, taken.code) == (409, "email_taken")
    own = unique("own") + "@e.vn"
    for password, code in (("short", "weak_password"), (own, "weak_password"), ("password123", "weak_password"), ("a" * 73, "password_too_long"), ("ộ" * 25, "password_too_long")):
        answer = at.anyone.post("/auth/register", {"email": own, "password": password})
        assert (answer.status, answer.code) == (422, code), password


@story
def login(at):
    account = at.people.new("customer")
    wrong = at.anyone.post("/auth/login", {"email": account.email, "password": "not the password"})
    unknown = at.anyone.post("/auth/login", {"email": unique() + "@nowhere.vn", "password": "not the password"})
    assert (wrong.status, wrong.code) == (401, "invalid_credentials")
    told = [{k: v for k, v in answer.json().items() if k != "requestId"} for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert [n for n, _ in wrong.headers] == [n for n, _ in unknown.headers]
    assert at.anyone.post("/auth/login", {"email": account.email.upper(), "password": account.password}).status == 200
    assert at.owner.delete("/users/" + account.id).status == 204
    disabled = at.anyone.post("/auth/login", {"email": account.email, "password": account.password})
    assert (disabled.status, disabled.code) == (403, "account_disabled")


@story
def refresh(at):
    account = at.people.new("customer")
    renewed = at.anyone.post("/auth/refresh", {"refreshToken": account.refresh})
    assert renewed.status == 200
    assert renewed.json()["refreshToken"] != account.refresh
    assert at.anyone.get("/auth/me", token=renewed.json()["accessToken"]).status == 200
    assert at.anyone.post("/auth/refresh", {"refreshToken": "nonsense"}).code == "token_invalid"
    assert at.anyone.post("/auth/refresh", {"refreshToken": account.access}).code == "token_invalid"


@story
def logout(at):
    account = at.people.new("customer")
    assert at.anyone.post("/auth/logout").code == "unauthenticated"
    assert at.anyone.post("/auth/logout", {}).code == "unauthenticated"
    assert at.anyone.post("/auth/logout", {"refreshToken": account.refresh}).status == 204
    assert at.anyone.post("/auth/logout", {"refreshToken": account.refresh}).status == 204
    assert at.anyone.post("/auth/logout", {"refreshToken": "unknown"}, token="not looked at").status == 204
    other = at.people.new("customer")
    assert other.client(at.cluster[1]).post("/auth/logout").status == 204


@story
def changePassword(at):
    account = at.people.new("customer")
    client = account.client(at.cluster[0])
    wrong = client.post("/auth/password", {"currentPassword": "not this", "newPassword": "kieng ba chan vung"})
    assert (wrong.status, wrong.code) == (422, "wrong_password")
    weak = client.post("/auth/password", {"currentPassword": account.password, "newPassword": "1234567890"})
    assert (weak.status, weak.code) == (422, "weak_password")
    changed = client.post("/auth/password", {"currentPassword": account.password, "newPassword": "kieng ba chan vung"})
    assert changed.status == 200
    assert at.anyone.post("/auth/login", {"email": account.email, "password": account.password}).status == 401
    assert at.anyone.post("/auth/login", {"email": account.email, "password": "kieng ba chan vung"}).status == 200


@story
def getMe(at):
    account = at.people.new("warehouse")
    me = account.client(at.cluster[2]).get("/auth/me").json()
    assert (me["id"], me["role"]) == (account.id, "warehouse")


@story
def editMe(at):
    client = at.people.new("customer").client(at.cluster[0])
    edited = client.patch("/auth/me", {"firstName": "Lan", "preferences": {"language": "en", "notifications": {"sms": True}}}, version=1)
    assert edited.status == 200
    me = edited.json()
    assert (me["firstName"], me["preferences"]["language"], me["preferences"]["notifications"]["sms"], me["version"]) == ("Lan", "en", True, 2)
    cleared = client.patch("/auth/me", {"firstName": None, "version": 2}, content_type="application/merge-patch+json")
    assert cleared.json()["firstName"] is None and cleared.json()["preferences"] == me["preferences"]
    same = client.patch("/auth/me", {"firstName": None}, version=3)
    assert same.json()["version"] == 3


@story
def addAddress(at):
    client = at.people.new("customer").client(at.cluster[0])
    first = new_address(client)
    assert first["isDefault"] is True and first["country"] == "VN" and first["label"] is None
    second = client.post("/auth/me/addresses", {"recipient": "Hoa", "phone": "0987654321", "line1": "x", "province": "Huế", "isDefault": True})
    assert second.header("Location").endswith("/auth/me/addresses/" + second.json()["id"])
    items = client.get("/auth/me/addresses").json()["items"]
    assert [(one["id"], one["isDefault"]) for one in items] == [(second.json()["id"], True), (first["id"], False)]
    for _ in range(48):
        new_address(client)
    full = client.post("/auth/me/addresses", {"recipient": "Hoa", "phone": "0987654321", "line1": "x", "province": "Huế"})
    assert (full.status, full.code) == (409, "address_limit_reached")


@story
def listAddresses(at):
    client = at.people.new("customer").client(at.cluster[1])
    assert client.get("/auth/me/addresses").json() == {"items": []}


@story
def getAddress(at):
    client, other = (at.people.new("customer").client(at.cluster[1]) for _ in range(2))
    made = client.post("/auth/me/addresses", {"recipient": "Hoa", "phone": "0987654321", "line1": "x", "province": "Huế"})
    assert client.get(made.header("Location")).json() == made.json()
    assert other.get(made.header("Location")).code == "not_found"


@story
def replaceAddress(at):
    client = at.people.new("customer").client(at.cluster[0])
    made = new_address(client, label="Nhà", ward="Hàng Bạc")
    body = {"recipient": "Lan", "phone": "0912345678", "line1": "14 Hàng Bạc", "province": "Hà Nội", "version": 1}
    changed = client.put("/auth/me/addresses/" + made["id"], body)
    assert changed.status == 200
    assert (changed.json()["line1"], changed.json()["label"], changed.json()["version"]) == ("14 Hàng Bạc", None, 2)


@story
def removeAddress(at):
    client = at.people.new("customer").client(at.cluster[0])
    first, second, third = (new_address(client) for _ in range(3))
    assert client.delete("/auth/me/addresses/" + first["id"]).status == 204
    items = client.get("/auth/me/addresses").json()["items"]
    assert [(one["id"], one["isDefault"]) for one in items] == [(third["id"], True), (second["id"], False)]
    assert client.delete("/auth/me/addresses/" + first["id"]).status == 404


@story
def listSessions(at):
    account = at.people.new("customer")
    earlier = account.access
    account.sign_in(at.cluster[1])
    items = account.client(at.cluster[2]).get("/auth/me/sessions", headers={"User-Agent": "kieng-test"}).json()["items"]
    assert len(items) == 2 and sum(one["current"] for one in items) == 1
    assert at.anyone.get("/auth/me/sessions", token=earlier).json()["items"][0]["id"]


@story
def endSession(at):
    account = at.people.new("customer")
    account.sign_in(at.cluster[0])
    client = account.client(at.cluster[0])
    other = next(one for one in client.get("/auth/me/sessions").json()["items"] if not one["current"])
    assert client.delete("/auth/me/sessions/" + other["id"]).status == 204
    assert len(client.get("/auth/me/sessions").json()["items"]) == 1


@story
def listUsers(at):
    account = at.people.new("cashier", signed_in=False)
    found = at.owner.get(with_query("/users", q=account.email, total="true")).json()
    assert [one["id"] for one in found["items"]] == [account.id] and found["total"] == 1
    pages, path = [], "/users?limit=2"
    while path and len(pages) < 3:
        page = at.owner.get(path).json()
        pages.append([one["id"] for one in page["items"]])
        path = page.get("nextCursor") and with_query("/users", limit=2, cursor=page["nextCursor"])
    seen = [one for page in pages for one in page]
    assert len(seen) == len(set(seen))
    assert {one["role"] for one in at.owner.get("/users?role=cashier&status=active").json()["items"]} == {"cashier"}


@story
def createUser(at):
    email = unique("thu-ngan") + "@kieng.test"
    made = at.owner.post("/users", {"email": email, "role": "cashier", "firstName": "Thu"}, key="create-user-" + unique())
    assert made.status == 201 and made.header("Location").endswith("/users/" + made.json()["id"])
    password = made.json()["initialPassword"]
    assert at.anyone.post("/auth/login", {"email": email, "password": password}).status == 200
    assert at.owner.post("/users", {"email": email, "role": "cashier"}).code == "email_taken"


@story
def getUser(at):
    account = at.people.new("customer", signed_in=False)
    assert at.owner.get("/users/" + account.id).json()["email"] == account.email


@story
def editUser(at):
    account = at.people.new("customer", signed_in=False)
    edited = at.owner.patch("/users/" + account.id, {"role": "warehouse", "lastName": "Trần", "version": 1})
    assert (edited.json()["role"], edited.json()["lastName"], edited.json()["version"]) == ("warehouse", "Trần", 2)
    me = at.owner.get("/auth/me").json()
    alone = at.owner.patch("/users/" + me["id"], {"role": "customer"}, version=me["version"])
    assert (alone.status, alone.code) == (409, "last_owner")


@story
def disableUser(at):
    account = at.people.new("customer", signed_in=False)
    assert at.owner.delete("/users/" + account.id).status == 204
    assert at.owner.delete("/users/" + account.id).status == 204
    assert at.owner.get("/users/" + account.id).json()["status"] == "disabled"
    me = at.owner.get("/auth/me").json()
    assert at.owner.delete("/users/" + me["id"]).code == "last_owner"


@story
def listAudit(at):
    made = new_product(at.manager)
    assert at.manager.patch("/products/" + made["id"], {"price": 7}, version=1).status == 200
    actor = at.people.one("manager").id
    entries = at.owner.get(with_query("/audit", entityId=made["id"], actor=actor, action="product", limit=10)).json()["items"]
    assert [one["action"] for one in entries] == ["product.update", "product.create"]
    assert entries[0]["actorEmail"] == at.people.one("manager").email and entries[0]["node"] == at.cluster[1].name
    assert at.owner.get(with_query("/audit", entityId=made["id"], action="product.create")).json()["items"] == entries[1:]
    later = at.owner.get(with_query("/audit", entityId=made["id"], **{"from": entries[0]["at"]})).json()["items"]
    assert later == entries[:1]


@story
def createProduct(at):
    name = "Áo sơ mi " + unique("trang")
    made = at.manager.post("/products", {"name": name, "price": 250000})
    product = made.json()
    assert made.status == 201 and made.header("Location").endswith("/products/" + product["id"])
    assert product["slug"] == name.lower().replace("áo sơ mi", "ao-so-mi").replace(" ", "-")
    assert (product["status"], product["currency"], product["priceVersion"], product["version"]) == ("active", "VND", 1, 1)
    assert len(product["variants"]) == 1 and product["variants"][0]["sku"] == product["sku"] and product["publishedAt"]
    twin = at.manager.post("/products", {"name": name, "price": 250000}).json()
    assert twin["slug"] == product["slug"] + "-2" and twin["sku"] != product["sku"]
    assert at.manager.post("/products", {"name": "x", "price": 1, "slug": product["slug"]}).code == "slug_taken"
    assert at.manager.post("/products", {"name": "x", "price": 1, "sku": product["sku"]}).code == "sku_taken"
    code = unique("893")
    new_product(at.manager, variants=[{"barcode": code}])
    assert at.manager.post("/products", {"name": "x", "price": 1, "variants": [{"barcode": code}]}).code == "barcode_taken"


@story
def listProducts(at):
    brand, word = unique("brand"), unique("sua").replace("-", "")
    made = [new_product(at.manager, name=f"Sữa chua {word} {n}", price=100 * n, brand=brand, tags=[brand + "t"]) for n in (3, 1, 2)]
    draft = new_product(at.manager, name=f"nháp {word}", price=400, brand=brand, status="draft")
    ids = [one["id"] for one in made]
    listed = at.anyone.get(with_query("/products", brand=brand, total="true")).json()
    assert [one["id"] for one in listed["items"]] == ids[::-1] and listed["total"] == 3
    assert [one["id"] for one in at.anyone.get(with_query("/products", brand=brand, sort="price")).json()["items"]] == [ids[1], ids[2], ids[0]]
    assert [one["id"] for one in at.anyone.get(with_query("/products", brand=brand, sort="-name")).json()["items"]] == [ids[0], ids[2], ids[1]]
    assert {one["id"] for one in at.anyone.get(with_query("/products", q="sua CHUA " + word)).json()["items"]} == set(ids)
    assert at.anyone.get(with_query("/products", q=made[0]["sku"])).json()["items"][0]["id"] == ids[0]
    between = at.anyone.get(with_query("/products", tag=brand + "t", minPrice=150, maxPrice=300, sort="price")).json()["items"]
    assert [one["id"] for one in between] == [ids[2], ids[0]]
    assert [one["id"] for one in at.manager.get(with_query("/products", brand=brand, status="draft")).json()["items"]] == [draft["id"]]
    first = at.anyone.get(with_query("/products", brand=brand, limit=2)).json()
    second = at.anyone.get(with_query("/products", brand=brand, limit=2, cursor=first["nextCursor"])).json()
    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1] and "nextCursor" not in second
    for bad in ({"cursor": "nonsense"}, {"cursor": first["nextCursor"], "sort": "name"}):
        assert at.anyone.get(with_query("/products", brand=brand, **bad)).code == "cursor_invalid"
    for bad in ({"limit": 0}, {"limit": 201}, {"limit": "x"}, {"sort": "size"}, {"sort": "relevance"}, {"minPrice": 5, "maxPrice": 4}, {"status": "gone"}):
        assert at.manager.get(with_query("/products", **bad)).code == "invalid_parameter", bad
    assert at.anyone.get("/products?category=" + unique("none")).json()["items"] == []


@story
def lookupProduct(at):
    code = unique("893")
    made = new_product(at.manager, variants=[{"attributes": {"size": "M"}}, {"attributes": {"size": "L"}, "barcode": code, "price": 5}])
    found = at.anyone.get(with_query("/products/lookup", code=code)).json()
    assert (found["matched"], found["variantId"], found["product"]) == ("barcode", made["variants"][1]["id"], made)
    assert at.anyone.get(with_query("/products/lookup", code=made["sku"])).json()["matched"] == "sku"
    assert at.anyone.get(with_query("/products/lookup", code=code.upper())).status == 404
    assert at.anyone.get("/products/lookup").faults == {("query:code", "required")}
    etag = at.anyone.get(with_query("/products/lookup", code=code)).header("ETag")
    assert at.anyone.get(with_query("/products/lookup", code=code), headers={"If-None-Match": etag}).status == 304


@story
def getProductBySlug(at):
    made = new_product(at.manager)
    old, new = made["slug"], unique("moi")
    answer = at.anyone.get("/products/by-slug/" + old)
    assert answer.json() == made
    assert at.anyone.get("/products/by-slug/" + old, headers={"If-None-Match": answer.header("ETag")}).status == 304
    assert at.manager.patch("/products/" + made["id"], {"slug": new}, version=1).status == 200
    moved = at.anyone.get("/products/by-slug/" + old, headers={"Kieng-Token": at.manager.get("/products/" + made["id"]).header("Kieng-Token")})
    assert (moved.status, moved.header("Location"), moved.body) == (308, "/products/by-slug/" + new, b"")
    heir = new_product(at.manager, slug=old)
    assert at.anyone.get("/products/by-slug/" + old, headers={"Kieng-Token": at.manager.get("/products/" + heir["id"]).header("Kieng-Token")}).json() == heir
    assert at.anyone.get("/products/by-slug/" + unique("none")).status == 404
    assert at.anyone.get("/products/by-slug/NOT%20A%20SLUG").status == 404


@story
def getProduct(at):
    made = new_product(at.manager, description="Vải cotton", seo={"keywords": ["áo"]}, images=[{"url": "/a.jpg"}])
    answer = at.anyone.get("/products/" + made["id"])
    assert answer.json() == made and made["images"][0]["isPrimary"] is True
    assert answer.header("ETag").startswith('"1.')
    assert at.anyone.get("/products/" + made["id"], headers={"If-None-Match": answer.header("ETag")}).status == 304
    assert at.anyone.get("/products/" + made["id"].upper()).status in (200, 404)


@story
def replaceProduct(at):
    made = new_product(at.manager, brand="b", tags=["t"], description="d", currency="USD")
    body = {"name": "Mới", "price": 7}
    changed = at.manager.put("/products/" + made["id"], body, headers={"If-Match": at.manager.get("/products/" + made["id"]).header("ETag")})
    now = changed.json()
    assert changed.status == 200
    assert (now["brand"], now["tags"], now["description"]) == (None, [], "")
    assert (now["slug"], now["sku"], now["currency"], now["status"]) == (made["slug"], made["sku"], "USD", "active")
    assert (now["version"], now["priceVersion"]) == (2, 2)


@story
def editProduct(at):
    made = new_product(at.manager, seo={"title": "t", "keywords": ["k"]}, tags=["a"])
    path = "/products/" + made["id"]
    now = at.manager.patch(path, {"seo": {"title": None}, "tags": ["b", "c"]}, version=1, content_type="application/merge-patch+json").json()
    assert now["seo"] == {"title": None, "description": None, "keywords": ["k"]} and now["tags"] == ["b", "c"]
    assert at.manager.patch(path, {"tags": ["b", "c"]}, version=2).json()["version"] == 2
    assert at.manager.patch(path, {"status": "archived"}, version=2).json()["status"] == "archived"
    refused = at.manager.patch(path, {"status": "draft"}, version=3)
    assert (refused.status, refused.code) == (409, "status_transition_refused")
    other = new_product(at.manager)
    assert at.manager.patch(path, {"slug": other["slug"]}, version=3).code == "slug_taken"
    assert at.manager.patch(path, {"sku": other["sku"]}, version=3).code == "sku_taken"


@story
def deleteProduct(at):
    made = new_product(at.manager)
    path = "/products/" + made["id"]
    assert at.manager.patch(path, {"price": 2}, version=1).status == 200
    assert at.manager.delete(path, version=1).code == "version_conflict"
    assert at.manager.delete(path, version=2).status == 204
    assert at.manager.get(path).status == 404 and at.manager.delete(path).status == 404


@story
def listPriceHistory(at):
    made = new_product(at.manager, price=10)
    path = "/products/" + made["id"]
    at.manager.patch(path, {"price": 20}, version=1)
    at.manager.patch(path, {"name": "no price"}, version=2)
    at.manager.patch(path, {"price": 30}, version=3)
    items = at.people.client("cashier").get(path + "/price-history").json()["items"]
    changes = [(one["oldPrice"], one["newPrice"], one["priceVersion"]) for one in items if one["variantId"] is None and one["oldPrice"] is not None]
    assert changes == [(20, 30, 3), (10, 20, 2)]
    first = at.manager.get(path + "/price-history?limit=1").json()
    second = at.manager.get(with_query(path + "/price-history", limit=1, cursor=first["nextCursor"])).json()
    assert first["items"] + second["items"] == items[:2]


@story
def listProductVersions(at):
    made = new_product(at.manager)
    path = "/products/" + made["id"]
    now = at.manager.patch(path, {"price": 20, "brand": "b"}, version=1).json()
    items = at.people.client("warehouse").get(path + "/versions").json()["items"]
    assert [one["version"] for one in items] == [2, 1]
    assert items[0]["product"] == now and items[1]["product"] == made
    assert set(items[0]["changed"]) == {"price", "brand"} and items[1]["changed"] == []
    assert items[0]["changedBy"] == at.people.one("manager").id


def name_story(path, field):
    def run(at):
        word = unique("đồ")
        new_product(at.manager, **{field: [word] if field == "tags" else word})
        new_product(at.manager, status="draft", **{field: [word + "-nháp"] if field == "tags" else word + "-nháp"})
        begin = word.replace("đồ", "DO")
        assert at.anyone.get(with_query(path, q=begin)).json() == {"items": [{"name": word}]}
        assert len(at.manager.get(with_query(path, q=begin)).json()["items"]) == 2
    return run


STORIES.update(listTags=name_story("/tags", "tags"), listBrands=name_story("/brands", "brand"))


@story
def createCategory(at):
    name = "Thời trang " + unique("nu")
    made = at.manager.post("/categories", {"name": name})
    category = made.json()
    assert made.header("Location").endswith("/categories/" + category["id"])
    assert category["slug"] == name.lower().replace("thời trang", "thoi-trang").replace(" ", "-") == category["path"]
    assert at.manager.post("/categories", {"name": "x", "slug": category["slug"]}).code == "slug_taken"
    parent = category["id"]
    for _ in range(7):
        parent = new_category(at.manager, parentId=parent)["id"]
    deep = at.manager.post("/categories", {"name": "x", "parentId": parent})
    assert (deep.status, deep.code) == (422, "category_too_deep")
    lost = at.manager.post("/categories", {"name": "x", "parentId": str(uuid.uuid4())})
    assert lost.faults == {("/parentId", "unknown_category")}


@story
def listCategories(at):
    top = new_category(at.manager)
    child = new_category(at.manager, parentId=top["id"])
    assert at.anyone.get(with_query("/categories", parent=top["id"])).json()["items"] == [child]
    assert at.anyone.get(with_query("/categories", q=top["name"], total="true")).json()["total"] >= 1
    listed = at.anyone.get("/categories?limit=200").json()["items"]
    assert [one["path"] for one in listed] == sorted(one["path"] for one in listed)


@story
def getCategory(at):
    made = new_category(at.manager)
    answer = at.anyone.get("/categories/" + made["id"])
    assert answer.json() == made
    assert at.anyone.get("/categories/" + made["id"], headers={"If-None-Match": answer.header("ETag")}).status == 304


@story
def replaceCategory(at):
    top, other = new_category(at.manager), new_category(at.manager)
    child = new_category(at.manager, parentId=top["id"])
    moved = at.manager.put("/categories/" + child["id"], {"name": "Mới", "parentId": other["id"], "version": 1}).json()
    assert (moved["path"], moved["slug"]) == (other["slug"] + "/" + child["slug"], child["slug"])


@story
def editCategory(at):
    top = new_category(at.manager)
    child = new_category(at.manager, parentId=top["id"])
    cycle = at.manager.patch("/categories/" + top["id"], {"parentId": child["id"]}, version=1)
    assert (cycle.status, cycle.code) == (422, "category_cycle")
    slug = unique("moi")
    assert at.manager.patch("/categories/" + top["id"], {"slug": slug}, version=1).json()["path"] == slug
    assert at.anyone.get("/categories/" + child["id"]).json()["path"] == slug + "/" + child["slug"]


@story
def deleteCategory(at):
    made = new_category(at.manager)
    product = new_product(at.manager, category=made["slug"])
    used = at.manager.delete("/categories/" + made["id"])
    assert (used.status, used.code) == (409, "category_in_use")
    assert at.manager.delete("/products/" + product["id"]).status == 204
    assert at.manager.delete("/categories/" + made["id"], version=1).status == 204


@story
def importProducts(at):
    sku = unique("SKU")
    text = f"sku,name,price\n{sku},Áo,5\n{sku}-2,,5\n"
    dry = at.manager.post("/products/import?dryRun=true", body=text.encode(), content_type="text/csv").json()
    assert (dry["dryRun"], dry["rows"], dry["created"], dry["failed"]) == (True, 2, 1, 1)
    assert at.manager.get(with_query("/products/lookup", code=sku)).status == 404
    report = at.manager.post("/products/import", body=text.encode(), content_type="text/csv; charset=utf-8").json()
    assert (report["created"], report["failed"], report["errors"][0]["row"], report["errors"][0]["field"]) == (1, 1, 2, "name")
    assert at.manager.post("/products/import", body=b"nonsense\n", content_type="text/csv").code == "csv_invalid"


@story
def exportProducts(at):
    brand = unique("brand")
    made = [new_product(at.manager, brand=brand, name=f'Áo "{n}", trắng') for n in range(3)]
    answer = at.manager.get(with_query("/products/export", brand=brand))
    assert answer.header("Content-Disposition").startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8"), newline="")))
    assert [(row["sku"], row["name"]) for row in rows] == [(one["sku"], one["name"]) for one in made]
    assert answer.body.count(b"\r\n") == 4
    assert at.manager.get("/products/export", headers={"Accept": "application/json"}).code == "not_acceptable"

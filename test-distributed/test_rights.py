"""Who may do what: every route of the contract for every kind of caller, generated, and nothing gained by asking for more."""
import time
import uuid

import pytest

from harness import forge, openapi
from harness.client import with_query
from harness.people import ROLES, new_address, new_category, new_product, unique

CONTRACT = openapi.contract()
CALLERS = ("anonymous", "garbage", "forged", "expired", *reversed(ROLES))
BAD_TOKENS = {"garbage": "token_invalid", "forged": "token_invalid", "expired": "token_expired"}


def ask(client, operation, harmless=True, **options):
    """A request that changes nothing even where it is allowed: empty bodies, ids of nothing."""
    if operation.id == "logout":  # an empty body would end the session of a good token
        options.update(json={"everywhere": "wrong type"} if harmless else {})
    path = operation.path_for(str(uuid.uuid4()))
    if operation.permission == "cluster.operate":  # or the node would really be taken out of use
        path += "?unheard=of"
    if operation.content:
        media = next(iter(operation.content))
        if "json" not in options:
            options.update(body="nonsense\n" if media == "text/csv" else "{}", content_type=media)
    return client.request(operation.method, path, **options)


@pytest.fixture(scope="module")
def tokens(cluster, people):
    """A token for each caller. The expired one is rightly signed: only its time is over."""
    found = {role: people.one(role).access for role in ROLES}
    header, claims = forge.parts(found["owner"])
    past = {**claims, "iat": claims["iat"] - 7200, "nbf": claims["nbf"] - 7200, "exp": claims["exp"] - 7200}
    found["expired"] = forge.make(forge.key_of(cluster.jwt_secret), header, past)
    found["forged"] = forge.make(forge.key_of("x" * 40), header, {**claims, "exp": int(time.time()) + 900})
    found["garbage"] = "garbage"
    found["anonymous"] = None
    return found


def expected(operation, caller):
    """(401 or 403, code) or None where the request must get past the guards."""
    if operation.peers_only:  # no token opens these: nodes sign
        return 401, "unauthenticated"
    if operation.token == "ignored":
        return None
    if caller in BAD_TOKENS:
        return 401, BAD_TOKENS[caller]
    if operation.permission in CONTRACT.roles[caller]:
        return None if caller != "anonymous" or operation.token == "optional" else (401, "unauthenticated")
    return (401, "unauthenticated") if caller == "anonymous" else (403, "forbidden")


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", sorted(CONTRACT.operations, key=lambda one: one.id), ids=lambda one: one.id)
def test_a_caller_gets_as_far_as_the_role_reaches(operation, caller, cluster, tokens):
    client = cluster.client(sum(map(ord, caller + operation.id)) % 3, tokens[caller])
    answer = ask(client, operation, harmless=caller in ROLES)
    client.close()
    wanted = expected(operation, caller)
    if wanted is not None:
        assert (answer.status, answer.code) == wanted
    elif operation.id != "logout":  # anonymous and without any token it is 401 by its own rule
        assert answer.status not in (401, 403), answer


def test_another_customers_things_do_not_exist(cluster, people):
    owner_of_it, stranger = people.new("customer"), people.new("customer")
    mine = owner_of_it.client(cluster[0])
    address = new_address(mine)
    session = mine.get("/auth/me/sessions").json()["items"][0]
    body = {"recipient": "X", "phone": "0912345678", "line1": "x", "province": "x", "version": 1}
    for other in (stranger.client(cluster[1]), people.client("owner", 2)):
        assert other.put("/auth/me/addresses/" + address["id"], body).code == "not_found"
        assert other.delete("/auth/me/addresses/" + address["id"]).code == "not_found"
        assert other.delete("/auth/me/sessions/" + session["id"]).code == "not_found"
        assert address["id"] not in str(other.get("/auth/me/addresses").json())
        assert session["id"] not in str(other.get("/auth/me/sessions").json())
    assert mine.get("/auth/me/addresses").json()["items"] == [address]
    assert mine.get("/auth/me").status == 200


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_goods_that_are_not_for_sale_are_not_seen_by_customers(status, cluster, people):
    word, code = unique("geheim"), unique("893")
    manager = people.client("manager")
    made = new_product(manager, name=word, brand=word, tags=[word], status="draft", variants=[{"barcode": code}])
    if status == "archived":
        manager.patch("/products/" + made["id"], {"status": "active"}, version=1)
        assert manager.patch("/products/" + made["id"], {"status": "archived"}, version=2).status == 200
    for role in ("anonymous", "customer"):
        client = people.client(role, 1)
        for path in ("/products/" + made["id"], with_query("/products/lookup", code=code), with_query("/products/lookup", code=made["sku"])):
            assert client.get(path).code == "not_found", path
        for path in ("/products", "/tags", "/brands"):
            assert client.get(with_query(path, q=word)).json()["items"] == [], path
        refused = client.get(with_query("/products", status=status))
        assert (refused.status, refused.code) == ((401, "unauthenticated") if role == "anonymous" else (403, "forbidden"))
    assert people.client("cashier", 2).get("/products/" + made["id"]).status == 200


def test_what_staff_saw_is_not_served_to_customers_from_the_cache(cluster, people):
    made = new_product(people.client("manager"), status="draft", name=unique("nhap"))
    path = with_query("/products", q=made["name"])
    for _ in range(2):
        assert len(people.client("cashier", 1).get(path).json()["items"]) == 1
        assert people.client("anonymous", 1).get(path).json()["items"] == []
        assert people.client("cashier", 1).get("/products/" + made["id"]).status == 200
        assert people.client("customer", 1).get("/products/" + made["id"]).status == 404


GREEDY = {"role": "owner", "price": 0, "total": 0, "userId": str(uuid.uuid4()), "id": str(uuid.uuid4()), "isAdmin": True, "permissions": ["*"],
          "createdAt": "2020-01-01T00:00:00.000Z", "priceVersion": 9, "passwordHash": "$2b$10$x", "email": "x@y.vn", "__proto__": {}}


def greedy_for(operation):
    known = CONTRACT.body_schema(operation)["properties"]
    return {name: value for name, value in GREEDY.items() if name not in known}


@pytest.mark.parametrize("operation", [one for one in CONTRACT.operations if one.takes_json() and not one.peers_only], ids=lambda one: one.id)
def test_members_the_contract_does_not_name_are_refused_by_name(operation, cluster, tokens):
    extra = greedy_for(operation)
    answer = cluster.client(0, tokens["owner"]).request(operation.method, operation.path_for(str(uuid.uuid4())), json=extra,
                                                        key=uuid.uuid4().hex if operation.key_required else None)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert {("/" + name, "unknown") for name in extra} <= answer.faults


def test_nobody_registers_as_more_than_a_customer(cluster, people):
    for field, value in (("role", "owner"), ("status", "active"), ("id", str(uuid.uuid4())), ("permissions", ["users.manage"])):
        email = unique() + "@e.vn"
        answer = people.client("anonymous").post("/auth/register", {"email": email, "password": "muoi hai con giap", field: value})
        assert (answer.status, answer.faults) == (422, {("/" + field, "unknown")})
        assert cluster.owner().get(with_query("/users", q=email)).json()["items"] == []


def test_nobody_raises_the_own_role(cluster, people):
    account = people.new("customer")
    client = account.client(cluster[0])
    for field, value in (("role", "owner"), ("email", "new@e.vn"), ("status", "active"), ("password", "kieng ba chan vung")):
        assert client.patch("/auth/me", {field: value, "firstName": "X"}, version=1).faults == {("/" + field, "unknown")}
    me = client.get("/auth/me").json()
    assert (me["role"], me["version"], me["firstName"]) == ("customer", 1, None)


def test_unknown_members_change_nothing_of_goods(cluster, people):
    manager = people.client("manager")
    made = new_product(manager, price=500)
    category = new_category(manager)
    for field in ("priceVersion", "total", "userId", "createdAt", "id", "merged"):
        value = {"id": str(uuid.uuid4())}.get(field, 9)
        for method in ("PATCH", "PUT"):
            answer = manager.request(method, "/products/" + made["id"], json={"name": "stolen", "price": 1, field: value}, version=1)
            assert (answer.status, answer.faults) == (422, {("/" + field, "unknown")})
        answer = manager.patch("/categories/" + category["id"], {"name": "stolen", field: value}, version=1)
        assert answer.faults == {("/" + field, "unknown")}
    assert manager.get("/products/" + made["id"]).json() == made
    assert manager.get("/categories/" + category["id"]).json() == category


def test_a_request_cannot_say_who_it_is_by_other_means(cluster, people):
    """Neither query, cookies, basic sign-in nor headers of proxies stand in for the token."""
    token = people.one("owner").access
    client = people.client("anonymous")
    for headers in ({"Cookie": "accessToken=" + token}, {"X-User-Role": "owner", "X-User-Id": people.one("owner").id},
                    {"Authorization": "Basic b3duZXI6b3duZXI="}, {"Authorization": token}, {"Authorization": "bearer"},
                    {"X-Forwarded-User": "owner", "X-Forwarded-For": "127.0.0.1"}, {"Kieng-Peer": "server-b", "Kieng-To": "server-a"}):
        answer = client.get("/users", headers=headers)
        assert answer.status == 401, headers
    assert client.get("/users?access_token=" + token).status in (400, 401)


def test_a_method_override_is_not_honoured(cluster, people):
    manager = people.client("manager")
    made = new_product(manager)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert manager.get("/products/" + made["id"], headers={name: "DELETE"}).status == 200
    assert manager.get("/products/" + made["id"]).status == 200


def test_signed_tokens_with_another_role_or_user_are_refused(cluster, people):
    """The key of another cluster is not this cluster's, whatever the claims say."""
    header, claims = forge.parts(people.one("customer").access)
    for change in ({"role": "owner"}, {"sub": people.one("owner").id}, {"sub": people.one("owner").id, "role": "owner"}):
        token = forge.make(forge.key_of("another secret of another shop, long enough"), header, {**claims, **change})
        assert cluster.client(0, token).get("/users").code == "token_invalid"

"""Every operation of docs/openapi.yaml, called well and in the ways callers commonly get it wrong.

The client holds each answer against the contract by itself, so a story only has to ask; it asserts what the schema
cannot say."""
import json
import uuid

import pytest

from contract_stories import STORIES, Story
from contract_stories_payments import GOOD_BODIES
from harness import openapi

CONTRACT = openapi.contract()
OPERATIONS = sorted(CONTRACT.operations, key=lambda one: (one.path, one.method))
FOR_CLIENTS = [one for one in OPERATIONS if not one.peers_only]
FOR_PEERS = [one for one in OPERATIONS if one.peers_only]
WITH_TOKEN = [one for one in FOR_CLIENTS if one.token == "required"]
WITH_JSON = [one for one in FOR_CLIENTS if one.takes_json()]
EDITS = [one for one in OPERATIONS if one.method in ("PUT", "PATCH")]
BY_ID = [one for one in OPERATIONS if "{id}" in one.path]


def each(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda one: one.id)


def media_of(operation):
    return next(iter(operation.content), None)


@pytest.fixture
def owner(cluster):
    client = cluster.owner(1)
    yield client
    client.close()


def ask(client, operation, identity=None, query="", **options):
    """A request of the operation that is fine but for what the caller of this function changes."""
    if "body" not in options and "json" not in options and operation.content:
        options["body"] = "sku\n" if media_of(operation) == "text/csv" else "{}"
    if operation.content:
        options.setdefault("content_type", media_of(operation))
    if operation.key_required:
        options.setdefault("key", uuid.uuid4().hex)
    return client.request(operation.method, operation.path_for(identity or str(uuid.uuid4())) + query, **options)


def test_every_operation_has_a_story():
    assert set(STORIES) == {operation.id for operation in OPERATIONS}


@each(OPERATIONS)
def test_it_does_what_it_is_for(operation, cluster, people):
    before = sum(times for (name, status), times in CONTRACT.seen.items() if name == operation.id and status < 400)
    STORIES[operation.id](Story(cluster, people))
    after = sum(times for (name, status), times in CONTRACT.seen.items() if name == operation.id and status < 400)
    assert after > before, "the story never got a good answer"


@each(WITH_TOKEN)
def test_without_a_token_it_is_refused(operation, cluster):
    answer = ask(cluster.client(0), operation)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert answer.header("WWW-Authenticate").startswith("Bearer")


@each(FOR_PEERS)
def test_no_token_stands_for_a_peers_signature(operation, cluster, owner):
    for client in (cluster.client(0), owner):
        answer = ask(client, operation)
        assert (answer.status, answer.code) == (401, "unauthenticated")


@each([one for one in FOR_CLIENTS if one.id != "logout"])
def test_an_unknown_query_parameter_is_refused(operation, owner):
    answer = ask(owner, operation, query="?surprise=1")
    assert (answer.status, answer.code) == (400, "invalid_parameter")
    assert ("query:surprise", "unknown") in answer.faults


@each(BY_ID)
@pytest.mark.parametrize("identity", ["42", "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f6071z", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_names_nothing_is_not_found(operation, identity, cluster, owner):
    options = {}
    if operation in EDITS:
        schema = CONTRACT.body_schema(operation)
        values = {"name": "x", "price": 1, "recipient": "Lan", "phone": "0912345678", "line1": "12 Hàng Bạc", "province": "Hà Nội", "backorder": True}
        body = {name: values[name] for name in schema.get("required", [])} or {n: values.get(n, "x") for n in ("name", "firstName", "backorder") if n in schema["properties"]}
        options = {"json": {**body, "version": 1}}
    elif "example" in operation.content.get("application/json", {}):
        options = {"json": operation.content["application/json"]["example"]}
    elif operation.id in GOOD_BODIES:
        options = {"json": GOOD_BODIES[operation.id]}
    answer = ask(owner, operation, identity, **options)
    assert (answer.status, answer.code) == (404, "not_found")


@each(WITH_JSON)
def test_a_body_that_is_not_json_is_refused(operation, owner):
    answer = ask(owner, operation, body='{"name": ')
    assert (answer.status, answer.code) == (400, "malformed_json")


@each([one for one in WITH_JSON])
def test_another_media_type_is_refused(operation, owner):
    answer = ask(owner, operation, body="name=x", content_type="application/x-www-form-urlencoded")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


@each(WITH_JSON)
@pytest.mark.parametrize("value", [[], "text", 7, None, True], ids=json.dumps)
def test_a_body_that_is_not_an_object_is_refused(operation, value, owner):
    answer = ask(owner, operation, body=json.dumps(value))
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert ("", "wrong_type") in answer.faults


@each([one for one in WITH_JSON if CONTRACT.body_schema(one).get("required")])
def test_each_missing_member_is_named(operation, owner):
    answer = ask(owner, operation, json={})
    assert (answer.status, answer.code) == (422, "validation_failed")
    wanted = {("/" + name, "required") for name in CONTRACT.body_schema(operation)["required"]}
    assert wanted <= answer.faults


@each(WITH_JSON)
def test_members_of_the_wrong_type_are_all_named(operation, owner):
    names = list(CONTRACT.body_schema(operation)["properties"])
    wrong = {name: {"wrong": [True]} for name in names}
    answer = ask(owner, operation, json=wrong)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert {pointer.split("/")[1] for pointer, _ in answer.faults} == set(names)


@each([one for one in OPERATIONS if one.idempotent])
@pytest.mark.parametrize("key", ["short", "has spaces in the middle", "a" * 101, ""], ids=["short", "spaces", "long", "empty"])
def test_a_bad_idempotency_key_is_refused(operation, key, owner):
    answer = ask(owner, operation, key=key)
    assert (answer.status, answer.code) == (400, "idempotency_key_invalid")


@each([one for one in OPERATIONS if one.key_required])
def test_a_write_that_needs_a_key_is_refused_without_one(operation, owner):
    answer = ask(owner, operation, key=None)
    assert (answer.status, answer.code) == (400, "idempotency_key_missing")


@each(OPERATIONS)
def test_the_path_knows_its_methods(operation, owner):
    path = operation.path_for(str(uuid.uuid4()))
    options = owner.request("OPTIONS", path)
    assert options.status in (200, 204)
    allowed = {one.strip() for one in options.header("Allow").split(",")}
    assert allowed == CONTRACT.methods(operation.path)
    wrong = next(one for one in ("DELETE", "PUT", "PATCH", "POST", "GET") if one not in allowed)
    refused = owner.request(wrong, path)
    assert (refused.status, refused.code) == (405, "method_not_allowed")
    assert {one.strip() for one in refused.header("Allow").split(",")} == allowed


@each([one for one in FOR_CLIENTS if one.method == "GET" and "{" not in one.path and one.id != "lookupProduct"])
def test_head_is_get_without_the_body(operation, owner):
    whole = owner.get(operation.path)
    head = owner.request("HEAD", operation.path)
    assert (whole.status, head.status) == (200, 200)
    assert head.header("Content-Type") == whole.header("Content-Type")
    assert head.body == b""


@each([one for one in FOR_CLIENTS if one.method == "GET" and "{" not in one.path and one.id != "lookupProduct"])
def test_the_v1_prefix_means_the_same(operation, owner):
    assert owner.get("/v1" + operation.path).status == 200


@each(EDITS)
def test_an_edit_names_its_version(operation, cluster, people):
    story = Story(cluster, people)
    client, path, body = story.something_to_edit(operation)

    def send(what, **more):
        return client.request(operation.method, path, json=what, key=uuid.uuid4().hex if operation.key_required else None, **more)

    missing = send(body)
    assert (missing.status, missing.code) == (428, "version_required")
    assert missing.json()["currentVersion"] == 1
    both = send({**body, "version": 1}, version=2)
    assert (both.status, both.code) == (400, "version_ambiguous")
    ahead = send(body, version=99)
    assert (ahead.status, ahead.code) == (409, "version_conflict")
    agreed = send({**body, "version": 1}, version=1)
    assert agreed.status == 200
    assert agreed.json()["version"] == 2


@each([one for one in OPERATIONS if "304" in one.node["responses"] and "{" not in one.path and one.id != "lookupProduct"])
def test_what_the_caller_has_is_not_sent_again(operation, owner):
    first = owner.get(operation.path)
    assert first.header("ETag")
    again = owner.get(operation.path, headers={"If-None-Match": '"other", ' + first.header("ETag")})
    assert again.status == 304
    assert again.header("ETag") == first.header("ETag")
    assert owner.get(operation.path, headers={"If-None-Match": '"other"'}).status == 200
    if first.header("Cache-Control") == "no-store":
        return  # nobody keeps it who might give it to somebody else
    vary = {one.strip().lower() for one in first.header("Vary").split(",")}
    assert {"authorization", "accept-language", "accept-encoding", "origin"} <= vary


def test_a_path_that_is_not_there_is_not_found(owner):
    for path in ("/nothing", "/products/a/b", "/v1/nothing", "/v2/products", "/auth"):
        answer = owner.get(path)
        assert (answer.status, answer.code) == (404, "not_found"), path


def test_the_contract_is_served_as_it_stands_in_the_source(owner):
    assert owner.get("/api/openapi.json").json() == json.loads(json.dumps(CONTRACT.document, default=str))


@pytest.mark.parametrize("language", ["vi", "en", "en-GB,en;q=0.9", "fr, vi;q=0.5"])
def test_errors_speak_the_callers_language(language, cluster):
    answer = cluster.client(0).get("/products/" + str(uuid.uuid4()), headers={"Accept-Language": language})
    wanted = "en" if language.startswith("en") else "vi"
    assert answer.json()["title"] == CONTRACT.errors["not_found"]["title"][wanted]


def test_large_bodies_are_compressed_for_those_who_can_read_it(cluster, people):
    import gzip
    client = people.client("owner")
    plain = client.get("/api/openapi.json")
    packed = client.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert plain.header("Content-Encoding") is None
    assert packed.header("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("ETag") != plain.header("ETag")
    refused = client.get("/api/openapi.json", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.header("Content-Encoding") is None

"""What nodes tell each other is believed for its signature alone. Forged, replayed, misdirected, skewed, oversized and malformed requests
change nothing; a user's token opens no way of the nodes, nor a node's signature a way of users."""
import base64
import hashlib
import json
import secrets
import threading
import time

import pytest

from harness import raw
from harness.client import Client
from harness.peers import HEARTBEAT, PUSH, STREAM, Request, digest_of, encode, key_of, one_answer, push_body
from harness.people import new_product, unique
from harness.waiting import until

SENDER, RECEIVER = "server-a", "server-b"


class Kit:
    """What the attacker knows and what it does not: `secret` is given to the cases that need a right signature."""

    def __init__(self, cluster):
        self.secret = cluster.cluster_secret
        self.incarnation = cluster[RECEIVER].status()["incarnation"]
        self.token = cluster.owner().token

    def push(self, body=None, sender=SENDER, receiver=RECEIVER, incarnation=None, **options):
        """A push of a position that everybody has: when it is let in, it is acknowledged and changes nothing."""
        incarnation = self.incarnation if incarnation is None else incarnation
        body = push_body(sender, incarnation, {1: [{}]}) if body is None else body
        return Request("POST", PUSH, sender, receiver, body, incarnation, **options)

    def good(self):
        return self.push().sign(self.secret)


def resigned(kit, **members):
    """Signed rightly, after these members of the request were changed."""
    request = kit.push()
    for name, value in members.items():
        setattr(request, name, value)
    return request.sign(kit.secret)


def after(kit, name, value):
    """Signed rightly, then a header changed."""
    return kit.good().replace(name, value)


def shifted(seconds):
    return str(int((time.time() + seconds) * 1000))


def turned(text):
    """The same text with one of its first characters another."""
    return text[:6] + ("A" if text[6] != "A" else "B") + text[7:]


def forged_digest(kit):
    request = kit.good()
    request.body = request.body.replace(b'"version": 1', b'"version": 9')
    return request


def as_bytes(kit, change):
    return change(kit.good().bytes())


HEADERS = ("Kieng-Peer", "Kieng-To", "Kieng-Incarnation", "Kieng-Timestamp", "Kieng-Nonce", "Content-Digest", "Kieng-Signature")
ZEROS = "k2=" + encode(bytes(32))

FORGED = [
    ("no signed header at all", lambda k: k.push()),
    *[("without " + name, lambda k, name=name: k.good().drop(name)) for name in HEADERS],
    *[(name + " twice", lambda k, name=name: k.good().add(name, dict(k.good().headers)[name])) for name in HEADERS],
    *[(name + " empty", lambda k, name=name: after(k, name, "")) for name in HEADERS],
    ("signed with another secret", lambda k: k.push().sign("x" * 32)),
    ("signed with an empty secret", lambda k: k.push().sign("")),
    ("signed with the bare secret", lambda k: k.push().sign(k.secret, key=k.secret.encode())),
    ("signed with the key of the other direction", lambda k: k.push().sign(k.secret, key=key_of(k.secret, RECEIVER, SENDER))),
    ("signed with the key of another pair", lambda k: k.push().sign(k.secret, key=key_of(k.secret, SENDER, "server-c"))),
    ("signed with the key of another purpose", lambda k: k.push().sign(k.secret, key=key_of(k.secret, SENDER, RECEIVER, b"kieng peer stream 1"))),
    ("one character of the signature changed", lambda k: after(k, "Kieng-Signature", turned(k.good().signature))),
    ("a signature of zeros", lambda k: after(k, "Kieng-Signature", ZEROS)),
    ("two signatures of zeros", lambda k: after(k, "Kieng-Signature", ZEROS + "," + ZEROS.replace("k2", "k1"))),
    ("a short signature", lambda k: after(k, "Kieng-Signature", k.good().signature[:-4])),
    ("a signature without its label", lambda k: after(k, "Kieng-Signature", k.good().signature[3:])),
    ("a signature of an unknown label", lambda k: after(k, "Kieng-Signature", "k3" + k.good().signature[2:])),
    ("a signature in padded base64", lambda k: (lambda r: r.replace("Kieng-Signature", r.signature + "="))(k.good())),
    ("three signatures", lambda k: (lambda r: r.replace("Kieng-Signature", ",".join([r.signature] * 3)))(k.good())),
    ("the method changed", lambda k: as_bytes(k, lambda b: b.replace(b"POST /api", b"PUT /api", 1)), (401, 405)),
    ("the path changed", lambda k: as_bytes(k, lambda b: b.replace(PUSH.encode(), HEARTBEAT.encode(), 1))),
    ("a query added", lambda k: as_bytes(k, lambda b: b.replace(PUSH.encode(), PUSH.encode() + b"?a=1", 1))),
    ("the content type changed", lambda k: after(k, "Content-Type", "application/json; charset=utf-8")),
    ("the incarnation changed", lambda k: after(k, "Kieng-Incarnation", "1")),
    ("the nonce changed", lambda k: after(k, "Kieng-Nonce", encode(secrets.token_bytes(16)))),
    ("the time changed by a millisecond", lambda k: (lambda r: r.replace("Kieng-Timestamp", str(int(r.timestamp) + 1)))(k.good())),
    ("the sender changed", lambda k: after(k, "Kieng-Peer", "server-c")),
    ("another body than was signed", forged_digest),
    ("another body with its own digest", lambda k: (lambda r: r.replace("Content-Digest", digest_of(r.body)))(forged_digest(k))),
]

MISDIRECTED = [
    ("for another node", lambda k: k.push(receiver="server-c").sign(k.secret)),
    ("for nobody we know", lambda k: k.push(receiver="server-z").sign(k.secret)),
    ("for any node", lambda k: resigned(k, receiver="*")),
    ("for a list of nodes", lambda k: resigned(k, receiver="server-b,server-c")),
    ("for this node in capitals", lambda k: resigned(k, receiver="SERVER-B")),
    ("from a stranger", lambda k: k.push(sender="server-z").sign(k.secret)),
    ("from the receiver itself", lambda k: k.push(sender=RECEIVER).sign(k.secret)),
    ("a message in another's name", lambda k: k.push(push_body("server-c", k.incarnation, {1: [{}]})).sign(k.secret)),
]

SKEWED = [
    ("31 s late", lambda k: resigned(k, timestamp=shifted(-31))),
    ("31 s early", lambda k: resigned(k, timestamp=shifted(31))),
    ("an hour late", lambda k: resigned(k, timestamp=shifted(-3600))),
    ("an hour early", lambda k: resigned(k, timestamp=shifted(3600))),
    ("the beginning of time", lambda k: resigned(k, timestamp="0")),
    ("the end of time", lambda k: resigned(k, timestamp=str(2 ** 63 - 1))),
    ("beyond the end of time", lambda k: resigned(k, timestamp=str(2 ** 63))),
    ("seconds", lambda k: resigned(k, timestamp=str(int(time.time())))),
]

MALFORMED = [
    ("a time in words", lambda k: resigned(k, timestamp="now")), ("a negative time", lambda k: resigned(k, timestamp="-1")),
    ("a time with a sign", lambda k: resigned(k, timestamp="+" + shifted(0))), ("a time with a leading zero", lambda k: resigned(k, timestamp="0" + shifted(0))),
    ("a broken time", lambda k: resigned(k, timestamp=shifted(0) + ".0")), ("a time in hex", lambda k: resigned(k, timestamp=hex(int(shifted(0))))),
    ("a negative incarnation", lambda k: resigned(k, incarnation="-1")), ("an incarnation beyond 63 bits", lambda k: resigned(k, incarnation=str(2 ** 63))),
    ("a short nonce", lambda k: resigned(k, nonce=encode(secrets.token_bytes(8)))), ("a long nonce", lambda k: resigned(k, nonce=encode(secrets.token_bytes(64)))),
    ("a nonce with foreign characters", lambda k: resigned(k, nonce="+" * 22)), ("a nonce with spare bits", lambda k: resigned(k, nonce="A" * 21 + "B")),
    ("a digest by md5", lambda k: resigned(k, digest="md5=:" + base64.b64encode(hashlib.md5(b"").digest()).decode() + ":")),
    ("a digest without colons", lambda k: resigned(k, digest=digest_of(b"").replace(":", ""))), ("two digests", lambda k: resigned(k, digest=digest_of(b"") + "," + digest_of(b""))),
    ("a sender's name of 33 letters", lambda k: k.push(sender="s" * 33).sign(k.secret)), ("a sender's name with a path", lambda k: k.push(sender="../server-a").sign(k.secret)),
    ("a sender's name with a quote", lambda k: k.push(sender="a'--").sign(k.secret)), ("a content type of 300 letters", lambda k: resigned(k, content_type="a" * 300)),
]

LET_IN_BUT_REFUSED = [
    ("no JSON", 400, lambda k: k.push(b"{").sign(k.secret)),
    ("nothing", 400, lambda k: k.push(b" ").sign(k.secret)),
    ("a list", 422, lambda k: k.push(b"[]").sign(k.secret)),
    ("an empty object", 422, lambda k: k.push(b"{}").sign(k.secret)),
    ("no positions", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {})).sign(k.secret)),
    ("a position without events", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: []})).sign(k.secret)),
    ("position zero", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {0: [{}]})).sign(k.secret)),
    ("a negative position", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {-5: [{}]})).sign(k.secret)),
    ("a position beyond 63 bits", (400, 422), lambda k: k.push(push_body(SENDER, k.incarnation, {2 ** 63: [{}]})).sign(k.secret)),
    ("a position as text", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{}]}).replace(b'"pos": 1', b'"pos": "1"')).sign(k.secret)),
    ("501 positions", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {pos: [{}] for pos in range(1, 502)})).sign(k.secret)),
    ("501 events", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{}] * 501})).sign(k.secret)),
    ("events out of order", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{"seq": 2}]})).sign(k.secret)),
    ("a type of 101 letters", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{"type": "t" * 101}]})).sign(k.secret)),
    ("an id that is none", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{"entityId": "x' OR 1=1"}]})).sign(k.secret)),
    ("1001 tags", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{"tags": ["t"] * 1001}]})).sign(k.secret)),
    ("data that is no object", 422, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{"data": [1]}]})).sign(k.secret)),
    ("the same member twice", 400, lambda k: k.push(b'{"incarnation":1,"incarnation":2}').sign(k.secret)),
    ("depth", 400, lambda k: k.push(b"[" * 5000 + b"]" * 5000).sign(k.secret)),
    ("not UTF-8", 400, lambda k: k.push(b'{"from":"\xff"}').sign(k.secret)),
    ("of another history", 409, lambda k: k.push(incarnation=k.incarnation + 1).sign(k.secret)),
    ("256 KiB and one byte", 413, lambda k: k.push(push_body(SENDER, k.incarnation, {1: [{}]}).ljust(256 * 1024 + 1)).sign(k.secret)),
    ("a mebibyte", 413, lambda k: k.push(b" " * (1 << 20)).sign(k.secret)),
    ("form data", (400, 415), lambda k: k.push(content_type="application/x-www-form-urlencoded").sign(k.secret)),
]

CASES = FORGED + MISDIRECTED + SKEWED + MALFORMED


@pytest.fixture(scope="module")
def kit(cluster):
    cluster.wait_whole()
    return Kit(cluster)


def picture(cluster):
    """What none of these requests may change, as the one it is sent to sees it."""
    status = cluster[RECEIVER].status()
    return {"incarnation": status["incarnation"], "epoch": status["epoch"], "active": status["active"]["id"],
            "members": [(one["id"], one["url"], one["boot"], one["state"]) for one in status["members"]],
            "nodes": cluster.postgres.query("SELECT id, url, boot_id FROM cluster_nodes ORDER BY id")}


def send(cluster, what):
    node = cluster[RECEIVER]
    return one_answer(node, what) if isinstance(what, bytes) else what.send(node)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_forged_request_is_refused(cluster, kit, case):
    before = picture(cluster)
    answer = send(cluster, case[1](kit))
    assert answer is not None and answer.status in (case[2] if len(case) > 2 else (401,)), answer
    if answer.status == 401:
        assert answer.code == "unauthenticated"
        problem = answer.json()
        assert not problem.get("errors"), "which part failed is nobody's business"
    assert picture(cluster) == before


def test_all_refusals_look_alike(cluster, kit):
    bodies = set()
    for case in CASES:
        answer = send(cluster, case[1](kit))
        if answer.status == 401:
            problem = answer.json()
            bodies.add((problem["code"], problem["title"], problem.get("detail"), tuple(sorted(problem))))
    assert len(bodies) == 1, bodies


@pytest.mark.parametrize("case", LET_IN_BUT_REFUSED, ids=lambda case: case[0])
def test_a_signed_request_that_makes_no_sense_is_refused(cluster, kit, case):
    before = picture(cluster)
    answer = send(cluster, case[2](kit))
    assert answer is not None and answer.status in (case[1] if isinstance(case[1], tuple) else (case[1],)), answer
    assert picture(cluster) == before


def test_a_good_request_is_let_in(cluster, kit):
    answer = kit.good().send(cluster[RECEIVER])
    assert answer.status == 200, answer
    assert answer.json()["applied"] >= 1
    ahead = resigned(kit, timestamp=shifted(25)).send(cluster[RECEIVER])
    assert ahead.status == 200, ahead
    both = kit.push().sign(kit.secret, previous="p" * 32).send(cluster[RECEIVER])
    assert both.status == 200, both
    old = kit.push().sign("n" * 32, previous=kit.secret).send(cluster[RECEIVER])
    assert old.status == 200, f"signed with the new secret and, as the previous one, with ours: {old!r}"
    newer = kit.push(push_body(SENDER, kit.incarnation, {1: [{}]}).replace(b'{"incarnation"', b'{"hint": 1, "incarnation"')).sign(kit.secret)
    assert newer.send(cluster[RECEIVER]).status == 200, "a newer node may say more"


def test_a_request_counts_once(cluster, kit):
    request = kit.good()
    assert request.send(cluster[RECEIVER]).status == 200
    for _ in range(3):
        assert request.send(cluster[RECEIVER]).status == 401
    assert request.send(cluster["server-c"]).status == 401
    again = kit.push()
    again.nonce = request.nonce
    assert again.sign(kit.secret).send(cluster[RECEIVER]).status == 401
    assert kit.good().send(cluster[RECEIVER]).status == 200
    # A request that was refused for its signature has not used its nonce up.
    request = kit.push()
    assert request.sign("x" * 32).send(cluster[RECEIVER]).status == 401
    assert request.sign(kit.secret).send(cluster[RECEIVER]).status == 200


def test_many_at_once_count_once(cluster, kit):
    request, seen = kit.good(), []
    threads = [threading.Thread(target=lambda: seen.append(request.send(cluster[RECEIVER]).status)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [200] + [401] * 15


def test_a_bad_signature_is_refused_before_the_body_is_there(cluster, kit):
    request = kit.push(b" " * 200_000).sign("x" * 32)
    head = request.bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    answer = one_answer(cluster[RECEIVER], head)
    assert answer is not None and answer.status == 401


def test_users_do_not_get_in(cluster, kit):
    for method, path in (("POST", PUSH), ("POST", HEARTBEAT), ("GET", STREAM), ("GET", STREAM + "?boot=" + cluster[0].health()["boot"])):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kit.token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        answer = one_answer(cluster[RECEIVER], head.encode(), method)
        assert answer.status == 401, (path, answer)
        answer = Client(cluster[RECEIVER].port, kit.token, check=False).request(method, path, json={} if method == "POST" else None)
        assert answer.status == 401, (path, answer)
    forged = kit.push().sign("x" * 32).add("Authorization", "Bearer " + kit.token)
    assert forged.send(cluster[RECEIVER]).status == 401


def test_nodes_do_not_get_in_as_users(cluster, kit):
    before = picture(cluster)
    for method, path, body in (("GET", "/users", b""), ("GET", "/auth/me", b""), ("GET", "/audit", b""), ("POST", "/api/cluster/handover", b""),
                               ("POST", "/api/cluster/drain", b""), ("POST", "/products", b'{"name":"peer","price":1}')):
        answer = Request(method, path, SENDER, RECEIVER, body, kit.incarnation).sign(kit.secret).send(cluster[RECEIVER])
        assert answer.status == 401, (path, answer)
    assert picture(cluster) == before


def test_a_forged_heartbeat_brings_nobody_in(cluster, kit):
    """Strangers may greet, but only signed ones, and only in their own name."""
    before = picture(cluster)
    body = json.dumps({"node": "server-z", "url": "http://127.0.0.1:1", "boot": "01a1fbae-2741-7a6e-bcf4-498ef5dac87a", "priority": 0}).encode()
    for secret, sender, status in (("x" * 32, "server-z", (401,)), (kit.secret, "server-z", (422,)), (kit.secret, SENDER, (401, 422))):
        answer = Request("POST", HEARTBEAT, sender, RECEIVER, body, kit.incarnation).sign(secret).send(cluster[RECEIVER])
        assert answer.status in status, answer
    assert picture(cluster) == before


def test_forged_requests_cost_little(cluster, kit, figure):
    """Told in processor time of the receiver, beside what a health check costs it; both on connections of their own."""
    def cost(data, method, count=500):
        node = cluster[RECEIVER]
        began = node.metric("process_cpu_seconds_total")
        for _ in range(count):
            raw.exchange(node.port, data, method=method)
        return (node.metric("process_cpu_seconds_total") - began) / count * 1e6
    forged = cost(kit.push().sign("x" * 32).bytes(), "POST")
    health = cost(b"GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET")
    figure("processor time of a forged push", f"{forged:.0f} us, of a health check {health:.0f} us, each with its connection")


def test_an_old_request_does_not_outlive_a_restart(own_cluster):
    """Nonces are kept in memory; a request older than the process does not count."""
    shop = own_cluster().wait_whole()
    kit = Kit(shop)
    request = kit.good()
    assert request.send(shop[RECEIVER]).status == 200
    shop[RECEIVER].kill()
    shop[RECEIVER].start()
    shop[RECEIVER].wait_ready()
    shop.wait_whole()
    assert request.send(shop[RECEIVER]).status == 401
    assert kit.good().send(shop[RECEIVER]).status == 200


def test_a_stream_is_opened_by_a_signature_alone(own_cluster):
    shop = own_cluster().wait_whole()
    kit = Kit(shop)
    boot = shop[SENDER].health()["boot"]
    target = STREAM + "?boot=" + boot
    for request in (Request("GET", target, SENDER, RECEIVER).sign("x" * 32), Request("GET", target, "server-z", RECEIVER).sign(kit.secret),
                    Request("GET", target, SENDER, "server-c").sign(kit.secret)):
        assert request.send(shop[RECEIVER]).status == 401
    assert Request("GET", STREAM, SENDER, RECEIVER).sign(kit.secret).send(shop[RECEIVER]).status == 400
    with raw.connect(shop[RECEIVER].port) as end:
        end.sendall(Request("GET", target, SENDER, RECEIVER, incarnation=kit.incarnation).sign(kit.secret).bytes())
        got = b""
        while shop[RECEIVER].health()["boot"].encode() not in got:
            piece = end.recv(4096)
            assert piece, got
            got += piece
        assert b" 200 " in got.splitlines()[0]
        end.sendall(b"nonsense\r\n\r\n")
    shop.wait_whole()


def test_the_secret_is_changed_node_by_node(own_cluster, figure):
    """First every node learns the new one beside the old, then every node forgets the old one; writes go on and no push is refused."""
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, new = shop.cluster_secret, secrets.token_hex(32)
    pushes = 0
    for change in ({"CLUSTER_SECRET": new, "CLUSTER_SECRET_PREVIOUS": old}, {"CLUSTER_SECRET": new, "CLUSTER_SECRET_PREVIOUS": None}):
        for node in shop.nodes:
            node.terminate()
            assert node.process.wait(20) == 0
            node.settings.update(change)
            node.start()
            node.wait_ready()
            shop.wait_whole()
            for which in range(3):
                brand = unique("brand")
                made = new_product(shop.owner(which), brand=brand)
                for other in range(3):
                    until(lambda other=other, made=made: shop.client(other).get("/products/" + made["id"]).status == 200, 5, "the write of one on another")
    refused = [line for node in shop.nodes for line in node.told("request", path=PUSH, status=401)]
    pushes = sum(len(node.told("request", path=PUSH, status=200)) for node in shop.nodes)
    assert not refused, refused[:3]
    assert pushes > 0
    figure("pushes while the secret was changed", f"{pushes}, none refused")
    kit = Kit(shop)
    assert kit.good().send(shop[RECEIVER]).status == 401, "the old secret is forgotten"
    assert kit.push().sign(new).send(shop[RECEIVER]).status == 200

"""Tables of what an enemy between the nodes, or a node gone mad, could send: each a name and how it is made (with `LET_IN_BUT_REFUSED`,
the answer too). A kit makes good requests, `kit.push()` unsigned and `kit.good()` signed."""
import base64
import hashlib
import secrets
import time

from harness.peers import HEARTBEAT, PUSH, digest_of, encode, key_of, push_body

SENDER, RECEIVER = "server-a", "server-b"


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

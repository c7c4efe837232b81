"""Signs requests as one node signs those to another (cluster/wire/peer_signature.hpp), rightly or wrongly, and sends them."""
import base64
import hashlib
import hmac
import json
import secrets
import time

from . import raw

HEARTBEAT = "/api/cluster/heartbeat"
PUSH = "/api/sync/receive"
STREAM = "/api/cluster/stream"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest_of(body):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def key_of(secret, sender, receiver, purpose=b"kieng peer request 1"):
    """HKDF-SHA256 with an empty salt and one block; the context fields carry their lengths."""
    extracted = hmac.new(bytes(32), secret.encode(), hashlib.sha256).digest()
    info = purpose + b"".join(b"\n%d:%s" % (len(field), field.encode()) for field in (sender, receiver))
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


class Request:
    """One request between nodes. Change any member, then `sign()`: what is changed after that is not covered."""

    def __init__(self, method, target, sender, receiver, body=b"", incarnation=0, content_type="application/json"):
        self.method = method
        self.target = target
        self.sender = sender
        self.receiver = receiver
        self.body = body
        self.incarnation = str(incarnation)
        self.content_type = content_type if body else ""
        self.timestamp = str(int(time.time() * 1000))
        self.nonce = encode(secrets.token_bytes(16))
        self.digest = digest_of(body)
        self.signature = ""
        self.headers = []

    def text(self):
        return "\n".join(["kieng peer request 1", self.method, self.target, self.sender, self.receiver, self.incarnation,
                          self.timestamp, self.nonce, self.content_type, self.digest])

    def mac(self, secret, key=None):
        return encode(hmac.new(key or key_of(secret, self.sender, self.receiver), self.text().encode(), hashlib.sha256).digest())

    def sign(self, secret, previous=None, key=None):
        self.signature = "k2=" + self.mac(secret, key)
        if previous is not None:
            self.signature += ",k1=" + self.mac(previous)
        self.headers = [("Kieng-Peer", self.sender), ("Kieng-To", self.receiver), ("Kieng-Incarnation", self.incarnation),
                        ("Kieng-Timestamp", self.timestamp), ("Kieng-Nonce", self.nonce), ("Content-Digest", self.digest),
                        ("Kieng-Signature", self.signature)]
        if self.content_type:
            self.headers.append(("Content-Type", self.content_type))
        return self

    def replace(self, name, value):
        self.headers = [(key, value if key == name else old) for key, old in self.headers]
        return self

    def drop(self, name):
        self.headers = [(key, value) for key, value in self.headers if key != name]
        return self

    def add(self, name, value):
        self.headers.append((name, value))
        return self

    def bytes(self):
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: shop.test"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body

    def send(self, node):
        """The answer, or None when the node closed without one."""
        return one_answer(node, self.bytes(), self.method)


def one_answer(node, data, method="POST"):
    got = raw.exchange(node.port, data, method=method, timeout=10.0)
    return got.answers[0] if got.answers else None


def push_body(sender, incarnation, positions):
    """The JSON of a push: `positions` maps a position to its events, or to None for one that is to be fetched."""
    def event(seq, one):
        return {"seq": seq, "type": "ProductUpdatedEvent", "entity": "product", "version": 1, "tags": [],
                "at": "2026-01-01T00:00:00.000000Z", "data": {}, **one}
    listed = [{"pos": pos, "fetch": True} if events is None else
              {"pos": pos, "events": [event(seq, one) for seq, one in enumerate(events, start=1)]}
              for pos, events in positions.items()]
    return json.dumps({"incarnation": incarnation, "from": sender, "positions": listed}).encode()

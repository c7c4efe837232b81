"""Makes access tokens that the server did not make, given its secret or not.

The signing key is derived from JWT_SECRET, so that nothing else signed with that secret is ever a token."""
import base64
import hashlib
import hmac
import json


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    """Header and claims of a token."""
    header, claims, _ = token.split(".")
    return json.loads(decode(header)), json.loads(decode(claims))


def key_of(jwt_secret):
    return hmac.new(jwt_secret.encode(), b"kieng/access token/v1", hashlib.sha256).digest()


def sign(key, text, digest=hashlib.sha256):
    return encode(hmac.new(key, text.encode(), digest).digest())


def make(key, header, claims, digest=hashlib.sha256):
    """A token written as the server writes them: members in the order given, no spaces."""
    def part(members):
        return encode(json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode())
    text = part(header) + "." + part(claims)
    return text + "." + sign(key, text, digest)

"""Access tokens that are not ours, not of this kind, not of this time, or not in our spelling. All are 401 on every route
that looks at tokens, public ones included: a bad token is never silently dropped."""
import hashlib
import time

import pytest

from harness import forge, raw
from harness.people import new_product

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Kit:
    """A good token and what it is made of."""

    def __init__(self, cluster, token):
        self.token = token
        self.header, self.claims = forge.parts(token)
        self.key = forge.key_of(cluster.jwt_secret)
        self.secret = cluster.jwt_secret

    def with_header(self, digest=hashlib.sha256, key=None, **change):
        return forge.make(key or self.key, {**self.header, **change}, self.claims, digest)

    def with_claims(self, without=(), **change):
        claims = {name: value for name, value in {**self.claims, **change}.items() if name not in without}
        return forge.make(self.key, self.header, claims)

    def spelled(self, header=None, claims=None, signature=None):
        parts = self.token.split(".")
        return ".".join([header or parts[0], claims or parts[1], parts[2] if signature is None else signature])

    def sign(self, text):
        return text + "." + forge.sign(self.key, text)


def unsigned(kit, name):
    return forge.make(kit.key, {**kit.header, "alg": name}, kit.claims).rpartition(".")[0] + "."


def flipped(text, place):
    return text[:place] + ALPHABET[(ALPHABET.index(text[place]) + 1) % 64] + text[place + 1:]


def same_bits(text):
    """Another spelling of the same bytes: the spare bits of the last character are not zero."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 1 if not ALPHABET.index(text[-1]) & 1 else ALPHABET.index(text[-1]) & ~1]


NOW = lambda: int(time.time())  # noqa: E731
CASES = [
    ("alg none", lambda k: unsigned(k, "none")), ("alg None", lambda k: unsigned(k, "None")), ("alg NONE", lambda k: unsigned(k, "NONE")),
    ("alg none with a signature", lambda k: k.with_header(alg="none")), ("alg empty", lambda k: k.with_header(alg="")), ("alg missing", lambda k: forge.make(k.key, {"typ": "JWT"}, k.claims)),
    ("alg HS384", lambda k: k.with_header(alg="HS384", digest=hashlib.sha384)), ("alg HS512", lambda k: k.with_header(alg="HS512", digest=hashlib.sha512)), ("alg RS256", lambda k: k.with_header(alg="RS256")),
    ("alg hs256", lambda k: k.with_header(alg="hs256")), ("alg a list", lambda k: k.with_header(alg=["HS256"])), ("kid", lambda k: k.with_header(kid="../../dev/null")), ("kid of sql", lambda k: k.with_header(kid="' UNION SELECT 'x")),
    ("jku", lambda k: k.with_header(jku="http://127.0.0.1:1/keys")), ("jwk", lambda k: k.with_header(jwk={"kty": "oct", "k": "AAAA"}, key=b"\0\0\0")), ("x5u", lambda k: k.with_header(x5u="http://127.0.0.1:1/c")),
    ("crit", lambda k: k.with_header(crit=["exp"])), ("zip", lambda k: k.with_header(zip="DEF")), ("typ another", lambda k: k.with_header(typ="at+jwt")), ("typ missing", lambda k: forge.make(k.key, {"alg": "HS256"}, k.claims)),
    ("header no object", lambda k: k.sign(forge.encode(b'"x"') + "." + k.token.split(".")[1])), ("header no json", lambda k: k.sign(forge.encode(b"{") + "." + k.token.split(".")[1])), ("alg twice", lambda k: k.sign(forge.encode(b'{"alg":"none","alg":"HS256","typ":"JWT"}') + "." + k.token.split(".")[1])),
    ("signed with the bare secret", lambda k: forge.make(k.secret.encode(), k.header, k.claims)), ("signed with nothing", lambda k: forge.make(b"", k.header, k.claims)), ("signed with a guess", lambda k: forge.make(b"secret", k.header, k.claims)),
    ("another issuer", lambda k: k.with_claims(iss="evil")), ("issuer missing", lambda k: k.with_claims(without=["iss"])), ("another audience", lambda k: k.with_claims(aud="other")), ("audience missing", lambda k: k.with_claims(without=["aud"])), ("audience a list", lambda k: k.with_claims(aud=[k.claims["aud"]])),
    ("type refresh", lambda k: k.with_claims(typ="refresh")), ("type missing", lambda k: k.with_claims(without=["typ"])), ("subject missing", lambda k: k.with_claims(without=["sub"])), ("subject no id", lambda k: k.with_claims(sub="owner")), ("subject empty", lambda k: k.with_claims(sub="")),
    ("subject a number", lambda k: k.with_claims(sub=1)), ("session missing", lambda k: k.with_claims(without=["sid"])), ("role unknown", lambda k: k.with_claims(role="god")), ("role empty", lambda k: k.with_claims(role="")), ("role a list", lambda k: k.with_claims(role=["owner"])),
    ("exp missing", lambda k: k.with_claims(without=["exp"])), ("exp text", lambda k: k.with_claims(exp="9999999999")), ("exp negative", lambda k: k.with_claims(exp=-1)), ("exp beyond 64 bits", lambda k: k.with_claims(exp=10 ** 30)), ("exp a fraction", lambda k: k.with_claims(exp=NOW() + 900.5)),
    ("exp in a hundred years", lambda k: k.with_claims(exp=NOW() + 3155760000)), ("iat missing", lambda k: k.with_claims(without=["iat"])), ("nbf missing", lambda k: k.with_claims(without=["nbf"])), ("extra member", lambda k: k.with_claims(admin=True)),
    ("claims no object", lambda k: k.sign(k.token.split(".")[0] + "." + forge.encode(b"[]"))), ("claims empty", lambda k: k.sign(k.token.split(".")[0] + ".")), ("claims not UTF-8", lambda k: k.sign(k.token.split(".")[0] + "." + forge.encode(b'{"sub":"\xff"}'))),
    ("signature missing", lambda k: k.spelled(signature="")), ("signature of another token", lambda k: k.spelled(signature=forge.sign(k.key, "x.y"))), ("signature cut", lambda k: k.token[:-1]), ("signature longer", lambda k: k.token + "A"), ("signature doubled", lambda k: k.token + k.token.rpartition(".")[2]),
    ("signature changed in front", lambda k: k.spelled(signature=flipped(k.token.rpartition(".")[2], 0))), ("signature with spare bits", lambda k: same_bits(k.token)), ("signature padded", lambda k: k.token + "="), ("claims padded", lambda k: k.sign(k.token.split(".")[0] + "." + k.token.split(".")[1] + "=")),
    ("base64 of the other alphabet", lambda k: k.spelled(signature=(k.token.rpartition(".")[2] + "").replace("-", "+").replace("_", "/")[:-2] + "+/")), ("claims changed", lambda k: k.spelled(claims=flipped(k.token.split(".")[1], 40))), ("header changed", lambda k: k.spelled(header=flipped(k.token.split(".")[0], 5))),
    ("one part", lambda k: k.token.split(".")[0]), ("two parts", lambda k: k.token.rpartition(".")[0]), ("four parts", lambda k: k.token + ".x"), ("dot behind", lambda k: k.token + "."), ("dot in front", lambda k: "." + k.token), ("two dots", lambda k: k.token.replace(".", "..", 1)), ("only dots", lambda k: ".."),
    ("of 7000 bytes", lambda k: k.with_claims(sub="x" * 5000)), ("claims of spaces", lambda k: k.sign(k.token.split(".")[0] + "." + forge.encode(b" " + forge.decode(k.token.split(".")[1])))), ("brackets for five parts", lambda k: "a.b.c.d.e"), ("percent encoded", lambda k: k.token.replace(".", "%2e")),
]
TIMED = [
    ("expired an hour ago", lambda k: k.with_claims(iat=NOW() - 4500, nbf=NOW() - 4500, exp=NOW() - 3600)), ("expired two minutes ago", lambda k: k.with_claims(iat=NOW() - 1020, nbf=NOW() - 1020, exp=NOW() - 120)),
    ("good in an hour", lambda k: k.with_claims(iat=NOW() + 3600, nbf=NOW() + 3600, exp=NOW() + 4500)), ("issued at zero", lambda k: k.with_claims(iat=0, nbf=0, exp=0)),
]


@pytest.fixture(scope="module")
def kit(cluster, people):
    return Kit(cluster, people.one("owner").access)


@pytest.fixture(autouse=True)
def same_process(cluster):
    before = cluster[2].health()["boot"]
    yield
    after = cluster[2].health()
    assert after["boot"] == before and after["ready"]


@pytest.mark.parametrize("case", CASES, ids=[one[0] for one in CASES])
def test_a_token_that_is_not_ours_opens_nothing(case, cluster, kit):
    token = case[1](kit)
    client = cluster.client(2, token)
    for path in ("/auth/me", "/users", "/products"):
        answer = client.get(path)
        assert (answer.status, answer.code) == (401, "token_invalid"), path
    assert 'error="invalid_token"' in answer.header("WWW-Authenticate")
    client.close()


@pytest.mark.parametrize("case", TIMED, ids=[one[0] for one in TIMED])
def test_a_token_out_of_its_time_opens_nothing(case, cluster, kit):
    answer = cluster.client(2, case[1](kit)).get("/auth/me")
    assert answer.status == 401 and answer.code in ("token_expired", "token_invalid")


def test_the_forgers_kit_makes_good_tokens_too(cluster, kit):
    """Otherwise all of the above would prove nothing: rightly signed and unchanged claims are accepted."""
    token = forge.make(kit.key, kit.header, kit.claims)
    assert token == kit.token
    later = kit.with_claims(iat=NOW() - 5, nbf=NOW() - 5, exp=NOW() + 895)
    assert cluster.client(2, later).get("/auth/me").status == 200


def test_a_signed_token_of_an_account_that_is_not_there_opens_nothing(cluster, kit):
    answer = cluster.client(2, kit.with_claims(sub="0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718")).get("/auth/me")
    assert answer.status == 401


SPELLINGS = [
    (b"Authorization: Bearer %s", {200}), (b"Authorization: bearer %s", {200, 401}), (b"Authorization: Bearer  %s", {200, 400, 401}), (b"Authorization: Bearer\t%s", {400, 401}),
    (b"Authorization: Bearer", {400, 401}), (b"Authorization:", {400, 401}), (b"Authorization: %s", {401}), (b"Authorization: Basic %s", {401}), (b"Authorization: Bearer %s x", {400, 401}), (b"Authorization: Bearer %s, Bearer %s", {400, 401}),
    (b"Authorization: Bearer \"%s\"", {400, 401}), (b"Authorization: BearerX %s", {401}), (b"Authorization: Bearer %s\r\nAuthorization: Bearer %s", {400, 401}), (b"Authorization: Bearer %s;", {400, 401}),
]


@pytest.mark.parametrize("line, statuses", SPELLINGS, ids=[one[0].decode().replace("\r\n", " & ") for one in SPELLINGS])
def test_the_token_comes_in_one_spelling(line, statuses, cluster, kit):
    line = line.replace(b"%s", kit.token.encode())
    result = raw.exchange(cluster[2].port, b"GET /auth/me HTTP/1.1\r\nHost: shop.test\r\n" + line + b"\r\n\r\n")
    assert result.status in statuses, result


def test_refresh_tokens_that_are_not_ours_are_refused(cluster, people):
    account = people.new("customer")
    client = cluster.client(2)
    good = account.refresh
    for bad in (good[:-1], good + "x", good.upper(), good[::-1], good.replace(".", "..", 1), "kr1.x.y", "x" * 512, flipped(good, len(good) - 1)):
        answer = client.post("/auth/refresh", {"refreshToken": bad})
        assert (answer.status, answer.code) in ((401, "token_invalid"), (422, "validation_failed")), bad
    assert client.post("/auth/refresh", {"refreshToken": "x" * 513}).status == 422
    assert client.get("/auth/me", token=good).code == "token_invalid"
    assert client.post("/auth/refresh", {"refreshToken": good}).status == 200


def test_a_forged_position_token_stops_nobody(cluster, people):
    """A Kieng-Token that is not ours is ignored: no wait, no error, whatever number it holds."""
    made = new_product(people.client("manager"))
    own = cluster.client(2).get("/products/" + made["id"]).header("Kieng-Token")
    incarnation, position, mac = own.split(".")
    for token in ("nonsense", "", "1.2.3", f"{incarnation}.9007199254740990.{mac}", f"{incarnation}.{position}.{'0' * 16}", f"9{incarnation}.{position}.{mac}",
                  f"{incarnation}.-1.{mac}", f"{incarnation}.{'9' * 90}.{mac}", own + ".x", own.upper() + " ", "x" * 4000):
        answer = cluster.client(2).get("/products/" + made["id"], headers={"Kieng-Token": token})
        assert answer.status == 200 and answer.json() == made, token

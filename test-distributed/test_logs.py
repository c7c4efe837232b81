"""Logs are JSON, one object per line, cannot be forged from outside and never hold a secret."""
import json
import re

import pytest

from harness import raw
from harness.client import Client
from harness.people import new_product, unique
from harness.waiting import until


@pytest.fixture
def shop(own_cluster):
    return own_cluster(names=("server-a",), settings={"LOG_LEVEL": "debug"})


def lines_of(node):
    return [json.loads(line) for line in node.log_text().splitlines()]


def logged(node, mark):
    return until(lambda: mark in node.log_text() and [line for line in node.log_text().splitlines() if mark in line], 10, f"{mark} in the log")


def test_every_line_is_one_json_object(shop):
    client = shop.owner(0)
    for path in ("/products", "/nothing", "/products?limit=0", "/auth/me"):
        client.get(path)
    raw.exchange(shop[0].port, b"\x00\x01nonsense\r\n\r\n", wait_close=True)
    last = unique("last")
    client.get("/products", headers={"X-Request-Id": last})
    logged(shop[0], last)
    shop[0].terminate()
    assert shop[0].process.wait(20) == 0
    lines = lines_of(shop[0])
    assert lines and all(isinstance(line, dict) for line in lines)
    assert all({"at", "level", "node", "event"} <= set(line) for line in lines), lines[0]


def test_a_request_is_logged_with_who_what_and_how_long(shop):
    mark = unique("request")
    new_product(Client(shop[0].port, shop.owner().token))
    shop.owner(0).get("/products?limit=5", headers={"X-Request-Id": mark})
    line = json.loads(logged(shop[0], mark)[-1])
    text = json.dumps(line)
    for part in (mark, "server-a", "GET", "/products", "200"):
        assert part in text, f"{part} is not in {text}"
    assert isinstance(line["ms"], (int, float)) and line["user"]


def test_lines_cannot_be_forged(shop):
    forged = '{"level":"info","event":"forged"}'
    port = shop[0].port
    for value in ("a%0a" + forged.replace('"', "%22").replace(" ", ""), "%0d%0a%0d%0aforged", "%1b[31mforged", "%e2%80%a8forged"):
        raw.exchange(port, f"GET /products?q={value} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        raw.exchange(port, f"GET /{value} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    raw.exchange(port, b"GET /products HTTP/1.1\r\nHost: x\r\nUser-Agent: \x1b[2J\xff\xfe\"}\r\nReferer: \"forged\r\n\r\n")
    raw.exchange(port, b"GET /products HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\tforged\r\n\r\n")
    client = Client(port)
    client.post("/auth/login", {"email": "a\nforged@e.vn", "password": "x\ny"})
    client.post("/auth/login", {"email": "\u2028" + forged + "@e.vn", "password": "x"})
    mark = unique("mark")
    client.get("/products", headers={"X-Request-Id": mark})
    logged(shop[0], mark)
    text = shop[0].log_text()
    for line in text.splitlines():
        record = json.loads(line)
        assert record["event"] != "forged"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), "a control character stands in the log"


def test_no_secret_is_ever_logged(shop):
    secrets = {"jwt": shop.jwt_secret, "cluster": shop.cluster_secret, "database": shop.postgres.password, "owner": shop.owner_password}
    client = Client(shop[0].port)
    account = {"email": unique() + "@e.vn", "password": "very secret pass " + unique()}
    secrets["password"] = account["password"]
    registered = client.post("/auth/register", account, key="log-key-" + unique("k")).json()
    signed_in = client.post("/auth/login", account).json()
    renewed = client.post("/auth/refresh", {"refreshToken": signed_in["refreshToken"]}).json()
    for name, tokens in (("registered", registered), ("signed in", signed_in), ("renewed", renewed)):
        secrets[name + " access"] = tokens["accessToken"]
        secrets[name + " signature"] = tokens["accessToken"].rpartition(".")[2]
        secrets[name + " refresh"] = tokens["refreshToken"]
    guess, new = "wrong secret " + unique(), "new secret " + unique()
    secrets.update(guess=guess, new=new)
    client.post("/auth/login", {"email": account["email"], "password": guess})
    client.post("/auth/login", {"email": account["email"], "password": {"nested": guess}})
    client.post("/auth/login", body='{"password": "' + guess + '"', content_type="application/json")
    client.get("/products?password=" + guess.replace(" ", "%20"))
    client.get("/products?access_token=" + renewed["accessToken"])
    client.get("/auth/me", token=renewed["accessToken"])
    client.get("/auth/me", token=renewed["accessToken"] + "x")
    changed = client.post("/auth/password", {"currentPassword": account["password"], "newPassword": new}, token=renewed["accessToken"]).json()
    secrets["changed refresh"] = changed["refreshToken"]
    client.post("/auth/refresh", {"refreshToken": renewed["refreshToken"]})
    made = shop.owner(0).post("/users", {"email": unique() + "@e.vn", "role": "cashier"}).json()
    secrets["made password"] = made["initialPassword"]
    client.post("/auth/logout", {"refreshToken": changed["refreshToken"]})
    shop.postgres.kill()  # what fails is logged too, and connection strings like to be quoted then
    client.get("/products?limit=7")
    shop.postgres.start()
    shop[0].wait_ready()
    mark = unique("mark")
    client.get("/products", headers={"X-Request-Id": mark})
    logged(shop[0], mark)
    text = shop[0].log_text()
    held = [name for name, secret in secrets.items() if secret in text or secret.replace(" ", "%20") in text or secret.replace(" ", "+") in text]
    assert not held, f"the log holds: {held}"
    assert "$2b$" not in text and "$2a$" not in text, "the log holds a password hash"


def test_the_audit_log_and_the_ledger_hold_no_secret(shop):
    client = Client(shop[0].port)
    account = {"email": unique() + "@e.vn", "password": "very secret pass " + unique()}
    tokens = client.post("/auth/register", account, key="audit-key-" + unique("k")).json()
    client.post("/auth/login", {**account, "password": "wrong " + account["password"]})
    client.patch("/auth/me", {"firstName": "Lan"}, version=1, token=tokens["accessToken"], key="audit-key-" + unique("k"))
    stored = ""
    for (table,) in shop.postgres.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"):
        stored += "".join(row for (row,) in shop.postgres.query(f'SELECT row_to_json(t)::text FROM "{table}" t'))
    for name, secret in (("password", account["password"]), ("refresh token", tokens["refreshToken"]), ("access token", tokens["accessToken"])):
        assert secret not in stored, f"the database holds the {name} in the clear"

"""The judges are judged: what holds answers against the contract must see when they break it."""
import json
import re
import socket
import threading

import pytest

from harness import forge, openapi, raw
from harness.client import Answer, token_rank
from harness.history import History, percentile
from harness.load import check_each_write_is_there_once
from harness.process import free_port
from harness.proxy import Proxy
from harness.waiting import until

CONTRACT = openapi.contract()
SCHEMAS = CONTRACT.document["components"]["schemas"]
PLAIN = [("X-Request-Id", "r"), ("Kieng-Token", "1.2.6f1d2c3b4a596877"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]


def answer(status=200, body=None, media="application/json", cache="no-store", path="/categories/0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60719", **extra):
    headers = PLAIN + [("Content-Type", media), ("Cache-Control", cache), *extra.items()]
    return Answer("GET", path, status, headers, json.dumps(body).encode())


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "example" in schema])
def test_the_contracts_examples_keep_the_contract(name):
    assert CONTRACT.schemas.faults(SCHEMAS[name], SCHEMAS[name]["example"]) == []


def test_a_good_answer_has_no_faults():
    good = answer(body=SCHEMAS["Category"]["example"], cache="private, no-cache", ETag='"1.x"', Vary="Authorization")
    assert CONTRACT.check(good, {}) == []


@pytest.mark.parametrize("change, fault", [
    ({"passwordHash": "x"}, "not in the contract"), ({"version": "1"}, "is not integer"), ({"version": 0}, "out of range"), ({"slug": "A B"}, "does not match"),
    ({"createdAt": "2026-11-20 12:00"}, "date-time"), ({"id": "42"}, "uuid"), ({"parentId": 5}, "alternatives"), ({"name": ...}, "missing")])
def test_a_member_against_the_contract_is_seen(change, fault):
    body = {name: value for name, value in {**SCHEMAS["Category"]["example"], **change}.items() if value is not ...}
    found = CONTRACT.check(answer(body=body, cache="private, no-cache", ETag='"1.x"'), {})
    assert any(fault in one for one in found), found


def test_missing_headers_and_unlisted_answers_are_seen():
    bare = Answer("GET", "/products", 200, [], b"{}")
    found = " ".join(CONTRACT.check(bare, {}))
    assert all(name in found for name in ("X-Request-Id", "Kieng-Token", "X-Content-Type-Options", "Content-Type"))
    assert "does not list" in " ".join(CONTRACT.check(answer(status=201, body={}), {}))
    problem = {"type": "urn:kieng:problem:last_owner", "title": CONTRACT.errors["last_owner"]["title"]["vi"], "status": 409, "code": "last_owner",
               "scope": "request", "committed": "no", "retry": {"where": "none", "afterMs": 0}, "requestId": "r", "detail": "Không được."}
    wrong = answer(status=404, body={**problem, "status": 404}, media="application/problem+json")
    assert any("status is 404, not 409" in one for one in CONTRACT.check(wrong, {}))


def test_paths_find_their_operations():
    for method, path, identity in (("GET", "/products/export", "exportProducts"), ("GET", "/products/x", "getProduct"), ("HEAD", "/v1/products?limit=1", "listProducts"),
                                   ("POST", "/products/import?dryRun=true", "importProducts"), ("DELETE", "/auth/me/sessions/x", "endSession")):
        assert CONTRACT.find(method, path).id == identity
    assert CONTRACT.find("GET", "/nothing") is None and CONTRACT.find("POST", "/products/x") is None


def test_answers_are_read_from_bytes_in_any_pieces():
    data = (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nrest")
    near, far = socket.socketpair()

    def feed():
        for place in range(0, len(data), 3):
            far.sendall(data[place: place + 3])
        far.close()
    threading.Thread(target=feed).start()
    result = raw.read(near, wait_close=True)
    near.close()
    assert [(one.status, one.body) for one in result.answers] == [(200, b"hi"), (200, b"abcde"), (204, b"")]
    assert result.closed and result.rest == b"rest"


def test_the_proxy_carries_cuts_and_holds():
    server = socket.create_server(("127.0.0.1", free_port()))

    def echo():
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=_echo, args=(end,), daemon=True).start()
    threading.Thread(target=echo, daemon=True).start()
    proxy = Proxy(server.getsockname()[1])
    try:
        with raw.connect(proxy.port) as end:
            end.sendall(b"hello")
            assert end.recv(10) == b"hello"
            proxy.hold = True
            end.sendall(b"held")
            assert raw.stays_open(end, 0.1)
            proxy.mend()
            assert end.recv(10) == b"held"
            proxy.cut()
            until(lambda: not raw.stays_open(end, 0.05), 5, "the cut")
        proxy.mend()
        with raw.connect(proxy.port) as end:
            end.sendall(b"bye")
            end.shutdown(socket.SHUT_WR)
            assert end.recv(10) == b"bye" and end.recv(10) == b""
        until(lambda: not proxy.open_pairs, 5, "nothing left of what ended in good order")
        proxy.drop_after = 3
        with raw.connect(proxy.port) as end:
            end.sendall(b"abcdef")
            until(lambda: not raw.stays_open(end, 0.05) or end.recv(10) == b"", 5, "the drop")
    finally:
        proxy.close()
        server.close()


def _echo(end):
    try:
        while piece := end.recv(100):
            end.sendall(piece)
    except OSError:
        pass
    end.close()


def test_a_history_tells_refused_from_unknown():
    history = History()
    ok, refused, unknown, silent = (history.invoke("write", str(n), "server-a") for n in range(4))
    history.done(ok, answer(status=201))
    history.done(refused, answer(status=503, body={"code": "database_unavailable", "scope": "shared", "committed": "no"}))
    history.done(unknown, answer(status=503, body={"code": "outcome_unknown", "scope": "shared", "committed": "unknown"}))
    history.done(silent, None)
    assert [one.outcome for one in (ok, refused, unknown, silent)] == ["ok", "refused", "unknown", "unknown"]
    ok.answered = 10.0
    assert history.longest_gap("write", "server-a", 9.0, 13.0) == 3.0
    assert percentile([3, 1, 2], 0.5) == 2 and percentile([], 0.5) == 0.0


@pytest.mark.parametrize("rows, sign", [(["a"], "lost ['b']"), (["a", "b", "b"], "doubled ['b']"), (["a", "b", "c"], "invented ['c']"), (["a", "b"], None)])
def test_the_checker_sees_what_is_lost_doubled_or_invented(rows, sign):
    class Database:
        @staticmethod
        def query(*_):
            return [(row,) for row in rows]
    history = History()
    for key in ("a", "b"):
        history.done(history.invoke("write", key, "server-a"), answer(status=201))
    if sign is None:
        check_each_write_is_there_once(history, Database)
    else:
        with pytest.raises(AssertionError, match=re.escape(sign)):
            check_each_write_is_there_once(history, Database)


def test_tokens_are_ordered_by_incarnation_then_position():
    assert token_rank(None) < token_rank("1.9.x") < token_rank("1.10.x") < token_rank("2.1.x")


def test_a_forged_token_reads_back():
    token = forge.make(forge.key_of("s" * 32), {"alg": "HS256", "typ": "JWT"}, {"sub": "x"})
    assert forge.parts(token) == ({"alg": "HS256", "typ": "JWT"}, {"sub": "x"})

"""Limits, each tried just below and just above. The numbers come from the contract's x-limits table, not from here."""
import json
import time

import pytest

from harness import openapi, raw
from harness.people import unique
from harness.waiting import until

CONTRACT = openapi.contract()
LIMITS = CONTRACT.limits
HEAD = b"GET %s HTTP/1.1\r\nHost: shop.test\r\n"
JSON_POST = b"POST %s HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
def same_process(cluster):
    before = cluster[0].health()["boot"]
    yield
    after = cluster[0].health()
    assert after["boot"] == before and after["ready"]


def refused(result, status, code):
    assert (result.status, result.answers[0].json()["code"]) == (status, code), result
    assert result.closed, "after a limit is passed the connection is closed"


def fields(count, size=None):
    """So many fields (Host not counted), and with `size` so long that the whole header section has that many bytes."""
    made = [b"X-%04d: " % n for n in range(count)]
    if size is not None:
        made[-1] += b"v" * (size - sum(len(one) + 2 for one in made) - len(b"Host: shop.test\r\n") - 2)
    return b"".join(one + b"\r\n" for one in made)


@pytest.mark.parametrize("count", [LIMITS["headerFields"] - 1, LIMITS["headerFields"]])
def test_as_many_fields_as_allowed_pass(count, cluster):
    assert raw.exchange(cluster[0].port, HEAD % b"/api/health" + fields(count - 1) + b"\r\n").status == 200


@pytest.mark.parametrize("count", [LIMITS["headerFields"] + 1, 1000])
def test_more_fields_are_refused(count, cluster):
    result = raw.exchange(cluster[0].port, HEAD % b"/api/health" + fields(count - 1) + b"\r\n", wait_close=True)
    refused(result, 431, "header_too_large")


@pytest.mark.parametrize("size", [LIMITS["headerBytes"] // 2, LIMITS["headerBytes"] - 64])
def test_a_header_below_the_limit_passes(size, cluster):
    assert raw.exchange(cluster[0].port, HEAD % b"/api/health" + fields(3, size) + b"\r\n").status == 200


@pytest.mark.parametrize("size", [LIMITS["headerBytes"] + 64, LIMITS["headerBytes"] * 2, 1 << 20])
def test_a_header_above_the_limit_is_refused(size, cluster):
    result = raw.exchange(cluster[0].port, HEAD % b"/api/health" + fields(3, size) + b"\r\n", wait_close=True)
    refused(result, 431, "header_too_large")


def test_a_header_that_never_ends_is_refused_early(cluster):
    with raw.connect(cluster[0].port) as end:
        end.sendall(HEAD % b"/api/health")
        sent = 0
        try:
            while sent < 1 << 24:
                sent += end.send(b"X-Again: " + b"v" * 1000 + b"\r\n")
        except OSError:
            pass
        assert sent < 1 << 24
        result = raw.read(end, wait_close=True)
    assert result.status in (431, None) and result.closed


def target(size):
    return b"/products?q=" + b"x" * (size - len(b"/products?q="))


@pytest.mark.parametrize("size", [LIMITS["urlBytes"] // 2, LIMITS["urlBytes"]])
def test_a_long_url_is_read(size, cluster):
    result = raw.exchange(cluster[0].port, HEAD % target(size) + b"\r\n")
    assert (result.status, result.answers[0].json()["code"]) == (400, "invalid_parameter"), "`q` is too long, the URL is not"


@pytest.mark.parametrize("size", [LIMITS["urlBytes"] + 1, LIMITS["urlBytes"] * 2, 1 << 20])
def test_a_longer_url_is_refused(size, cluster):
    result = raw.exchange(cluster[0].port, HEAD % target(size) + b"\r\n", wait_close=True)
    refused(result, 414, "uri_too_long")


def json_of(size):
    return b'{"email": "' + b"x" * (size - len(b'{"email": ""}')) + b'"}'


@pytest.mark.parametrize("size", [LIMITS["bodyBytes"] // 2, LIMITS["bodyBytes"]])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_body_below_the_limit_is_read(size, chunked, cluster):
    result = raw.exchange(cluster[0].port, JSON_POST % b"/auth/login" + framed(json_of(size), chunked))
    assert result.status == 422, result


@pytest.mark.parametrize("size", [LIMITS["bodyBytes"] + 1, LIMITS["bodyBytes"] * 4])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_body_above_the_limit_is_refused(size, chunked, cluster):
    result = raw.exchange(cluster[0].port, JSON_POST % b"/auth/login" + framed(json_of(size), chunked), wait_close=True)
    refused(result, 413, "payload_too_large")


def framed(body, chunked):
    if not chunked:
        return b"Content-Length: %d\r\n\r\n" % len(body) + body
    pieces = [body[n: n + 50000] for n in range(0, len(body), 50000)]
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


def test_a_body_announced_too_large_is_refused_before_it_comes(cluster):
    head = JSON_POST % b"/auth/login" + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (LIMITS["bodyBytes"] + 1)
    result = raw.exchange(cluster[0].port, head, wait_close=True)
    refused(result, 413, "payload_too_large")


def test_the_route_that_raises_the_body_limit_has_one_too(cluster, people):
    operation = next(one for one in CONTRACT.operations if one.body_limit)
    head = (b"POST /products/import HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/csv\r\nAuthorization: Bearer "
            + people.one("manager").access.encode() + b"\r\nContent-Length: %d\r\n\r\n" % (operation.body_limit + 1))
    refused(raw.exchange(cluster[0].port, head, wait_close=True), 413, "payload_too_large")


def test_who_may_not_import_need_not_send_the_file(cluster, people):
    """The refusal comes before the body: a stranger cannot make a node read half a gigabyte."""
    for token, status in ((None, 401), (people.one("customer").access, 403)):
        head = b"POST /products/import HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/csv\r\nContent-Length: 500000000\r\n"
        head += b"Authorization: Bearer %s\r\n\r\n" % token.encode() if token else b"\r\n"
        result = raw.exchange(cluster[0].port, head, wait_close=True)
        assert result.status == status and result.closed


@pytest.mark.parametrize("open_with, close_with", [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
def test_nesting_up_to_the_limit_is_read_and_no_deeper(open_with, close_with, cluster):
    depth = LIMITS["jsonDepth"]
    for levels, status in ((depth, 422), (depth + 1, 400), (5000, 400), (100000, 400)):
        body = (open_with * levels + b"1" + close_with * levels)[: LIMITS["bodyBytes"]]
        result = raw.exchange(cluster[0].port, JSON_POST % b"/auth/login" + framed(body, False))
        assert result.status == status, f"{levels} levels: {result}"
        if status == 400:
            assert result.answers[0].json()["code"] == "malformed_json"


def test_a_flood_of_faults_is_answered_with_a_hundred(cluster, people):
    body = {f"unknown{n}": n for n in range(20000)}
    answer = people.client("manager").post("/products", body)
    assert answer.status == 422 and len(answer.json()["errors"]) <= 100


def test_slow_senders_are_shown_the_door(cluster, figure):
    """A header must be complete within 10 s, a body must bring 1 KiB a second; others are served meanwhile."""
    begun = time.monotonic()
    slow_head, slow_body, silent = (raw.connect(cluster[0].port) for _ in range(3))
    slow_head.sendall(HEAD % b"/api/health")
    slow_body.sendall(JSON_POST % b"/auth/login" + b"Content-Length: 500000\r\n\r\n{")
    ended = {}

    def trickle(name, end, data):
        if name in ended:
            return
        result = raw.read(end, timeout=0.05, wait_close=True)
        if result.closed:
            ended[name] = (time.monotonic() - begun, result.status)
            return
        try:
            end.sendall(data)
        except OSError:
            pass

    def all_ended():
        trickle("header", slow_head, b"X-Again: y\r\n")
        trickle("body", slow_body, b" ")
        assert cluster[0].health()["ready"]
        return len(ended) == 2
    until(all_ended, 30, "the end of slow requests", every=0.5)
    for end in (slow_head, slow_body, silent):
        end.close()
    assert {status for _, status in ended.values()} <= {408, None}, ended
    figure("slow header, slow body closed after", ", ".join(f"{name} {seconds:.1f} s ({status})" for name, (seconds, status) in sorted(ended.items())))


@pytest.mark.long
def test_an_idle_connection_is_closed_after_a_minute(cluster):
    with raw.connect(cluster[0].port) as end:
        end.sendall(HEAD % b"/api/health" + b"\r\n")
        assert raw.read(end).status == 200
        assert raw.stays_open(end, 5)
        assert raw.read(end, timeout=90, wait_close=True).closed


def test_connections_of_one_address_are_counted(own_cluster):
    limited = own_cluster(names=("server-a",), settings={"MAX_CONNECTIONS_PER_ADDRESS": 20})
    node = limited[0]
    held = []
    try:
        for _ in range(60):
            held.append(raw.connect(node.port))
            held[-1].sendall(HEAD % b"/api/health" + b"\r\n")
        served = [raw.read(end, timeout=3) for end in held]
        good = [one for one in served if one.status == 200]
        assert len(good) <= 20 and len(good) >= 15
        assert all(one.status in (200, 503, 429, None) for one in served)
    finally:
        for end in held:
            end.close()
    until(lambda: node.ask("/ready")[0] == 200, 10, "room for connections again")


def test_rates_are_limited_and_told(own_cluster):
    limited = own_cluster(names=("server-a",), settings={"RATE_LIMIT_ADDRESS": 20, "RATE_LIMIT_USER": 10})
    client = limited.client(0)
    answers = [client.get("/products") for _ in range(120)]
    assert {one.status for one in answers} == {200, 429}
    last = next(one for one in answers if one.status == 429)
    assert last.code == "rate_limited" and int(last.header("Retry-After")) >= 1
    assert last.header("RateLimit") and last.header("RateLimit-Policy")
    assert client.get("/api/health").status == 200, "health is never limited"
    until(lambda: client.get("/products").status == 200, 10, "a fresh allowance", every=0.2)


def test_a_full_hashing_queue_refuses_at_once_and_others_are_served(own_cluster):
    import threading
    from harness.client import Client
    limited = own_cluster(names=("server-a",), settings={"HASH_QUEUE": 2, "HASH_THREADS": 1, "BCRYPT_COST": 12})
    statuses = []

    def knock():
        client = Client(limited[0].port)
        statuses.append(client.post("/auth/register", {"email": unique() + "@e.vn", "password": "muoi hai con giap"}))
    threads = [threading.Thread(target=knock) for _ in range(24)]
    for thread in threads:
        thread.start()
    assert limited[0].health()["ready"]
    for thread in threads:
        thread.join()
    codes = sorted({(one.status, one.code) for one in statuses}, key=str)
    assert codes == [(201, None), (429, "hashing_busy")], codes


def test_json_of_many_numbers_is_no_bomb(cluster, people):
    body = json.dumps({"name": "x", "price": 1, "tags": list(range(100000))})
    answer = people.client("manager").post("/products", body=body, content_type="application/json")
    assert answer.status == 422 and len(answer.json()["errors"]) <= 100

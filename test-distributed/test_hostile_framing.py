"""Requests whose beginning and end, names and forms are in doubt (RFC 9110, 9112): refused, the connection closed, and what
follows on it never taken for a request."""
import pytest

from harness import raw

OK = b"Host: shop.test\r\n"
HEALTH = b"GET /api/health HTTP/1.1\r\n"
POST = b"POST /auth/login HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n"
END = b"\r\n"

# name, bytes, statuses allowed
REFUSED = [
    ("host missing", HEALTH + END, {400}),
    ("host twice, the same", HEALTH + OK + OK + END, {400}),
    ("host twice, different", HEALTH + OK + b"Host: evil.test\r\n" + END, {400}),
    ("host empty", HEALTH + b"Host:\r\n" + END, {400}),
    ("host with a space", HEALTH + b"Host: a b\r\n" + END, {400}),
    ("host with user info", HEALTH + b"Host: user@shop.test\r\n" + END, {400}),
    ("host with a path", HEALTH + b"Host: shop.test/x\r\n" + END, {400}),
    ("host with a query", HEALTH + b"Host: shop.test?x\r\n" + END, {400}),
    ("host list", HEALTH + b"Host: a.test, b.test\r\n" + END, {400}),
    ("host port of letters", HEALTH + b"Host: shop.test:http\r\n" + END, {400}),
    ("host with two ports", HEALTH + b"Host: shop.test:80:80\r\n" + END, {400}),
    ("host with an open bracket", HEALTH + b"Host: [::1\r\n" + END, {400}),
    ("host with a control character", HEALTH + b"Host: shop\x01.test\r\n" + END, {400}),
    ("host with a scheme", HEALTH + b"Host: http://shop.test\r\n" + END, {400}),
    ("host with bad percent", HEALTH + b"Host: shop%zz.test\r\n" + END, {400}),
    ("length and chunked", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400}),
    ("chunked and length", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400}),
    ("chunked twice in two fields", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400, 501}),
    ("chunked twice in one field", POST + b"Transfer-Encoding: chunked, chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400, 501}),
    ("identity", POST + b"Transfer-Encoding: identity\r\n" + END + SMUGGLED, {400, 501}),
    ("identity and length", POST + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n" + END + b"{}" + SMUGGLED, {400, 501}),
    ("gzip, chunked", POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400, 501}),
    ("chunked, gzip", POST + b"Transfer-Encoding: chunked, gzip\r\n" + END + SMUGGLED, {400, 501}),
    ("xchunked", POST + b"Transfer-Encoding: xchunked\r\n" + END + SMUGGLED, {400, 501}),
    ("chunkedx", POST + b"Transfer-Encoding: chunkedx\r\n" + END + SMUGGLED, {400, 501}),
    ("chunked in quotes", POST + b"Transfer-Encoding: \"chunked\"\r\n" + END + SMUGGLED, {400, 501}),
    ("chunked with a parameter", POST + b"Transfer-Encoding: chunked;x=1\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400, 501}),
    ("chunked after a vertical tab", POST + b"Transfer-Encoding: \x0bchunked\r\n" + END + SMUGGLED, {400, 501}),
    ("transfer encoding empty", POST + b"Transfer-Encoding:\r\n" + END + SMUGGLED, {400, 501}),
    ("transfer encoding, space before the colon", POST + b"Transfer-Encoding : chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400}),
    ("transfer encoding folded", POST + b"Transfer-Encoding:\r\n chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400, 501}),
    ("chunked in HTTP/1.0", POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED, {400}),
    ("length negative", POST + b"Content-Length: -1\r\n" + END + SMUGGLED, {400}),
    ("length with a plus", POST + b"Content-Length: +2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length in hex", POST + b"Content-Length: 0x2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length of letters", POST + b"Content-Length: two\r\n" + END + SMUGGLED, {400}),
    ("length empty", POST + b"Content-Length:\r\n" + END + SMUGGLED, {400}),
    ("length with a space inside", POST + b"Content-Length: 2 2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length with a fraction", POST + b"Content-Length: 2.0\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length list", POST + b"Content-Length: 2, 2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length twice, different", POST + b"Content-Length: 2\r\nContent-Length: 45\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length twice, the same", POST + b"Content-Length: 2\r\nContent-Length: 2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("length over 64 bits", POST + b"Content-Length: 18446744073709551618\r\n" + END + b"{}" + SMUGGLED, {400, 413}),
    ("length over 63 bits", POST + b"Content-Length: 9223372036854775808\r\n" + END + b"{}" + SMUGGLED, {400, 413}),
    ("length in other digits", POST + "Content-Length: ٢\r\n".encode() + END + b"{}" + SMUGGLED, {400}),
    ("length, space before the colon", POST + b"Content-Length : 2\r\n" + END + b"{}" + SMUGGLED, {400}),
    ("chunk size of letters", POST + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk size negative", POST + b"Transfer-Encoding: chunked\r\n" + END + b"-2\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk size with 0x", POST + b"Transfer-Encoding: chunked\r\n" + END + b"0x2\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk size empty", POST + b"Transfer-Encoding: chunked\r\n" + END + b"\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk size over 64 bits", POST + b"Transfer-Encoding: chunked\r\n" + END + b"10000000000000002\r\n{}\r\n0\r\n\r\n", {400, 413}),
    ("chunk size after a space", POST + b"Transfer-Encoding: chunked\r\n" + END + b" 2\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk longer than it says", POST + b"Transfer-Encoding: chunked\r\n" + END + b"1\r\n{}\r\n0\r\n\r\n", {400}),
    ("chunk without its end of line", POST + b"Transfer-Encoding: chunked\r\n" + END + b"2\r\n{}0\r\n\r\n", {400}),
    ("chunk lines ended by LF", POST + b"Transfer-Encoding: chunked\r\n" + END + b"2\n{}\n0\n\n", {400}),
    ("chunk extension without end", POST + b"Transfer-Encoding: chunked\r\n" + END + b"2;" + b"x" * 20000 + b"\r\n{}\r\n0\r\n\r\n", {400, 413, 431}),
    ("trailer without end", POST + b"Transfer-Encoding: chunked\r\n" + END + b"2\r\n{}\r\n0\r\n" + b"X: " + b"y" * 20000 + b"\r\n\r\n", {400, 413, 431}),
    ("field without a colon", HEALTH + OK + b"nonsense\r\n" + END, {400}),
    ("field without a name", HEALTH + OK + b": x\r\n" + END, {400}),
    ("space before the colon", HEALTH + OK + b"X-Test : x\r\n" + END, {400}),
    ("space in a name", HEALTH + OK + b"X Test: x\r\n" + END, {400}),
    ("brackets in a name", HEALTH + OK + b"X(Test): x\r\n" + END, {400}),
    ("a name that is not ASCII", HEALTH + OK + "Tên: x\r\n".encode() + END, {400}),
    ("first field after a space", HEALTH + b" X-Test: x\r\n" + OK + END, {400}),
    ("folded field", HEALTH + OK + b"X-Test: a\r\n b\r\n" + END, {400}),
    ("NUL in a value", HEALTH + OK + b"X-Test: a\x00b\r\n" + END, {400}),
    ("NUL in a name", HEALTH + OK + b"X\x00Test: a\r\n" + END, {400}),
    ("bell in a value", HEALTH + OK + b"X-Test: a\x07b\r\n" + END, {400}),
    ("delete in a value", HEALTH + OK + b"X-Test: a\x7fb\r\n" + END, {400}),
    ("bare CR in a value", HEALTH + OK + b"X-Test: a\rX-Evil: b\r\n" + END, {400}),
    ("lines ended by LF", b"GET /api/health HTTP/1.1\nHost: shop.test\n\n", {400}),
    ("one line ended by LF", HEALTH + b"Host: shop.test\n" + b"X: y\r\n" + END, {400}),
    ("header ended by LF", HEALTH + OK + b"\n", {400}),
    ("two spaces after the method", b"GET  /api/health HTTP/1.1\r\n" + OK + END, {400}),
    ("two spaces before the version", b"GET /api/health  HTTP/1.1\r\n" + OK + END, {400}),
    ("space before the method", b" GET /api/health HTTP/1.1\r\n" + OK + END, {400}),
    ("space after the version", b"GET /api/health HTTP/1.1 \r\n" + OK + END, {400}),
    ("tab for a space", b"GET\t/api/health\tHTTP/1.1\r\n" + OK + END, {400}),
    ("no version", b"GET /api/health\r\n" + OK + END, {400}),
    ("no target", b"GET HTTP/1.1\r\n" + OK + END, {400}),
    ("lower-case version", b"GET /api/health http/1.1\r\n" + OK + END, {400, 505}),
    ("version 0.9", b"GET /api/health HTTP/0.9\r\n" + OK + END, {400, 505}),
    ("version 2.0", b"GET /api/health HTTP/2.0\r\n" + OK + END, {400, 505}),
    ("version 1.10", b"GET /api/health HTTP/1.10\r\n" + OK + END, {400, 505}),
    ("version 1.1x", b"GET /api/health HTTP/1.1x\r\n" + OK + END, {400, 505}),
    ("another protocol", b"GET /api/health HTTPS/1.1\r\n" + OK + END, {400, 505}),
    ("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    ("method lower-case", b"get /api/health HTTP/1.1\r\n" + OK + END, {400, 405, 501}),
    ("method with a bracket", b"GE(T /api/health HTTP/1.1\r\n" + OK + END, {400, 501}),
    ("method of 5000 letters", b"A" * 5000 + b" /api/health HTTP/1.1\r\n" + OK + END, {400, 414, 431, 501}),
    ("target *", b"GET * HTTP/1.1\r\n" + OK + END, {400}),
    ("target without a slash", b"GET api/health HTTP/1.1\r\n" + OK + END, {400}),
    ("target with a fragment", b"GET /api/health#x HTTP/1.1\r\n" + OK + END, {400}),
    ("target with NUL encoded", b"GET /api/health%00 HTTP/1.1\r\n" + OK + END, {400}),
    ("target with NUL", b"GET /api/health\x00 HTTP/1.1\r\n" + OK + END, {400}),
    ("target with bad percent", b"GET /api/%zz HTTP/1.1\r\n" + OK + END, {400}),
    ("target with half a percent", b"GET /api/health%2 HTTP/1.1\r\n" + OK + END, {400}),
    ("target not UTF-8", b"GET /products/%ff%fe HTTP/1.1\r\n" + OK + END, {400}),
    ("target overlong UTF-8", b"GET /products/%c0%ae%c0%ae HTTP/1.1\r\n" + OK + END, {400}),
    ("target with raw bytes", "GET /sản-phẩm HTTP/1.1\r\n".encode() + OK + END, {400}),
    ("target with a control character", b"GET /api/\x01health HTTP/1.1\r\n" + OK + END, {400}),
    ("query not UTF-8", b"GET /products?q=%ff HTTP/1.1\r\n" + OK + END, {400}),
    ("query with NUL encoded", b"GET /products?q=%00 HTTP/1.1\r\n" + OK + END, {400}),
    ("authority form", b"GET shop.test:80 HTTP/1.1\r\n" + OK + END, {400}),
    ("connect", b"CONNECT shop.test:443 HTTP/1.1\r\n" + OK + END, {400, 405, 501}),
    ("absolute form without a host", b"GET http:///api/health HTTP/1.1\r\n" + OK + END, {400}),
    ("absolute form with user info", b"GET http://a:b@shop.test/api/health HTTP/1.1\r\n" + OK + END, {400}),
]

# What is no HTTP at all may also be met with silence and a closed door.
NOISE = [
    ("binary", bytes(range(256)) * 4),
    ("zeros", b"\x00" * 4096),
    ("TLS hello", bytes.fromhex("16030100a5010000a10303") + b"k" * 160),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("PostgreSQL", bytes.fromhex("0000000804d2162f")),
    ("empty lines", b"\r\n" * 4000),
    ("one endless line", b"G" * 65536),
    ("memcached", b"stats\r\n\r\n"),
]

REFUSED_BUT_READABLE = [
    ("TRACE", b"TRACE /api/health HTTP/1.1\r\n" + OK + END, {405, 501}),
    ("unknown method", b"BREW /api/health HTTP/1.1\r\n" + OK + END, {501}),
    ("PROPFIND", b"PROPFIND /products HTTP/1.1\r\n" + OK + END, {405, 501}),
    ("POST where only GET is", b"POST /api/health HTTP/1.1\r\n" + OK + b"Content-Length: 0\r\n" + END, {405}),
    ("dot segments", b"GET /../../etc/passwd HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("dot segments encoded", b"GET /app/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("slash encoded", b"GET /app/..%2f..%2fetc/passwd HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("backslash", b"GET /app/..%5c..%5cetc%5cpasswd HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("two slashes", b"GET //products HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("path parameters", b"GET /products;a=b HTTP/1.1\r\n" + OK + END, {400, 404}),
    ("Expect of something else", POST + b"Expect: tea\r\nContent-Length: 2\r\n" + END + b"{}", {417}),
    ("Content-Encoding gzip", POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n" + END + b"{}", {415}),
    ("Content-Type twice", POST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n" + END + b"{}", {400, 415}),
    ("Authorization twice", b"GET /auth/me HTTP/1.1\r\n" + OK + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n" + END, {400, 401}),
]

ACCEPTED = [
    ("plain", HEALTH + OK + END),
    ("host with a port", HEALTH + b"Host: shop.test:4000\r\n" + END),
    ("host an IPv6 address", HEALTH + b"Host: [::1]:4000\r\n" + END),
    ("names in any case", HEALTH + b"hOST: shop.test\r\n" + END),
    ("no space after the colon", HEALTH + b"Host:shop.test\r\n" + END),
    ("spaces around a value", HEALTH + b"Host: \t shop.test \t\r\n" + END),
    ("bytes above ASCII in a value", HEALTH + OK + "X-Tên: a\r\n".encode().replace("ê".encode(), b"e") + "X-Test: Kiềng\r\n".encode() + END),
    ("empty value", HEALTH + OK + b"X-Test:\r\n" + END),
    ("one empty line first", b"\r\n" + HEALTH + OK + END),
    ("absolute form", b"GET http://shop.test/api/health HTTP/1.1\r\n" + OK + END),
    ("percent-encoded letters", b"GET /%61pi/health HTTP/1.1\r\n" + OK + END),
    ("upgrade that nobody asked for", HEALTH + OK + b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + END),
    ("empty query", b"GET /api/health? HTTP/1.1\r\n" + OK + END),
]


def by_name(table):
    return pytest.mark.parametrize("case", table, ids=[one[0] for one in table])


@pytest.fixture(autouse=True)
def same_process(cluster):
    """After each case the node is well and has not been started anew."""
    before = cluster[0].health()["boot"]
    yield
    after = cluster[0].health()
    assert after["boot"] == before and after["ready"]


def is_problem(answer):
    assert answer.header("Content-Type", "").startswith("application/problem+json")
    for name in ("X-Request-Id", "Kieng-Token", "X-Content-Type-Options", "Referrer-Policy"):
        assert len(answer.all(name)) == 1, name
    assert answer.header("Cache-Control") == "no-store"
    assert answer.json()["status"] == answer.status
    return answer.json()


@by_name(REFUSED)
def test_doubtful_framing_is_refused_and_the_connection_closed(case, cluster):
    _, data, statuses = case
    result = raw.exchange(cluster[0].port, data, wait_close=True)
    assert [one.status for one in result.answers][:1] and result.status in statuses, result
    assert len(result.answers) == 1 and result.rest == b"", "what followed was taken for a request"
    is_problem(result.answers[0])
    assert result.closed and result.answers[0].closes


@by_name(NOISE)
def test_noise_is_refused(case, cluster):
    result = raw.exchange(cluster[0].port, case[1], wait_close=True, half_close=True)
    assert result.closed and len(result.answers) <= 1
    assert result.status in (None, 400, 414, 431, 501, 505)


@by_name(REFUSED_BUT_READABLE)
def test_what_is_not_served_is_refused_by_its_proper_name(case, cluster):
    _, data, statuses = case
    result = raw.exchange(cluster[0].port, data)
    assert result.status in statuses, result
    is_problem(result.answers[0])


@by_name(ACCEPTED)
def test_what_is_right_is_not_refused(case, cluster):
    result = raw.exchange(cluster[0].port, case[1])
    assert result.status == 200, result


def test_HTTP_1_0_is_answered_and_closed(cluster):
    result = raw.exchange(cluster[0].port, b"GET /api/health HTTP/1.0\r\n\r\n", wait_close=True)
    assert result.status == 200 and result.closed


def test_close_is_obeyed(cluster):
    result = raw.exchange(cluster[0].port, HEALTH + OK + b"Connection: close\r\n" + END + HEALTH + OK + END, wait_close=True)
    assert [one.status for one in result.answers] == [200] and result.closed and result.answers[0].closes


def test_pipelined_requests_are_answered_in_order(cluster):
    data = b"".join(b"GET /api/health HTTP/1.1\r\n" + OK + b"X-Request-Id: n%d\r\n\r\n" % n for n in range(50))
    result = raw.exchange(cluster[0].port, data, answers=50)
    assert [one.header("X-Request-Id") for one in result.answers] == [f"n{n}" for n in range(50)]


def test_a_bad_request_in_a_pipeline_ends_it(cluster):
    data = (HEALTH + OK + END) * 2 + HEALTH + END + (HEALTH + OK + END) * 2
    result = raw.exchange(cluster[0].port, data, wait_close=True)
    assert [one.status for one in result.answers] == [200, 200, 400] and result.closed


def test_a_body_of_GET_is_not_taken_for_a_request(cluster):
    data = HEALTH + OK + b"Content-Length: %d\r\n" % len(SMUGGLED) + END + SMUGGLED
    with raw.connect(cluster[0].port) as end:
        end.sendall(data + HEALTH + OK + b"X-Request-Id: the-next\r\nConnection: close\r\n" + END)
        result = raw.read(end, wait_close=True)
    assert all(one.status != 404 for one in result.answers), "the body was taken for a request"
    assert result.answers[0].status in (200, 400)


def test_a_request_in_single_bytes_is_read(cluster):
    with raw.connect(cluster[0].port) as end:
        for byte in HEALTH + OK + END:
            end.sendall(bytes([byte]))
        assert raw.read(end).status == 200


def test_continue_is_sent_to_who_waits_for_it(cluster):
    with raw.connect(cluster[0].port) as end:
        end.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        interim = b""
        while not interim.endswith(b"\r\n\r\n"):
            interim += end.recv(1)
        assert interim.startswith(b"HTTP/1.1 100")
        end.sendall(b"{}")
        assert raw.read(end, method="POST").status == 422


def test_chunk_extensions_and_trailers_are_read_over(cluster):
    body = b'1;a=b\r\n{\r\n1;"q"\r\n}\r\n0\r\nX-Trailer: y\r\nContent-Length: 99\r\n\r\n'
    result = raw.exchange(cluster[0].port, POST + b"Transfer-Encoding: chunked\r\n" + END + body + HEALTH + OK + END, answers=2)
    assert result.status == 422
    assert len(result.answers) == 1 or result.answers[1].status == 200


def test_a_request_id_cannot_split_the_answer(cluster):
    for value in (b"a b", b"a\tb", b"<script>", b"x" * 129, "tên".encode(), b"a,b;c"):
        result = raw.exchange(cluster[0].port, HEALTH + OK + b"X-Request-Id: " + value + b"\r\n" + END)
        assert result.status == 200
        assert result.answers[0].header("X-Request-Id").encode("latin-1") != value


def test_a_refused_request_is_answered_with_nothing_of_anothers(cluster):
    """What a parser remembers of one connection must not colour the answer to another."""
    for number in range(40):
        told = f"of-another-{number}".encode()
        raw.exchange(cluster[0].port, HEALTH + OK + b"X-Request-Id: " + told + b"\r\nAccept-Language: en\r\nX-Long: " + b"l" * 6000 + b"\r\nConnection: close\r\n" + END, wait_close=True)
        for garbage in (b"\x01\r\n\r\n", b"GET /api/health HTTP/1.1\nHost: shop.test\n\n", b"G(T / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"):
            result = raw.exchange(cluster[0].port, garbage, wait_close=True)
            for answer in result.answers:
                assert answer.header("X-Request-Id").encode() != told, garbage
                assert answer.json()["title"] in ("Yêu cầu không hợp lệ", "Phiên bản HTTP không được hỗ trợ", "Chưa được hỗ trợ"), garbage

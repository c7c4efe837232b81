// How messages are delimited: every row is sent to a real server as it stands.
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;
using namespace kieng::http::test;

namespace {

struct row {
    std::string name;
    std::string bytes;
    int status;
    bool closes;
};

std::string get(const std::string& target, const std::string& headers = "Host: a\r\n")
{
    return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}

std::string post(const std::string& headers, const std::string& body)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + headers +
           "\r\n" + body;
}

void check(const std::vector<row>& rows)
{
    test_server server;
    for (const auto& r : rows) {
        CAPTURE(r.name);
        auto one = server.connect();
        one.send(r.bytes);
        const auto got = one.read(r.bytes.starts_with("HEAD"));
        CHECK(got.status == r.status);
        CHECK(got.complete);
        CHECK(got.header("x-request-id").size() >= 1);
        if (r.status >= 400) CHECK(got.header("content-type") == "application/problem+json");
        if (r.closes) {
            CHECK(got.header("connection") == "close");
            CHECK(one.closed());
        } else {
            CHECK(got.header("connection") == "");
            one.send(get("/echo"));
            CHECK(one.read().status == 200);
        }
    }
}

}  // namespace

TEST_CASE("request lines are read strictly")
{
    check({
        {"plain", get("/echo"), 200, false},
        {"empty line before", "\r\n" + get("/echo"), 200, false},
        {"two empty lines before", "\r\n\r\n" + get("/echo"), 200, false},
        {"three empty lines before", "\r\n\r\n\r\n" + get("/echo"), 400, true},
        {"absolute form", get("http://shop.example/echo"), 200, false},
        {"absolute form with port", get("https://shop.example:8443/echo?a=1"), 200, false},
        {"absolute form without path", get("http://shop.example"), 200, false},
        {"absolute form with user", get("http://u:p@shop.example/echo"), 400, true},
        {"absolute form of another scheme", get("ftp://shop.example/echo"), 400, true},
        {"authority form", get("shop.example:80"), 400, true},
        {"asterisk with GET", get("*"), 400, true},
        {"asterisk with OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, false},
        {"relative path", get("echo"), 400, true},
        {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"two spaces", "GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"space in the target", get("/echo x"), 400, true},
        {"tab", "GET\t/echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"trailing space", "GET /echo HTTP/1.1 \r\nHost: a\r\n\r\n", 400, true},
        {"leading space", " GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"no version", "GET /echo\r\nHost: a\r\n\r\n", 400, true},
        {"version in lower case", "GET /echo http/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"version without minor", "GET /echo HTTP/1\r\nHost: a\r\n\r\n", 400, true},
        {"version of two digits", "GET /echo HTTP/1.10\r\nHost: a\r\n\r\n", 400, true},
        {"version 2.0", "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n", 505, true},
        {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
        {"version 0.9", "GET /echo HTTP/0.9\r\nHost: a\r\n\r\n", 505, true},
        {"version 1.2", "GET /echo HTTP/1.2\r\nHost: a\r\n\r\n", 200, false},
        {"lower-case method", "get /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
        {"TRACE", "TRACE /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
        {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
        {"unknown method", "BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
        {"method with odd characters", "G@T /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"TLS to a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400, true},
        {"NUL in the target", get(std::string("/e\0cho", 6)), 400, true},
        {"bytes above ASCII in the target", get("/\xC3\xA1"), 400, true},
        {"fragment", get("/echo#x"), 400, true},
        {"bare line feeds", "GET /echo HTTP/1.1\nHost: a\n\n", 400, true},
        {"bare line feed at the end", "GET /echo HTTP/1.1\r\nHost: a\r\n\n", 400, true},
        {"bare carriage return", "GET /echo HTTP/1.1\rHost: a\r\n\r\n", 400, true},
    });
}

TEST_CASE("escapes in targets are read strictly")
{
    check({
        {"good escape", get("/%65cho"), 200, false},
        {"NUL", get("/echo/%00"), 400, true},
        {"NUL in the query", get("/echo?a=%00"), 400, true},
        {"cut short", get("/echo/%4"), 400, true},
        {"cut shorter", get("/echo/%"), 400, true},
        {"no hex", get("/echo/%zz"), 400, true},
        {"no hex in the query", get("/echo?a=%g1"), 400, true},
        {"overlong UTF-8", get("/echo/%C0%AF"), 400, true},
        {"lone continuation", get("/echo/%80"), 400, true},
        {"surrogate", get("/echo?a=%ED%A0%80"), 400, true},
        {"quote", get("/echo?a=\""), 400, true},
        {"backslash in the path", get("/echo\\x"), 400, true},
        {"what browsers leave in a query", get("/echo?a={x}|^`"), 200, false},
    });
}

TEST_CASE("header fields are read strictly")
{
    check({
        {"no host", get("/echo", ""), 400, true},
        {"two hosts", get("/echo", "Host: a\r\nHost: a\r\n"), 400, true},
        {"empty host", get("/echo", "Host:\r\n"), 400, true},
        {"host with a path", get("/echo", "Host: a/b\r\n"), 400, true},
        {"host with a user", get("/echo", "Host: u@a\r\n"), 400, true},
        {"host with a space", get("/echo", "Host: a b\r\n"), 400, true},
        {"host list", get("/echo", "Host: a,b\r\n"), 400, true},
        {"host with a bad port", get("/echo", "Host: a:8x\r\n"), 400, true},
        {"host with a long port", get("/echo", "Host: a:123456\r\n"), 400, true},
        {"host with port", get("/echo", "Host: a:4000\r\n"), 200, false},
        {"host of IPv6", get("/echo", "Host: [::1]:4000\r\n"), 200, false},
        {"host of broken IPv6", get("/echo", "Host: [::1\r\n"), 400, true},
        {"name in capitals", get("/echo", "HOST: a\r\n"), 200, false},
        {"no space behind the colon", get("/echo", "Host:a\r\n"), 200, false},
        {"space before the colon", get("/echo", "Host: a\r\nX-A : b\r\n"), 400, true},
        {"host with a space before the colon", get("/echo", "Host : a\r\n"), 400, true},
        {"folded line", get("/echo", "Host: a\r\nX-A: b\r\n c\r\n"), 400, true},
        {"folded first line", get("/echo", " X: b\r\nHost: a\r\n"), 400, true},
        {"no colon", get("/echo", "Host: a\r\nnonsense\r\n"), 400, true},
        {"no name", get("/echo", "Host: a\r\n: b\r\n"), 400, true},
        {"NUL in a value", get("/echo", std::string("Host: a\r\nX-A: b\0c\r\n", 19)), 400, true},
        {"carriage return in a value", get("/echo", "Host: a\r\nX-A: b\rc\r\n"), 400, true},
        {"control in a value", get("/echo", "Host: a\r\nX-A: b\x01\r\n"), 400, true},
        {"bytes above ASCII in a value", get("/echo", "Host: a\r\nX-A: \xC3\xA1\r\n"), 200, false},
        {"bytes above ASCII in a name", get("/echo", "Host: a\r\nX-\xC3\xA1: b\r\n"), 400, true},
        {"tab in a value", get("/echo", "Host: a\r\nX-A: b\tc\r\n"), 200, false},
        {"empty value", get("/echo", "Host: a\r\nX-A:\r\n"), 200, false},
        {"connection close", get("/echo", "Host: a\r\nConnection: close\r\n"), 200, true},
        {"connection close among others", get("/echo", "Host: a\r\nConnection: x, Close\r\n"), 200,
         true},
        {"unknown expectation", get("/echo", "Host: a\r\nExpect: wonders\r\n"), 417, true},
    });
}

TEST_CASE("bodies are delimited in one way only")
{
    check({
        {"length", post("Content-Length: 2\r\n", "{}"), 200, false},
        {"length 0", post("Content-Length: 0\r\n", ""), 200, false},
        {"chunked", post("Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), 200,
         false},
        {"chunked in capitals", post("Transfer-Encoding: Chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 200,
         false},
        {"chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n"), 200,
         false},
        {"trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"), 200,
         false},
        {"both",
         post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "2\r\n{}\r\n0\r\n\r\n"), 400,
         true},
        {"both the other way round",
         post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}"), 400, true},
        {"two equal lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400, true},
        {"two different lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400,
         true},
        {"list of lengths", post("Content-Length: 2, 2\r\n", "{}"), 400, true},
        {"signed length", post("Content-Length: +2\r\n", "{}"), 400, true},
        {"negative length", post("Content-Length: -2\r\n", "{}"), 400, true},
        {"hex length", post("Content-Length: 0x2\r\n", "{}"), 400, true},
        {"empty length", post("Content-Length:\r\n", "{}"), 400, true},
        {"enormous length", post("Content-Length: 99999999999999999999\r\n", ""), 413, true},
        {"identity", post("Transfer-Encoding: identity\r\n", "{}"), 400, true},
        {"gzip alone", post("Transfer-Encoding: gzip\r\n", "{}"), 400, true},
        {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, true},
        {"chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 400, true},
        {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400, true},
        {"two codings",
         post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
         true},
        {"coding nearly chunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400, true},
        {"coding with a vertical tab",
         post("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n"),
         400, true},
        {"coding with HTTP/1.0",
         "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
        {"chunk size missing", post("Transfer-Encoding: chunked\r\n", "\r\n{}\r\n0\r\n\r\n"), 400,
         true},
        {"chunk size no hex", post("Transfer-Encoding: chunked\r\n", "g\r\n{}\r\n0\r\n\r\n"), 400,
         true},
        {"chunk size signed", post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"), 400,
         true},
        {"chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n"),
         400, true},
        {"chunk size too large", post("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n"),
         400, true},
        {"chunk with a bare line feed",
         post("Transfer-Encoding: chunked\r\n", "2\n{}\r\n0\r\n\r\n"), 400, true},
        {"chunk longer than said", post("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
         400, true},
        {"trailer without a colon", post("Transfer-Encoding: chunked\r\n", "0\r\nnonsense\r\n\r\n"),
         400, true},
        {"body where none is taken", "GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
         400, false},
        {"chunked body where none is taken",
         "GET /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
         400, false},
    });
}

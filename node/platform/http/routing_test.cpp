// Which route answers, who may, and what is negotiated.
#include "node/platform/http/router.hpp"
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;
using namespace kieng::http::test;

namespace {

struct row {
    std::string method;
    std::string path;
    std::string headers;
    std::string body;
    int status;
    const char* code;   // of the problem, or a part of the body
};

void check(const test_server& server, const std::vector<row>& rows)
{
    for (const auto& r : rows) {
        CAPTURE(r.method);
        CAPTURE(r.path);
        CAPTURE(r.headers);
        const auto got = server.call(r.method, r.path, r.headers, r.body);
        CHECK(got.status == r.status);
        CHECK(got.body.find(r.code) != std::string::npos);
    }
}

const std::string kJson = "Content-Type: application/json\r\n";
const std::string kToken = "Authorization: Bearer good\r\n";

}  // namespace

TEST_CASE("paths find their routes")
{
    test_server server;
    check(server, {
                      {"GET", "/echo", "", "", 200, R"("path":"/echo")"},
                      {"GET", "/v1/echo", "", "", 200, R"("path":"/echo")"},
                      {"GET", "/v1/echo/7", "", "", 200, R"("id":"7")"},
                      {"GET", "/v1/v1/echo", "", "", 404, "not_found"},
                      {"GET", "/echo/", "", "", 404, "not_found"},
                      {"GET", "//echo", "", "", 404, "not_found"},
                      {"GET", "/Echo", "", "", 404, "not_found"},
                      {"GET", "/nowhere", "", "", 404, "not_found"},
                      {"GET", "/echo/a/part/b", "", "", 200, R"("params":{"id":"a","part":"b"})"},
                      {"GET", "/echo/a/part", "", "", 404, "not_found"},
                      {"GET", "/echo/a%2Fb", "", "", 200, R"("id":"a/b")"},
                      {"GET", "/echo/%C3%A1o", "", "", 200, "\"id\":\"\xC3\xA1o\""},
                      {"GET", "/echo/a+b", "", "", 200, R"("id":"a+b")"},
                      {"GET", "/echo/..", "", "", 200, R"("id":"..")"},
                      {"GET", "/echo/fixed", "", "", 200, "{}"},
                      {"GET", "/ech%6F/fixed", "", "", 200, "{}"},
                      {"GET", "/echo?a=1+2&b=%2B&c", "", "", 200, R"("query":["a=1 2","b=+","c="])"},
                      {"DELETE", "/echo/fixed", "", "", 405, "method_not_allowed"},
                      {"PUT", "/echo", kJson, "{}", 405, "method_not_allowed"},
                      {"GET", "/", "", "", 200, "links"},
                      {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", "", "", 404, "not_found"},
                  });
    CHECK(server.call("PUT", "/echo", kJson, "{}").header("allow") == "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
}

TEST_CASE("a table with a doubled or unreadable route does not start")
{
    const auto answer = [](request&) -> kieng::task<response> { co_return no_content(); };
    const auto make = [&](verb v, std::string path) { return route{v, std::move(path), p_read, keyed::never, body_kind::none, answer}; };
    const auto start = [](std::vector<route> table) { const router made(std::move(table)); };
    CHECK_THROWS_AS(start({make(verb::get, "/a/{x}"), make(verb::get, "/a/{y}")}), std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::get, "/a"), make(verb::get, "/a")}), std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::get, "a")}), std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::head, "/a")}), std::invalid_argument);
    CHECK_NOTHROW(start({make(verb::get, "/a"), make(verb::post, "/a"), make(verb::get, "/a/{x}")}));
}

TEST_CASE("HEAD answers as GET does, without the body")
{
    test_server server;
    for (const auto* path : {"/echo", "/products/a", "/big/3000"}) {
        CAPTURE(path);
        const auto got = server.get(path);
        const auto head = server.call("HEAD", path);
        CHECK(head.status == 200);
        if (std::string_view(path) != "/echo") CHECK(head.header("content-length") == got.header("content-length"));
        CHECK(head.header("etag") == got.header("etag"));
        CHECK(head.header("content-type") == got.header("content-type"));
        auto one = server.connect();
        one.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(one.read(true).status == 200);
        CHECK(one.read().body.find("/health") != std::string::npos);
    }
    CHECK(server.call("HEAD", "/nowhere").status == 404);
    CHECK(server.call("HEAD", "/export").header("transfer-encoding") == "chunked");
}

TEST_CASE("OPTIONS names the methods")
{
    test_server server;
    const auto got = server.call("OPTIONS", "/may");
    CHECK(got.status == 204);
    CHECK(got.header("allow") == "POST, OPTIONS");
    CHECK(got.headers.count("content-length") == 0);
    CHECK(server.call("OPTIONS", "/nowhere").status == 404);
    CHECK(server.call("OPTIONS", "*").header("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    CHECK(server.call("OPTIONS", "/admin").status == 204);
}

TEST_CASE("who may is decided by the token")
{
    test_server server;
    const std::string expired = "Authorization: Bearer expired\r\n";
    check(server, {
                      {"GET", "/mine", "", "", 401, "unauthenticated"},
                      {"GET", "/mine", kToken, "", 200, "user-1"},
                      {"GET", "/mine", "Authorization: bearer good\r\n", "", 200, "user-1"},
                      {"GET", "/admin", kToken, "", 403, "forbidden"},
                      {"GET", "/admin", "", "", 401, "unauthenticated"},
                      {"GET", "/mine", expired, "", 401, "token_expired"},
                      {"GET", "/mine", "Authorization: Bearer ended\r\n", "", 401, "session_ended"},
                      {"GET", "/mine", "Authorization: Bearer forged\r\n", "", 401, "token_invalid"},
                      {"GET", "/mine", "Authorization: Basic Z29vZA==\r\n", "", 401, "token_invalid"},
                      {"GET", "/mine", "Authorization: good\r\n", "", 401, "token_invalid"},
                      {"GET", "/mine", "Authorization:\r\n", "", 401, "token_invalid"},
                      {"GET", "/mine", kToken + kToken, "", 401, "token_invalid"},
                      {"GET", "/echo", expired, "", 401, "token_expired"},
                      {"GET", "/health", expired, "", 200, R"("user":"")"},
                      {"POST", "/sign-in", expired + kJson, "{}", 200, R"("user":"")"},
                      {"POST", "/sign-out", expired + kJson, "{}", 200, R"("fault":"token_expired")"},
                      {"POST", "/sign-out", kToken + kJson, "{}", 200, R"("user":"user-1")"},
                  });
    CHECK(server.get("/mine").header("www-authenticate") == R"(Bearer realm="kieng")");
    CHECK(server.get("/mine", expired).header("www-authenticate") == R"(Bearer realm="kieng", error="invalid_token")");
}

TEST_CASE("idempotency keys are checked where they count")
{
    test_server server;
    const std::string good = "Idempotency-Key: 0123456789abcdef\r\n";
    check(server, {
                      {"POST", "/must", kJson + good, "{}", 200, R"("key":"0123456789abcdef")"},
                      {"POST", "/must", kJson, "{}", 400, "idempotency_key_missing"},
                      {"POST", "/may", kJson, "{}", 200, R"("key":"")"},
                      {"POST", "/may", kJson + good, "{}", 200, R"("key":"0123456789abcdef")"},
                      {"POST", "/may", kJson + "Idempotency-Key: short\r\n", "{}", 400, "idempotency_key_invalid"},
                      {"POST", "/may", kJson + "Idempotency-Key:\r\n", "{}", 400, "idempotency_key_invalid"},
                      {"POST", "/may", kJson + "Idempotency-Key: " + std::string(101, 'k') + "\r\n", "{}", 400, "idempotency_key_invalid"},
                      {"POST", "/may", kJson + "Idempotency-Key: " + std::string(100, 'k') + "\r\n", "{}", 200, "kkk"},
                      {"POST", "/may", kJson + "Idempotency-Key: 0123456789 bcdef\r\n", "{}", 400, "idempotency_key_invalid"},
                      {"POST", "/may", kJson + good + good, "{}", 400, "idempotency_key_invalid"},
                      {"POST", "/echo", kJson + "Idempotency-Key: short\r\n", "{}", 200, R"("key":"")"},
                  });
}

TEST_CASE("media types are negotiated")
{
    test_server server;
    check(server, {
                      {"POST", "/echo", "Content-Type: application/json; charset=utf-8\r\n", "{}", 200, "{}"},
                      {"POST", "/echo", "Content-Type: Application/JSON;charset=\"UTF-8\"\r\n", "{}", 200, "{}"},
                      {"POST", "/echo", "Content-Type: application/json; charset=latin1\r\n", "{}", 415, "unsupported_media_type"},
                      {"POST", "/echo", "Content-Type: text/plain\r\n", "{}", 415, "unsupported_media_type"},
                      {"POST", "/echo", "", "{}", 415, "unsupported_media_type"},
                      {"POST", "/echo", kJson + kJson, "{}", 400, "header:Content-Type"},
                      {"POST", "/echo", kJson + "Content-Encoding: gzip\r\n", "{}", 415, "unsupported_media_type"},
                      {"POST", "/echo", kJson + "Content-Encoding: identity\r\n", "{}", 200, "{}"},
                      {"POST", "/echo", "", "", 200, R"("body":"")"},
                      {"PATCH", "/echo", "Content-Type: application/merge-patch+json\r\n", "{}", 200, "{}"},
                      {"PATCH", "/echo", kJson, "{}", 200, "{}"},
                      {"POST", "/echo", "Content-Type: application/merge-patch+json\r\n", "{}", 415, "unsupported_media_type"},
                      {"POST", "/import", "Content-Type: text/csv; header=present\r\n", "a,b", 200, R"({"bytes":3})"},
                      {"POST", "/import", kJson, "{}", 415, "unsupported_media_type"},
                      {"GET", "/echo", "Accept: */*\r\n", "", 200, "{"},
                      {"GET", "/echo", "Accept: application/*;q=0.1\r\n", "", 200, "{"},
                      {"GET", "/echo", "Accept: text/html, */*;q=0.8\r\n", "", 200, "{"},
                      {"GET", "/echo", "Accept: image/png\r\n", "", 406, "not_acceptable"},
                      {"GET", "/echo", "Accept: text/plain\r\n", "", 406, "not_acceptable"},
                      {"GET", "/echo", "Accept: application/json;q=0, */*\r\n", "", 406, "not_acceptable"},
                      {"GET", "/health", "Accept: text/plain\r\n", "", 200, "{"},
                  });
}

TEST_CASE("the language is chosen by weight")
{
    test_server server;
    check(server, {
                      {"GET", "/echo", "", "", 200, R"("lang":"en")"},
                      {"GET", "/echo", "Accept-Language: vi\r\n", "", 200, R"("lang":"vi")"},
                      {"GET", "/echo", "Accept-Language: vi-VN,en;q=0.5\r\n", "", 200, R"("lang":"vi")"},
                      {"GET", "/echo", "Accept-Language: vi;q=0.2,en-GB;q=0.9\r\n", "", 200, R"("lang":"en")"},
                      {"GET", "/echo", "Accept-Language: fr, *;q=0.1\r\n", "", 200, R"("lang":"en")"},
                      {"GET", "/echo", "Accept-Language: en;q=0, vi;q=0.001\r\n", "", 200, R"("lang":"vi")"},
                      {"GET", "/nowhere", "Accept-Language: vi\r\n", "", 404, "Không tìm thấy"},
                  });
}

TEST_CASE("names of requests are taken over or made")
{
    test_server server;
    CHECK(server.get("/echo", "X-Request-Id: my.request-1\r\n").header("x-request-id") == "my.request-1");
    CHECK(server.get("/echo", "X-Correlation-Id: corr-1\r\n").header("x-request-id") == "corr-1");
    CHECK(server.get("/echo", "X-Request-Id: bad id\r\nX-Correlation-Id: corr-1\r\n").header("x-request-id") == "corr-1");
    CHECK(server.get("/echo", "X-Request-Id: <script>\r\n").header("x-request-id").size() == 36);
    CHECK(server.get("/echo", "X-Request-Id: " + std::string(129, 'a') + "\r\n").header("x-request-id").size() == 36);
    const auto refused = server.get("/nowhere", "X-Request-Id: my.request-2\r\n");
    CHECK(refused.body.find(R"("requestId":"my.request-2")") != std::string::npos);
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(server.get("/echo", "traceparent: " + trace + "\r\n").body.find(trace) != std::string::npos);
    CHECK(server.get("/echo", "traceparent: 00-0-0-01\r\n").body.find(R"("trace":"")") != std::string::npos);
}

TEST_CASE("origins that are listed may read answers")
{
    server_options options;
    options.cors_origins = {"https://shop.example", "http://127.0.0.1:5173"};
    test_server server(options);
    const std::string from = "Origin: https://shop.example\r\n";
    auto got = server.get("/echo", from);
    CHECK(got.header("access-control-allow-origin") == "https://shop.example");
    CHECK(got.header("access-control-expose-headers").find("Kieng-Token") != std::string::npos);
    CHECK(got.header("vary").find("Origin") != std::string::npos);
    CHECK(server.get("/nowhere", from).header("access-control-allow-origin") == "https://shop.example");
    CHECK(server.get("/echo", "Origin: https://evil.example\r\n").headers.count("access-control-allow-origin") == 0);
    CHECK(server.get("/echo", "Origin: null\r\n").headers.count("access-control-allow-origin") == 0);
    CHECK(server.get("/products/a").header("vary") == "Authorization, Accept-Language, Accept-Encoding, Origin");
    got = server.call("OPTIONS", "/echo", from + "Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization\r\n");
    CHECK(got.status == 204);
    CHECK(got.header("access-control-allow-origin") == "https://shop.example");
    CHECK(got.header("access-control-allow-methods").find("PATCH") != std::string::npos);
    CHECK(got.header("access-control-allow-headers").find("Idempotency-Key") != std::string::npos);
    CHECK(got.header("access-control-max-age") == "7200");
    got = server.call("OPTIONS", "/echo", "Origin: https://evil.example\r\nAccess-Control-Request-Method: PATCH\r\n");
    CHECK(got.status == 204);
    CHECK(got.headers.count("access-control-allow-origin") == 0);
}

TEST_CASE("only trusted proxies say who the client is")
{
    server_options options;
    const std::string forwarded = "X-Forwarded-For: 203.0.113.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n";
    SUBCASE("untrusted")
    {
        test_server server(options);
        const auto got = server.get("/echo", forwarded);
        CHECK(got.body.find(R"("address":"127.0.0.1")") != std::string::npos);
        CHECK(got.headers.count("strict-transport-security") == 0);
    }
    SUBCASE("trusted")
    {
        options.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
        test_server server(options);
        const auto got = server.get("/echo", forwarded);
        CHECK(got.body.find(R"("address":"203.0.113.9")") != std::string::npos);
        CHECK(got.header("strict-transport-security") == "max-age=31536000");
        CHECK(server.get("/echo", "X-Forwarded-For: nonsense\r\n").body.find(R"("address":"127.0.0.1")") != std::string::npos);
    }
}

TEST_CASE("query parameters are read strictly")
{
    test_server server;
    check(server, {
                      {"GET", "/echo/fixed?limit=5&total=true&sort=name&q=x", "", "", 200, "{}"},
                      {"GET", "/echo/fixed?limit=0", "", "", 400, R"("pointer":"query:limit","code":"out_of_range")"},
                      {"GET", "/echo/fixed?limit=99999999999999999999", "", "", 400, R"("code":"out_of_range")"},
                      {"GET", "/echo/fixed?limit=5x", "", "", 400, R"("code":"wrong_type")"},
                      {"GET", "/echo/fixed?limit=", "", "", 400, R"("code":"wrong_type")"},
                      {"GET", "/echo/fixed?limit=1&limit=2", "", "", 400, R"("code":"duplicate")"},
                      {"GET", "/echo/fixed?total=yes", "", "", 400, R"("allowed":"true|false")"},
                      {"GET", "/echo/fixed?sort=age", "", "", 400, R"("allowed":"name|price")"},
                      {"GET", "/echo/fixed?id=7", "", "", 400, R"("code":"bad_format")"},
                      {"GET", "/echo/fixed?q=", "", "", 400, R"("code":"too_short")"},
                      {"GET", "/echo/fixed?q=12345678901", "", "", 400, R"("code":"too_long")"},
                      {"GET", "/echo/fixed?colour=red", "", "", 400, R"("pointer":"query:colour","code":"unknown")"},
                  });
}

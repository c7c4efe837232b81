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
    const char* code;  // of the problem, or a part of the body
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
    check(server,
          {
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
    CHECK(server.call("PUT", "/echo", kJson, "{}").header("allow") ==
          "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
}

TEST_CASE("a table with a doubled or unreadable route does not start")
{
    const auto answer = [](request&) -> kieng::task<response> { co_return no_content(); };
    const auto make = [&](verb v, std::string path) {
        return route{v, std::move(path), p_read, keyed::never, body_kind::none, answer};
    };
    const auto start = [](std::vector<route> table) { const router made(std::move(table)); };
    CHECK_THROWS_AS(start({make(verb::get, "/a/{x}"), make(verb::get, "/a/{y}")}),
                    std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::get, "/a"), make(verb::get, "/a")}), std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::get, "a")}), std::invalid_argument);
    CHECK_THROWS_AS(start({make(verb::head, "/a")}), std::invalid_argument);
    CHECK_NOTHROW(
        start({make(verb::get, "/a"), make(verb::post, "/a"), make(verb::get, "/a/{x}")}));
}

TEST_CASE("HEAD answers as GET does, without the body")
{
    test_server server;
    for (const auto* path : {"/echo", "/products/a", "/big/3000"}) {
        CAPTURE(path);
        const auto got = server.get(path);
        const auto head = server.call("HEAD", path);
        CHECK(head.status == 200);
        if (std::string_view(path) != "/echo")
            CHECK(head.header("content-length") == got.header("content-length"));
        CHECK(head.header("etag") == got.header("etag"));
        CHECK(head.header("content-type") == got.header("content-type"));
        auto one = server.connect();
        one.send("HEAD " + std::string(path) +
                 " HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n");
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
    CHECK(server.call("OPTIONS", "*").header("allow") ==
          "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    CHECK(server.call("OPTIONS", "/admin").status == 204);
}

TEST_CASE("who may is decided by the token")
{
    test_server server;
    const std::string expired = "Authorization: Bearer expired\r\n";
    check(server,
          {
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
    CHECK(server.get("/mine", expired).header("www-authenticate") ==
          R"(Bearer realm="kieng", error="invalid_token")");
}

TEST_CASE("idempotency keys are checked where they count")
{
    test_server server;
    const std::string good = "Idempotency-Key: 0123456789abcdef\r\n";
    check(
        server,
        {
            {"POST", "/must", kJson + good, "{}", 200, R"("key":"0123456789abcdef")"},
            {"POST", "/must", kJson, "{}", 400, "idempotency_key_missing"},
            {"POST", "/may", kJson, "{}", 200, R"("key":"")"},
            {"POST", "/may", kJson + good, "{}", 200, R"("key":"0123456789abcdef")"},
            {"POST", "/may", kJson + "Idempotency-Key: short\r\n", "{}", 400,
             "idempotency_key_invalid"},
            {"POST", "/may", kJson + "Idempotency-Key:\r\n", "{}", 400, "idempotency_key_invalid"},
            {"POST", "/may", kJson + "Idempotency-Key: " + std::string(101, 'k') + "\r\n", "{}",
             400, "idempotency_key_invalid"},
            {"POST", "/may", kJson + "Idempotency-Key: " + std::string(100, 'k') + "\r\n", "{}",
             200, "kkk"},
            {"POST", "/may", kJson + "Idempotency-Key: 0123456789 bcdef\r\n", "{}", 400,
             "idempotency_key_invalid"},
            {"POST", "/may", kJson + good + good, "{}", 400, "idempotency_key_invalid"},
            {"POST", "/echo", kJson + "Idempotency-Key: short\r\n", "{}", 200, R"("key":"")"},
        });
}

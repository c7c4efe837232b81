// What client and server agree on per request: media types, language, names, origins, addresses,
// parameters.
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

}  // namespace

TEST_CASE("media types are negotiated")
{
    test_server server;
    check(
        server,
        {
            {"POST", "/echo", "Content-Type: application/json; charset=utf-8\r\n", "{}", 200, "{}"},
            {"POST", "/echo", "Content-Type: Application/JSON;charset=\"UTF-8\"\r\n", "{}", 200,
             "{}"},
            {"POST", "/echo", "Content-Type: application/json; charset=latin1\r\n", "{}", 415,
             "unsupported_media_type"},
            {"POST", "/echo", "Content-Type: text/plain\r\n", "{}", 415, "unsupported_media_type"},
            {"POST", "/echo", "", "{}", 415, "unsupported_media_type"},
            {"POST", "/echo", kJson + kJson, "{}", 400, "header:Content-Type"},
            {"POST", "/echo", kJson + "Content-Encoding: gzip\r\n", "{}", 415,
             "unsupported_media_type"},
            {"POST", "/echo", kJson + "Content-Encoding: identity\r\n", "{}", 200, "{}"},
            {"POST", "/echo", "", "", 200, R"("body":"")"},
            {"PATCH", "/echo", "Content-Type: application/merge-patch+json\r\n", "{}", 200, "{}"},
            {"PATCH", "/echo", kJson, "{}", 200, "{}"},
            {"POST", "/echo", "Content-Type: application/merge-patch+json\r\n", "{}", 415,
             "unsupported_media_type"},
            {"POST", "/import", "Content-Type: text/csv; header=present\r\n", "a,b", 200,
             R"({"bytes":3})"},
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
    check(
        server,
        {
            {"GET", "/echo", "", "", 200, R"("lang":"en")"},
            {"GET", "/echo", "Accept-Language: vi\r\n", "", 200, R"("lang":"vi")"},
            {"GET", "/echo", "Accept-Language: vi-VN,en;q=0.5\r\n", "", 200, R"("lang":"vi")"},
            {"GET", "/echo", "Accept-Language: vi;q=0.2,en-GB;q=0.9\r\n", "", 200,
             R"("lang":"en")"},
            {"GET", "/echo", "Accept-Language: fr, *;q=0.1\r\n", "", 200, R"("lang":"en")"},
            {"GET", "/echo", "Accept-Language: en;q=0, vi;q=0.001\r\n", "", 200, R"("lang":"vi")"},
            {"GET", "/nowhere", "Accept-Language: vi\r\n", "", 404, "Không tìm thấy"},
        });
}

TEST_CASE("names of requests are taken over or made")
{
    test_server server;
    CHECK(server.get("/echo", "X-Request-Id: my.request-1\r\n").header("x-request-id") ==
          "my.request-1");
    CHECK(server.get("/echo", "X-Correlation-Id: corr-1\r\n").header("x-request-id") == "corr-1");
    CHECK(server.get("/echo", "X-Request-Id: bad id\r\nX-Correlation-Id: corr-1\r\n")
              .header("x-request-id") == "corr-1");
    CHECK(server.get("/echo", "X-Request-Id: <script>\r\n").header("x-request-id").size() == 36);
    CHECK(server.get("/echo", "X-Request-Id: " + std::string(129, 'a') + "\r\n")
              .header("x-request-id")
              .size() == 36);
    const auto refused = server.get("/nowhere", "X-Request-Id: my.request-2\r\n");
    CHECK(refused.body.find(R"("requestId":"my.request-2")") != std::string::npos);
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(server.get("/echo", "traceparent: " + trace + "\r\n").body.find(trace) !=
          std::string::npos);
    CHECK(server.get("/echo", "traceparent: 00-0-0-01\r\n").body.find(R"("trace":"")") !=
          std::string::npos);
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
    CHECK(server.get("/nowhere", from).header("access-control-allow-origin") ==
          "https://shop.example");
    CHECK(server.get("/echo", "Origin: https://evil.example\r\n")
              .headers.count("access-control-allow-origin") == 0);
    CHECK(server.get("/echo", "Origin: null\r\n").headers.count("access-control-allow-origin") ==
          0);
    CHECK(server.get("/products/a").header("vary") ==
          "Authorization, Accept-Language, Accept-Encoding, Origin");
    got = server.call(
        "OPTIONS", "/echo",
        from +
            "Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization\r\n");
    CHECK(got.status == 204);
    CHECK(got.header("access-control-allow-origin") == "https://shop.example");
    CHECK(got.header("access-control-allow-methods").find("PATCH") != std::string::npos);
    CHECK(got.header("access-control-allow-headers").find("Idempotency-Key") != std::string::npos);
    CHECK(got.header("access-control-max-age") == "7200");
    got = server.call("OPTIONS", "/echo",
                      "Origin: https://evil.example\r\nAccess-Control-Request-Method: PATCH\r\n");
    CHECK(got.status == 204);
    CHECK(got.headers.count("access-control-allow-origin") == 0);
}

TEST_CASE("only trusted proxies say who the client is")
{
    server_options options;
    const std::string forwarded =
        "X-Forwarded-For: 203.0.113.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n";
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
        CHECK(server.get("/echo", "X-Forwarded-For: nonsense\r\n")
                  .body.find(R"("address":"127.0.0.1")") != std::string::npos);
    }
}

TEST_CASE("query parameters are read strictly")
{
    test_server server;
    check(server, {
                      {"GET", "/echo/fixed?limit=5&total=true&sort=name&q=x", "", "", 200, "{}"},
                      {"GET", "/echo/fixed?limit=0", "", "", 400,
                       R"("pointer":"query:limit","code":"out_of_range")"},
                      {"GET", "/echo/fixed?limit=99999999999999999999", "", "", 400,
                       R"("code":"out_of_range")"},
                      {"GET", "/echo/fixed?limit=5x", "", "", 400, R"("code":"wrong_type")"},
                      {"GET", "/echo/fixed?limit=", "", "", 400, R"("code":"wrong_type")"},
                      {"GET", "/echo/fixed?limit=1&limit=2", "", "", 400, R"("code":"duplicate")"},
                      {"GET", "/echo/fixed?total=yes", "", "", 400, R"("allowed":"true|false")"},
                      {"GET", "/echo/fixed?sort=age", "", "", 400, R"("allowed":"name|price")"},
                      {"GET", "/echo/fixed?id=7", "", "", 400, R"("code":"bad_format")"},
                      {"GET", "/echo/fixed?q=", "", "", 400, R"("code":"too_short")"},
                      {"GET", "/echo/fixed?q=12345678901", "", "", 400, R"("code":"too_long")"},
                      {"GET", "/echo/fixed?colour=red", "", "", 400,
                       R"("pointer":"query:colour","code":"unknown")"},
                  });
}

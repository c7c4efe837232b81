#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;
using namespace kieng::http::test;

TEST_CASE("a request is answered with the headers every answer has")
{
    test_server server;
    const auto got = server.get("/echo?b=2&a=%C3%A1");
    CHECK(got.status == 200);
    CHECK(got.body.find(R"("query":["b=2","a=á"])") != std::string::npos);
    CHECK(got.header("x-content-type-options") == "nosniff");
    CHECK(got.header("referrer-policy") == "no-referrer");
    CHECK(got.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'");
    CHECK(got.header("cache-control") == "no-store");
    CHECK(got.header("x-request-id").size() == 36);
    CHECK(got.header("kieng-token") == "7.5.00000000000000ab");
    CHECK(got.header("date").size() == 29);
    CHECK(got.header("content-type") == "application/json");
    CHECK(got.headers.count("server") == 0);
    CHECK(got.headers.count("connection") == 0);
}

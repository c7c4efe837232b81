// What happens on one connection over time: order, slow and leaving clients, interim answers.
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;
using namespace kieng::http::test;

namespace {

std::string get(const std::string& target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string post(const std::string& headers, const std::string& body)
{
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + headers +
           "\r\n" + body;
}

}  // namespace

TEST_CASE("pipelined requests are answered in order, in one go")
{
    test_server server;
    auto one = server.connect();
    std::string all;
    for (int i = 0; i < 40; ++i)
        all += get("/echo/" + std::to_string(i)) + get("/products/p" + std::to_string(i % 3));
    all +=
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Type: application/json\r\n\r\nlast" +
        get("/nowhere");
    one.send(all);
    for (int i = 0; i < 40; ++i) {
        CHECK(one.read().body.find("\"id\":\"" + std::to_string(i) + "\"") != std::string::npos);
        CHECK(one.read().body.find("\"id\":\"p" + std::to_string(i % 3) + "\"") !=
              std::string::npos);
    }
    CHECK(one.read().body.find("\"body\":\"last\"") != std::string::npos);
    CHECK(one.read().status == 404);
    CHECK(server.loads == 3);
}

TEST_CASE("a request that comes byte by byte is answered")
{
    test_server server;
    auto one = server.connect();
    const std::string bytes =
        post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n") +
        get("/echo");
    for (const char c : bytes) one.send(std::string_view(&c, 1));
    CHECK(one.read().body.find("\"body\":\"abcde\"") != std::string::npos);
    CHECK(one.read().status == 200);
}

TEST_CASE("HTTP/1.0 closes unless asked to stay")
{
    test_server server;
    auto one = server.connect();
    one.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto got = one.read();
    CHECK(got.status == 200);
    CHECK(got.header("connection") == "keep-alive");
    one.send("GET /echo HTTP/1.0\r\n\r\n");
    got = one.read();
    CHECK(got.status == 200);
    CHECK(got.header("connection") == "close");
    CHECK(one.closed());
}

TEST_CASE("a client that closes its side behind the request gets its answer")
{
    test_server server;
    auto one = server.connect();
    one.send(get("/echo"));
    one.end_sending();
    CHECK(one.read().status == 200);
    CHECK(one.closed());
}

TEST_CASE("clients that leave early do no harm")
{
    test_server server;
    for (
        const auto* bytes :
        {"", "GET", "GET /echo HTTP/1.1\r\nHost: a\r\n",
         "GET /big/500000 HTTP/1.1\r\nHost: a\r\n\r\n",
         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"}) {
        auto one = server.connect();
        one.send(bytes);
    }
    CHECK(eventually_true([&] { return server.under_test().snapshot().connections == 0; }));
    CHECK(server.get("/echo").status == 200);
}

TEST_CASE("the interim answer comes only when the body will be read")
{
    test_server server;
    const std::string expect =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    SUBCASE("wanted")
    {
        auto one = server.connect();
        one.send(expect + "Content-Length: 2\r\n\r\n");
        CHECK(one.read().status == 100);
        one.send("{}");
        CHECK(one.read().status == 200);
        one.send(get("/echo"));
        CHECK(one.read().status == 200);
    }
    SUBCASE("the body is here already")
    {
        auto one = server.connect();
        one.send(expect + "Content-Length: 2\r\n\r\n{}");
        CHECK(one.read().status == 200);
    }
    SUBCASE("too large")
    {
        auto one = server.connect();
        one.send(expect + "Content-Length: 9999999\r\n\r\n");
        CHECK(one.read().status == 413);
        CHECK(one.closed());
    }
    SUBCASE("wrong type")
    {
        auto one = server.connect();
        one.send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        CHECK(one.read().status == 415);
        CHECK(one.closed());
    }
    SUBCASE("HTTP/1.0 does not know it")
    {
        auto one = server.connect();
        one.send(
            "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
        CHECK(one.read().status == 200);
    }
}

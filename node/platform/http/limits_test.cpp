// Every limit, at its edge and beyond, on a server with small ones.
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;
using namespace kieng::http::test;

namespace {

server_options small()
{
    server_options made;
    made.within.target_bytes = 100;
    made.within.header_bytes = 300;
    made.within.header_fields = 8;
    made.within.body_bytes = 1000;
    made.within.stream_bytes = 5000;
    made.within.chunk_line_bytes = 20;
    made.within.trailer_bytes = 50;
    return made;
}

std::string head_of(std::size_t header_bytes)
{
    std::string fields = "Host: a\r\nX-Fill: ";
    fields += std::string(header_bytes - fields.size() - 2, 'f') + "\r\n";
    return "GET /echo HTTP/1.1\r\n" + fields + "\r\n";
}

std::string with_fields(int n)
{
    std::string text = "GET /echo HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < n; ++i) text += "X: y\r\n";
    return text + "\r\n";
}

std::string chunked(const std::string& path, const std::string& type, std::size_t bytes)
{
    std::string text = "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: " + type +
                       "\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t sent = 0; sent < bytes; sent += 100)
        text += "64\r\n" + std::string(100, 'b') + "\r\n";
    return text + "0\r\n\r\n";
}

// What passes each limit of the table, by its name.
std::string beyond(std::string_view limit)
{
    if (limit == "urlBytes")
        return "GET /" + std::string(100, 'u') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    if (limit == "headerBytes") return head_of(301);
    if (limit == "headerFields") return with_fields(9);
    if (limit == "bodyBytes") return chunked("/echo", "application/json", 1100);
    if (limit == "streamBytes") return chunked("/import", "text/csv", 5100);
    if (limit == "headerMilliseconds") return "GET /echo HTTP/1.1\r\nHo";
    if (limit == "bodyBytesPerSecond")
        return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    if (limit == "chunkLineBytes")
        return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
               std::string(30, 'e');
    if (limit == "trailerBytes")
        return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: " +
               std::string(60, 't');
    return {};
}

}  // namespace

TEST_CASE("whatever passes a limit gets the answer the table names")
{
    auto options = small();
    options.within.header_time = std::chrono::milliseconds(300);
    options.within.body_grace = std::chrono::milliseconds(300);
    test_server server(options);
    int tried = 0;
    for (const auto& limit : limit_table(options.within)) {
        const auto bytes = beyond(limit.name);
        if (bytes.empty()) continue;  // tested below
        ++tried;
        CAPTURE(limit.name);
        auto one = server.connect();
        one.send(bytes);
        const auto got = one.read();
        CHECK(got.status == limit.status);
        CHECK(got.header("content-type") == "application/problem+json");
        CHECK(one.closed());
    }
    CHECK(tried == 9);
}

TEST_CASE("what just keeps within a limit is answered")
{
    test_server server(small());
    const std::string pad(100 - 6, 'u');
    CHECK(server.ask("GET /echo/" + pad.substr(0, 94) + " HTTP/1.1\r\nHost: a\r\n\r\n").status ==
          200);
    CHECK(server.ask(head_of(300)).status == 200);
    CHECK(server.ask(with_fields(8)).status == 200);
    CHECK(server.ask(chunked("/echo", "application/json", 1000)).status == 200);
    CHECK(server.ask(chunked("/import", "text/csv", 5000)).body == R"({"bytes":5000})");
    CHECK(server.call("POST", "/echo", "Content-Type: application/json\r\n", std::string(1000, 'b'))
              .status == 200);
    CHECK(server.call("POST", "/echo", "Content-Type: application/json\r\n", std::string(1001, 'b'))
              .status == 413);
}

TEST_CASE("the limits of the contract hold by default")
{
    test_server server;
    CHECK(
        server.ask("GET /echo?" + std::string(8186, 'q') + " HTTP/1.1\r\nHost: a\r\n\r\n").status ==
        200);
    CHECK(
        server.ask("GET /echo?" + std::string(8187, 'q') + " HTTP/1.1\r\nHost: a\r\n\r\n").status ==
        414);
    CHECK(server.ask("GET /" + std::string(100'000, 'q')).status == 414);
    CHECK(server.ask(std::string(100'000, 'G')).status == 400);
    CHECK(server.ask(head_of(8192)).status == 200);
    CHECK(server.ask(head_of(8193)).status == 431);
    CHECK(server.ask("GET /echo HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'h')).status ==
          431);
    CHECK(server.ask(with_fields(100)).status == 200);
    CHECK(server.ask(with_fields(101)).status == 431);
    CHECK(server
              .call("POST", "/echo", "Content-Type: application/json\r\n",
                    std::string(1'048'576, 'b'))
              .status == 200);
    CHECK(server
              .call("POST", "/echo", "Content-Type: application/json\r\n",
                    std::string(1'048'577, 'b'))
              .status == 413);
    CHECK(
        server
            .ask(
                "POST /import HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 536870913\r\n\r\n")
            .status == 413);
}

TEST_CASE("connections that stay silent are closed without an answer")
{
    server_options options;
    options.within.header_time = std::chrono::milliseconds(300);
    options.within.idle_time = std::chrono::milliseconds(300);
    test_server server(options);
    auto silent = server.connect();
    CHECK(silent.read_all().empty());
    auto idle = server.connect();
    idle.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(idle.read().status == 200);
    CHECK(idle.read_all().empty());
}

TEST_CASE("a client that does not read is let go")
{
    server_options options;
    options.within.write_stall = std::chrono::milliseconds(300);
    test_server server(options);
    auto one = server.connect();
    for (int i = 0; i < 20; ++i) one.send("GET /big/1000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(eventually_true([&] { return server.under_test().snapshot().connections == 0; }));
}

TEST_CASE("a refused upload is answered before it has arrived")
{
    test_server server;
    auto one = server.connect();
    one.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n");
    CHECK(one.read().status == 413);
    for (int i = 0; i < 10; ++i)
        one.send(std::string(20'000, 'x'));  // the connection is not reset under the client
    CHECK(one.closed());
}

TEST_CASE("connections are counted per address and in total")
{
    server_options options;
    SUBCASE("per address")
    {
        options.within.connections_per_address = 2;
    }
    SUBCASE("in total")
    {
        options.within.connections = 2;
    }
    test_server server(options);
    auto first = server.connect();
    auto second = server.connect();
    REQUIRE(eventually_true([&] { return server.under_test().snapshot().connections == 2; }));
    auto third = server.connect();
    const auto got = third.read();
    CHECK(got.status == 503);
    CHECK(got.header("retry-after") == "1");
    CHECK(got.body.find("\"code\":\"overloaded\"") != std::string::npos);
    CHECK(third.closed());
    first.send("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(first.read().status == 200);
    CHECK(first.closed());
    {
        auto gone = std::move(first);
    }
    REQUIRE(eventually_true([&] { return server.under_test().snapshot().connections == 1; }));
    CHECK(server.get("/echo").status == 200);
    CHECK(server.under_test().snapshot().refused_connections == 1);
}

TEST_CASE("when too many handlers run, the next are refused at once and health is not")
{
    server_options options;
    options.within.handlers_per_thread = 2;
    test_server server(options);
    server.hold = true;
    auto first = server.connect();
    auto second = server.connect();
    first.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    second.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually_true([&] { return server.holding == 2; }));
    const auto got = server.get("/echo");
    CHECK(got.status == 503);
    CHECK(got.header("retry-after") == "1");
    CHECK(server.get("/products/a").status == 503);
    CHECK(server.get("/health").status == 200);
    server.hold = false;
    CHECK(first.read().status == 200);
    CHECK(second.read().status == 200);
    CHECK(server.get("/echo").status == 200);
}

TEST_CASE("a handler can see that its client has gone")
{
    test_server server;
    server.hold = true;
    {
        auto one = server.connect();
        one.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
        REQUIRE(eventually_true([&] { return server.holding == 1; }));
    }
    CHECK(eventually_true([&] { return server.saw_client_leave.load(); }));
    server.hold = false;
    CHECK(eventually_true([&] { return server.under_test().snapshot().connections == 0; }));
}

TEST_CASE("rates are limited per address and per user")
{
    server_options options;
    SUBCASE("per address")
    {
        options.requests_per_second_per_address = 1;
    }
    SUBCASE("per user")
    {
        options.requests_per_second_per_user = 1;
    }
    const bool user = options.requests_per_second_per_user > 0;
    test_server server(options);
    const std::string token = "Authorization: Bearer good\r\n";
    const auto first = server.get("/echo", token);
    CHECK(first.status == 200);
    CHECK(first.header("ratelimit") == (user ? "\"user\";r=1;t=1" : "\"address\";r=1;t=1"));
    CHECK(first.header("ratelimit-policy") == (user ? "\"user\";q=2;w=2" : "\"address\";q=2;w=2"));
    reply last;
    REQUIRE(eventually_true([&] { return (last = server.get("/echo", token)).status == 429; }));
    CHECK(last.header("retry-after") == "1");
    CHECK(last.header("content-type") == "application/problem+json");
    CHECK(last.body.find("\"code\":\"rate_limited\"") != std::string::npos);
    CHECK(server.get("/health", token).status == 200);
    if (user) CHECK(server.get("/echo").status == 200);
}

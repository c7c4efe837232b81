// Starting, draining, stopping, TLS.
#include "node/platform/http/test_server.hpp"
#include "node/platform/http/test_tls.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace kieng::http;
using namespace kieng::http::test;
using std::chrono::milliseconds;

TEST_CASE("a port in use is told in a sentence")
{
    test_server server;
    fake_authenticator who;
    fake_positions positions;
    kieng::cache::response_cache cache(1024);
    server_options options;
    options.bind_address = "127.0.0.1";
    options.port = server.port();
    class server second(options, {}, who, cache, positions);
    CHECK_THROWS_WITH_AS(second.start(), doctest::Contains("is in use"), std::runtime_error);
    options.bind_address = "nonsense";
    class server third(options, {}, who, cache, positions);
    CHECK_THROWS_AS(third.start(), std::runtime_error);
}

TEST_CASE("before it is ready a server answers health only")
{
    server_options options;
    options.ready = false;
    test_server server(options);
    CHECK(server.get("/echo").status == 503);
    CHECK(server.get("/echo").body.find("\"code\":\"starting\"") != std::string::npos);
    CHECK(server.get("/products/a").status == 503);
    CHECK(server.get("/health").status == 200);
    server.under_test().set_ready(true);
    CHECK(server.get("/echo").status == 200);
}

TEST_CASE("while draining all goes on; when the time is over, connections are asked to close")
{
    server_options options;
    options.drain_time = milliseconds(100);
    options.close_time = milliseconds(60'000);  // ends by itself when nobody is left
    test_server server(options);
    auto old = server.connect();
    const auto ask = [&old] {
        old.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
        return old.read();
    };
    server.under_test().begin_drain();
    const auto first = ask();
    CHECK(first.status == 200);
    CHECK(first.header("connection") == "");
    CHECK(server.get("/echo").status == 200);
    std::thread stopping([&] { server.under_test().stop(milliseconds(120'000)); });
    auto last = ask();
    while (last.status == 200 && last.header("connection") == "") last = ask();
    CHECK(last.status == 200);
    CHECK(last.header("connection") == "close");
    CHECK(old.closed());
    stopping.join();
}

TEST_CASE("a stop lets requests finish and lets idle connections go")
{
    server_options options;
    options.drain_time = milliseconds(50);
    options.io_threads = 2;
    test_server server(options);
    server.hold = true;
    std::vector<client> idle;
    for (int i = 0; i < 8; ++i) {
        idle.push_back(server.connect());
        idle.back().send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(idle.back().read().status == 200);
    }
    auto busy = server.connect();
    busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually_true([&] { return server.holding == 1; }));
    std::thread stopping([&] { server.under_test().stop(milliseconds(20'000)); });
    for (auto& one : idle) CHECK(one.closed());
    CHECK(server.holding == 1);
    CHECK(server.get("/echo").status == 200);  // the door is open to the end
    server.hold = false;
    CHECK(busy.read().status == 200);
    idle.clear();
    stopping.join();
    CHECK_THROWS(server.connect());
}

TEST_CASE("a stop under load loses no request")
{
    server_options options;
    options.drain_time = milliseconds(200);
    options.io_threads = 2;
    test_server server(options);
    std::atomic<int> lost{0};
    std::atomic<int> answered{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            for (;;) {
                // A connection that the server has refused to take, or closed before a request, loses nothing.
                try {
                    auto one = server.connect();
                    for (;;) {
                        if (!one.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")) break;
                        const auto got = one.read();
                        if (got.status == 200 && got.complete) {
                            ++answered;
                        } else {
                            ++lost;
                        }
                        if (got.header("connection") == "close" || got.status != 200) break;
                    }
                } catch (const std::runtime_error&) {
                    return;
                }
            }
        });
    }
    REQUIRE(eventually_true([&] { return answered > 200; }));
    server.under_test().stop(milliseconds(10'000));
    for (auto& one : clients) one.join();
    CHECK(lost.load() == 0);
}

TEST_CASE("a stop does not wait for ever")
{
    server_options options;
    options.drain_time = milliseconds(10);
    test_server server(options);
    server.hold = true;
    auto busy = server.connect();
    busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually_true([&] { return server.holding == 1; }));
    server.under_test().stop(milliseconds(100));
    CHECK(busy.closed());
}

TEST_CASE("counters tell what was answered")
{
    test_server server;
    (void)server.get("/echo");
    (void)server.get("/echo?a=1");
    (void)server.get("/mine");
    (void)server.get("/nowhere");
    const auto seen = server.under_test().snapshot();
    for (const auto& route : seen.routes) {
        if (route.method == "GET" && route.path == "/echo") {
            CHECK(route.count == 2);
            CHECK(route.by_status == std::vector<std::pair<int, std::uint64_t>>{{200, 2}});
            std::uint64_t in_buckets = 0;
            for (const auto n : route.durations) in_buckets += n;
            CHECK(in_buckets == 2);
            CHECK(route.bytes > 600);
        }
        if (route.path == "/mine")
            CHECK(route.by_status == std::vector<std::pair<int, std::uint64_t>>{{401, 1}});
    }
    CHECK(seen.routes.back().path == "");
    CHECK(seen.routes.back().by_status == std::vector<std::pair<int, std::uint64_t>>{{404, 1}});
    CHECK(server.under_test().executors().size() == 1);
    CHECK(server.under_test().loop_delays().size() == 1);
}

TEST_CASE("the same is spoken under TLS")
{
    const certificate_files files;
    server_options options;
    options.tls_cert = files.cert();
    options.tls_key = files.key();
    test_server server(options);
    {
        tls_client one(server.port());
        REQUIRE(one.connected());
        CHECK(one.protocol() == "http/1.1");
        const auto got = one.exchange("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", "}");
        CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(got.find("Strict-Transport-Security: max-age=31536000") != std::string::npos);
        const auto more =
            one.exchange("GET /big/300000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {});
        CHECK(more.size() > 300'000);
        CHECK(one.closed_cleanly());
    }
    {
        tls_client old(server.port(), TLS1_1_VERSION);
        CHECK(!old.connected());
    }
    auto plain = server.connect();
    plain.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(plain.closed());
    server.under_test().reload_tls();
    tls_client again(server.port());
    CHECK(again.connected());
    options.tls_key = "/nonexistent";
    CHECK_THROWS_AS(test_server{options}, std::runtime_error);
}

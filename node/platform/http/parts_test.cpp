// The small parts, by themselves.
#include "node/platform/http/access_log.hpp"
#include "node/platform/http/chunked_decoder.hpp"
#include "node/platform/http/head_parser.hpp"
#include "node/platform/http/networks.hpp"
#include "node/platform/http/rate_limiter.hpp"
#include "node/platform/http/route_stats.hpp"
#include "node/platform/http/static_files.hpp"
#include "node/platform/http/target.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::http;

TEST_CASE("a head reads the same however it is cut")
{
    const limits within;
    const std::string text =
        "\r\nPOST /a?b=c HTTP/1.1\r\nHOST: x\r\nA:  b c \r\nContent-Length: 3\r\n\r\nabc";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::string bytes = text;
        head_parser parser(within);
        head h;
        auto state = parser.parse(bytes.data(), cut, h);
        if (state == head_parser::state::more) state = parser.parse(bytes.data(), bytes.size(), h);
        REQUIRE(state == head_parser::state::done);
        CHECK(bytes.substr(parser.size()) == "abc");
        CHECK(h.method == "POST");
        CHECK(h.target == "/a?b=c");
        CHECK(h.count == 3);
        CHECK(h.fields[0].name == "host");
        CHECK(h.fields[1].value == "b c");
        CHECK(h.value(known::content_length) == "3");
    }
}

TEST_CASE("chunks read the same however they are cut")
{
    const limits within;
    const std::string text =
        "5;a=\"b\"\r\nhello\r\n01\r\n \r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\nNEXT";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        chunked_decoder decoder(within);
        std::string out;
        std::size_t used = 0;
        std::size_t total = 0;
        auto state = decoder.decode(std::string_view(text).substr(0, cut), used, out);
        total += used;
        if (state == chunked_decoder::state::more) {
            state = decoder.decode(std::string_view(text).substr(total), used, out);
            total += used;
        }
        REQUIRE(state == chunked_decoder::state::done);
        CHECK(out == "hello 0123456789");
        CHECK(text.substr(total) == "NEXT");
    }
}

TEST_CASE("a bucket gives its burst, then its rate")
{
    rate_limiter limiter(10);
    steady_time now{std::chrono::hours(1)};
    for (int i = 0; i < 20; ++i) CHECK(limiter.take("a", now).remaining == 19 - i);
    const auto empty = limiter.take("a", now);
    CHECK(!empty.allowed);
    CHECK(empty.wait == std::chrono::milliseconds(100));
    CHECK(limiter.take("b", now).allowed);
    now += std::chrono::milliseconds(100);
    CHECK(limiter.take("a", now).allowed);
    CHECK(!limiter.take("a", now).allowed);
    now += std::chrono::seconds(5);
    CHECK(limiter.take("a", now).remaining == 19);
    rate_limiter off(0);
    CHECK(off.take("a", now).allowed);
}

TEST_CASE("a limiter never keeps more keys than it may")
{
    rate_limiter limiter(1, 64);
    const steady_time now{std::chrono::hours(1)};
    for (int i = 0; i < 10'000; ++i) CHECK(limiter.take("key" + std::to_string(i), now).allowed);
}

TEST_CASE("ranges hold what they should")
{
    const networks some({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "::1"});
    const auto in = [&](const char* text) {
        return some.contains(plain(asio::ip::make_address(text)));
    };
    CHECK(in("10.255.0.1"));
    CHECK(in("::ffff:10.1.1.1"));
    CHECK(!in("11.0.0.1"));
    CHECK(in("192.0.2.7"));
    CHECK(!in("192.0.2.6"));
    CHECK(in("2001:db8:7fff::1"));
    CHECK(!in("2001:db8:8000::1"));
    CHECK(in("::1"));
    CHECK_THROWS_AS(networks({"10.0.0.0/33"}), std::invalid_argument);
    CHECK_THROWS_AS(networks({"ten"}), std::invalid_argument);
    CHECK_THROWS_AS(networks({"10.0.0.0/x"}), std::invalid_argument);
    const auto here = asio::ip::make_address("10.0.0.1");
    CHECK(some.client(here, "1.1.1.1, 2.2.2.2:80").to_string() == "2.2.2.2");
    CHECK(some.client(here, "[2001:db9::5]:44").to_string() == "2001:db9::5");
    CHECK(some.client(here, "").to_string() == "10.0.0.1");
    CHECK(client_key(asio::ip::make_address("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::");
}

TEST_CASE("queries of one meaning have one key")
{
    const auto key = [](std::string_view query) {
        std::string out;
        CHECK(append_normalised_query(query, out));
        return out;
    };
    CHECK(key("b=2&a=1") == "a=1&b=2");
    CHECK(key("&&b=2&a=1&") == "a=1&b=2");
    CHECK(key("q=%61") == key("q=a"));
    CHECK(key("q=a+b") == key("q=a%20b"));
    CHECK(key("q=a%26b=c") != key("q=a&b=c"));
    std::string out;
    CHECK(!append_normalised_query("q=%ff", out));
}

TEST_CASE("hashed names are told from plain ones")
{
    CHECK(has_hashed_name("index-4f3a9c2b.js"));
    CHECK(has_hashed_name("chunk.DiwrgTda.css"));
    CHECK(!has_hashed_name("index.html"));
    CHECK(!has_hashed_name("some-component.js"));
    CHECK(!has_hashed_name("logo-12.png"));
}

TEST_CASE("statuses nobody counts by themselves count as their class")
{
    route_stats stats(1);
    stats.count(0, 200, std::chrono::microseconds(50), 10, true);
    stats.count(0, 226, std::chrono::microseconds(99'999'999), 10, false);
    stats.count(0, 418, std::chrono::microseconds(300), 10, false);
    stats.count(0, 599, std::chrono::microseconds(300), 10, false);
    route_sample sample;
    stats.add_to(0, sample);
    CHECK(sample.count == 4);
    CHECK(sample.cached == 1);
    CHECK(sample.durations.front() == 1);
    CHECK(sample.durations.back() == 1);
    CHECK(sample.by_status ==
          std::vector<std::pair<int, std::uint64_t>>{{200, 2}, {400, 1}, {500, 1}});
}

#include "node/identity/throttle.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

using namespace std::chrono_literals;

const throttle_rule kRule{5, 15min, 30s, 15min};

// Tries `times` times in a row and returns how many were let through.
int try_often(throttle_count& count, const manual_clock& clock, int times)
{
    int allowed = 0;
    for (int i = 0; i < times; ++i) {
        const auto verdict = attempt(kRule, count, clock.wall());
        if (verdict.wait) continue;
        count = verdict.next;
        ++allowed;
    }
    return allowed;
}

TEST_CASE("five attempts are free, the sixth waits")
{
    manual_clock clock;
    throttle_count count;
    CHECK(try_often(count, clock, 100) == 5);
    const auto verdict = attempt(kRule, count, clock.wall());
    REQUIRE(verdict.wait.has_value());
    CHECK(*verdict.wait == 30s);
}

TEST_CASE("each attempt beyond the free ones doubles the wait, up to the longest")
{
    manual_clock clock;
    throttle_count count;
    try_often(count, clock, 5);
    for (const auto wait : {30s, 60s, 120s, 240s, 480s}) {
        CHECK(*attempt(kRule, count, clock.wall()).wait == wait);
        clock.advance(wait - 1us);
        CHECK(attempt(kRule, count, clock.wall()).wait.has_value());
        clock.advance(1us);
        CHECK(try_often(count, clock, 10) == 1);
    }
    CHECK(*attempt(kRule, count, clock.wall()).wait == 15min);
}

TEST_CASE("knocking while refused does not lengthen the wait")
{
    manual_clock clock;
    throttle_count count;
    try_often(count, clock, 5);
    clock.advance(29s);
    try_often(count, clock, 1000);
    CHECK(*attempt(kRule, count, clock.wall()).wait == 1s);
}

TEST_CASE("a quarter of an hour of peace starts anew")
{
    manual_clock clock;
    throttle_count count;
    try_often(count, clock, 5);
    clock.advance(15min);
    CHECK(try_often(count, clock, 100) == 5);
}

TEST_CASE("a limit of zero throttles nobody and counts nothing")
{
    manual_clock clock;
    const auto verdict = attempt({}, {1'000'000, clock.wall()}, clock.wall());
    CHECK(!verdict.wait.has_value());
}

TEST_CASE("a database clock that was set back throttles no longer than the rule says")
{
    manual_clock clock;
    throttle_count count;
    try_often(count, clock, 1);
    CHECK(!attempt(kRule, count, clock.wall() - 1h).wait.has_value());
}

TEST_CASE("the setting names both limits or is off")
{
    const auto limits = parse_login_limits("3/50");
    REQUIRE(limits.has_value());
    CHECK(limits->account.limit == 3);
    CHECK(limits->address.limit == 50);
    const auto off = parse_login_limits("off");
    REQUIRE(off.has_value());
    CHECK(off->account.limit == 0);
    CHECK(off->address.limit == 0);
    for (const auto* bad : {"", "5", "/", "5/", "/5", "0/5", "5/0", "-1/5", "5/5/5", "5 /5", "a/b",
                            "5/99999999", "OFF"}) {
        CAPTURE(bad);
        CHECK(!parse_login_limits(bad).has_value());
    }
}

TEST_CASE("an address counts as what one customer holds")
{
    CHECK(address_block("192.0.2.7") == "192.0.2.7");
    CHECK(address_block("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(address_block("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64");
    CHECK(address_block("::ffff:192.0.2.7") == "192.0.2.7");
    CHECK(address_block("no address") == "no address");
}

}  // namespace
}  // namespace kieng::identity

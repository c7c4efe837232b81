#include "node/watchdog.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace std::chrono_literals;
using node::stillness;

TEST_CASE("a loop that stands still look after look is a hang")
{
    stillness seen;
    CHECK_FALSE(seen.look(3'100ms, 0ms));
    CHECK_FALSE(seen.look(3'350ms, 1ms));
    CHECK(seen.look(3'600ms, 1ms));
}

TEST_CASE("a loop that moves again in between is none")
{
    stillness seen;
    CHECK_FALSE(seen.look(3'100ms, 0ms));
    CHECK_FALSE(seen.look(3'350ms, 0ms));
    CHECK_FALSE(seen.look(20ms, 0ms));
    CHECK_FALSE(seen.look(3'100ms, 0ms));
    CHECK_FALSE(seen.look(3'350ms, 0ms));
}

TEST_CASE("a process that was stopped as a whole is not ended when it goes on")
{
    stillness seen;
    CHECK_FALSE(seen.look(15'000ms, 15'000ms));
    CHECK_FALSE(seen.look(15'000ms, 300ms));
    CHECK_FALSE(seen.look(50ms, 0ms));
}

TEST_CASE("the watchdog calls once and ends")
{
    std::atomic<int> called{0};
    {
        node::watchdog dog([] { return std::chrono::nanoseconds(10s); }, system_clock(),
                           [&](std::chrono::milliseconds) { ++called; });
        const auto last = system_clock().steady() + 60s;
        while (called == 0 && system_clock().steady() < last) std::this_thread::yield();
    }
    CHECK(called == 1);
}

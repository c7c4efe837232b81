#include "cluster/wire/statistics_recorder.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

TEST_CASE("percentiles are exact to a fifth, and the longest time is exact")
{
    for (const auto longest : {7us, 100us, 5'000us, 1'000'000us, 3'000'000'000us}) {
        time_histogram of;
        for (int i = 1; i <= 100; ++i) of.add(longest * i / 100);
        const auto got = of.read();
        CHECK(got.count == 100);
        CHECK(got.max == longest);
        CHECK(got.p50.value() >= longest * 50 / 100);
        CHECK(got.p50.value() <= longest * 50 / 100 * 5 / 4 + 1us);
        CHECK(got.p99.value() >= longest * 99 / 100);
        CHECK(got.p99.value() <= longest);
    }
    time_histogram odd;
    odd.add(-1us);
    odd.add(100h);
    CHECK(odd.read().max == 100h);
    CHECK_FALSE(time_histogram().read().p50.has_value());
}

TEST_CASE("an hour and a day are told apart")
{
    statistics_recorder of("server-a", 0s);
    const instant start = 1h;
    of.checked("server-b", true, 400us, start);
    of.checked("server-b", false, 0us, start);
    of.took_over(false, start, start);
    of.took(150ms, start);
    of.took_over(true, start, start);
    of.synced(5ms, start + 30min);
    const auto soon = of.read(start + 31min);
    CHECK(soon.self == "server-a");
    CHECK(soon.observed == 91min);
    REQUIRE(soon.windows.size() == 2);
    CHECK(soon.windows[0].length == 1h);
    CHECK(soon.windows[1].length == 24h);
    for (const auto& one : soon.windows) {
        REQUIRE(one.health.size() == 1);
        CHECK(one.health[0].checks == 2);
        CHECK(one.health[0].failures == 1);
        CHECK(one.health[0].response.count == 1);
        CHECK(one.failovers == 1);
        CHECK(one.handovers == 1);
        CHECK(one.takeover.max == 150ms);
        CHECK(one.sync.count == 1);
    }
    const auto later = of.read(start + 61min);
    CHECK(later.windows[0].health.empty());
    CHECK(later.windows[0].failovers == 0);
    CHECK(later.windows[0].sync.count == 1);
    CHECK(later.windows[1].failovers == 1);
    CHECK(of.read(start + 25h).windows[1].failovers == 0);
}

TEST_CASE("a change of long ago counts where it belongs, and nowhere when that is over")
{
    statistics_recorder of("server-a", 50h);
    const instant now = 50h;
    of.checked("server-b", true, 400us, now);
    of.took_over(false, now - 20min, now);
    of.took_over(false, now - 20min - 30s, now);
    of.took_over(true, now - 40min, now);
    of.took_over(false, now - 3h, now);
    of.took_over(false, now - 30h, now);
    of.took_over(false, now + 20min, now);
    const auto got = of.read(now);
    CHECK(got.windows[0].failovers == 2);
    CHECK(got.windows[0].handovers == 1);
    CHECK(got.windows[1].failovers == 3);
    const auto later = of.read(now + 30min);
    CHECK(later.windows[0].failovers == 2);
    CHECK(later.windows[0].handovers == 0);
    CHECK(later.windows[1].failovers == 3);
}

TEST_CASE("a recorder that runs for a week keeps a day")
{
    statistics_recorder of("server-a", 0s);
    instant now = 0s;
    for (int minute = 0; minute < 7 * 24 * 60; ++minute, now += 1min)
        of.checked("server-b", true, 1ms, now);
    const auto got = of.read(now - 1min);
    CHECK(got.windows[0].health.at(0).checks == 60);
    CHECK(got.windows[1].health.at(0).checks == 24 * 60);
}

#include "cluster/runtime/cluster_figures.hpp"

#include <doctest/doctest.h>

#include <numeric>

namespace kieng::cluster {
namespace {

using namespace std::chrono_literals;

takeover_record crash_of_a()
{
    takeover_record out;
    out.from = "server-a";
    out.to = "server-b";
    out.epoch = 2;
    out.at = manual_clock().boot();
    out.reason = takeover_reason::crashed;
    out.phases.detect = 8ms;
    out.phases.decide = 40ms;
    out.phases.fence = 3ms;
    return out;
}

TEST_CASE("a takeover counts by its reason, and its phases where this node knows them")
{
    manual_clock time;
    cluster_figures figures("server-b", time);
    figures.took_over(crash_of_a());
    auto planned = crash_of_a();
    planned.epoch = 3;
    planned.planned = true;
    planned.phases = {};
    figures.took_over(planned);

    const auto since_start = figures.totals();
    CHECK(since_start.takeovers.at("crashed") == 1);
    CHECK(since_start.takeovers.at("handover") == 1);
    CHECK(since_start.phases.at("decide").sum == doctest::Approx(0.04));
    CHECK(!since_start.phases.contains("announce"));

    const auto recent = figures.statistics()->windows.front();
    CHECK(recent.failovers == 1);
    CHECK(recent.handovers == 1);
    CHECK(recent.takeover.count == 1);
}

TEST_CASE("each change counts once, whoever tells of it")
{
    manual_clock time;
    cluster_figures figures("server-b", time);
    auto before = crash_of_a();
    before.at = time.boot() - 10min;
    before.phases = {};
    figures.took_over_before(before);
    figures.took_over_before(before);
    before.epoch = 1;
    before.at = time.boot() - 3h;
    figures.took_over_before(before);
    CHECK(figures.totals().takeovers.empty());
    // Its own, told by the outbox before all knew of it.
    auto own = crash_of_a();
    own.epoch = 3;
    figures.took_over_before(own);
    figures.took_over(own);
    CHECK(figures.totals().takeovers.at("crashed") == 1);
    const auto windows = figures.statistics()->windows;
    CHECK(windows[0].failovers == 2);
    CHECK(windows[1].failovers == 3);
    CHECK(windows[0].takeover.count == 1);
}

TEST_CASE("a role that nobody had is taken, but nobody failed")
{
    manual_clock time;
    cluster_figures figures("server-b", time);
    auto first = crash_of_a();
    first.from.clear();
    first.reason = takeover_reason::vacant;
    figures.took_over(first);
    CHECK(figures.totals().takeovers.at("vacant") == 1);
    CHECK(figures.statistics()->windows.front().failovers == 0);
}

TEST_CASE("every position that arrives is one measurement, and none is below nothing")
{
    manual_clock time;
    cluster_figures figures("server-b", time);
    figures.synced(-3ms, 2);  // the peer's clock is a little ahead
    figures.synced(7ms, 3);
    figures.synced(1s, 0);
    const auto sync = figures.totals().sync;
    CHECK(std::accumulate(sync.counts.begin(), sync.counts.end(), 0ULL) == 5);
    CHECK(sync.counts.front() == 2);
    CHECK(figures.statistics()->windows.front().sync.count == 5);
}

TEST_CASE("the figures of the last hour are read again after a second")
{
    manual_clock time;
    cluster_figures figures("server-b", time);
    figures.checked("server-a", true, 1ms);
    CHECK(figures.statistics()->windows.front().health.front().checks == 1);
    figures.checked("server-a", false, 0ms);
    CHECK(figures.statistics()->windows.front().health.front().checks == 1);
    time.advance(1s);
    CHECK(figures.statistics()->windows.front().health.front().failures == 1);
}

}  // namespace
}  // namespace kieng::cluster

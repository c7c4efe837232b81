#include "cluster/core/decisions_testing.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::testing;
using enum kieng::cluster::input::reconnect_outcome;
using kieng::cluster::input::lock_state;

namespace {

bench standby_b()
{
    bench b('b');
    b.holds('a', 1, 1);
    b.feed(input::lock_session{true});
    b.connect('a');
    b.connect('c');
    b.pass(4s, "ac");
    b.forget();
    return b;
}

bench active_a()
{
    bench b('a');
    b.feed(input::lock_session{true});
    b.connect('b');
    b.connect('c');
    b.pass(2s, "bc");
    b.forget();
    return b;
}

void crash_a(bench& b)
{
    b.feed(input::stream_closed{node('a').id, node('a').boot, link::ours});
    b.feed(input::stream_closed{node('a').id, node('a').boot, link::theirs});
    b.feed(input::reconnected{node('a').id, refused});
    b.feed(input::lock_checked{node('a').id, node('a').boot, lock_state::free});
    b.renewing = false;
}

void agree_on_a(bench& b, instant span, instant ago)
{
    for (instant t = 0ms; t < span; t += 100ms) {
        b.pass(100ms, "c");
        b.feed(input::probe_answered{{node('c').id, node('a').id, true, ago}});
    }
}

}  // namespace

TEST_CASE("the vacant role goes to the best node, which renews it each second")
{
    auto b = active_a();
    CHECK(b.machine().may_run_duties(b.now()));
    CHECK(b.machine().epoch() == 1);
    b.pass(10s, "bc");
    const auto renewals = all_of<action::send_renewal>(b.seen()).size();
    CHECK(renewals >= 9);
    CHECK(renewals <= 11);
}

TEST_CASE("after a crash of the active node the next one takes over without waiting for the lease")
{
    auto b = standby_b();
    crash_a(b);
    b.pass(200ms, "c");
    REQUIRE(b.takeovers.size() == 1);
    CHECK(b.takeovers[0].reason == takeover_reason::crashed);
    CHECK(b.takeovers[0].observed_epoch == 1);
    CHECK(b.machine().may_run_duties(b.now()));
    REQUIRE(has<action::announce_active>(b.seen()));
    b.pass(2s, "c");
    const auto records = b.machine().snapshot(b.now()).history;
    REQUIRE(!records.empty());
    CHECK(records[0].from == node('a').id);
    CHECK(records[0].phases.detect.has_value());
    CHECK(records[0].phases.announce.has_value());
}

TEST_CASE("a worse node lets the better one go first")
{
    bench b('c');
    b.holds('a', 1, 1);
    b.feed(input::lock_session{true});
    b.connect('a');
    b.connect('b');
    b.pass(4s, "ab");
    b.forget();
    crash_a(b);
    b.pass(100ms, "b");
    CHECK(b.takeovers.empty());
    b.pass(200ms, "b");
    CHECK(b.takeovers.size() == 1);
}

TEST_CASE("a silent holder keeps its role as long as its lease is renewed")
{
    auto b = standby_b();
    agree_on_a(b, 6s, 2s);
    CHECK(b.held('a') == member_state::down);
    CHECK(b.takeovers.empty());
    b.renewing = false;
    agree_on_a(b, 3s, 5s);
    REQUIRE(b.takeovers.size() == 1);
    CHECK(b.takeovers[0].reason == takeover_reason::silent);
    CHECK(b.takeovers[0].unmoved_expires_at.has_value());
}

TEST_CASE("a link that is cut moves no role")
{
    auto b = standby_b();
    b.renewing = false;
    for (int i = 0; i < 15; ++i) {
        b.pass(100ms, "c");
        b.feed(input::probe_answered{{node('c').id, node('a').id, true, 100ms}});
    }
    CHECK(b.takeovers.empty());
}

TEST_CASE("expiry counts only after 3 s of answered reads")
{
    bench b('b');
    b.holds('a', 1, 1);
    b.renewing = false;
    b.expires_ = b.now() - 1s;
    b.connect('a');
    b.connect('c');
    b.pass(2800ms, "ac");
    CHECK(b.takeovers.empty());
    b.pass(1s, "ac");
    REQUIRE(b.takeovers.size() == 1);
    CHECK(b.takeovers[0].reason == takeover_reason::expired);
}

TEST_CASE("a node that blames itself starts no takeover")
{
    auto b = standby_b();
    b.move_time(600ms);
    b.feed(input::tick{});
    crash_a(b);
    b.pass(1s, "c");
    CHECK(b.takeovers.empty());
    b.pass(5s, "c");
    CHECK(b.takeovers.size() == 1);
}

TEST_CASE("the holder stops at its own deadline, 500 ms before the lease ends")
{
    auto b = active_a();
    b.mute = true;
    b.pass(1400ms, "");
    CHECK(b.machine().may_run_duties(b.now()));
    b.pass(1300ms, "");
    CHECK(!b.machine().may_run_duties(b.now()));
    REQUIRE(has<action::stop_duties>(b.seen()));
}

TEST_CASE("a holder that wakes up stops before it does anything else")
{
    auto b = active_a();
    b.move_time(4s);
    const auto done = b.feed(input::progress{1, 1});
    REQUIRE(!done.empty());
    CHECK(std::holds_alternative<action::stop_duties>(done.front()));
}

TEST_CASE("the holder resigns when it alone lost PostgreSQL, and stays when everybody did")
{
    auto b = active_a();
    b.mute = true;
    b.pass(2500ms, "bc");
    CHECK(b.machine().scope() == outage_scope::node);
    REQUIRE(has<action::announce_resigned>(b.seen()));

    auto all = active_a();
    all.mute = true;
    beat lost;
    lost.epoch = 1;
    lost.database = database_state::lost;
    for (int i = 0; i < 40; ++i) {
        all.feed(input::heard{node('b').id, node('b').boot, lost});
        all.feed(input::heard{node('c').id, node('c').boot, lost});
        all.pass(100ms, "");
    }
    CHECK(all.machine().scope() == outage_scope::shared);
    CHECK(!has<action::announce_resigned>(all.seen()));
}

TEST_CASE("what a holder announced to resign goes to the next at once")
{
    auto b = standby_b();
    b.feed(input::resigned{node('a').id, {1, std::nullopt}});
    b.pass(100ms, "ac");
    CHECK(b.takeovers.size() == 1);
}

TEST_CASE("a named successor takes the role, the others leave it to him for a second")
{
    auto b = standby_b();
    b.feed(input::resigned{node('a').id, {1, node('c').id}});
    b.pass(900ms, "ac");
    CHECK(b.takeovers.empty());
    b.pass(400ms, "ac");
    CHECK(b.takeovers.size() == 1);
}

TEST_CASE("a better node that is well for long enough gets the role back")
{
    auto b = standby_b();
    crash_a(b);
    b.pass(1s, "c");
    CHECK(b.machine().may_run_duties(b.now()));
    b.connect('a', 2);
    b.forget();
    for (int i = 0; i < 118; ++i) {
        b.pass(250ms, "c");
        b.beat_of('a', 2);
    }
    CHECK(!has<action::send_resign>(b.seen()));
    // It failed once within ten minutes: twice 30 s.
    for (int i = 0; i < 130; ++i) {
        b.pass(250ms, "c");
        b.beat_of('a', 2);
        if (has<action::announce_resigned>(b.seen())) break;
    }
    const auto told = all_of<action::announce_resigned>(b.seen());
    REQUIRE(told.size() == 1);
    CHECK(told[0].notice.to == node('a').id);
    CHECK(!b.machine().may_run_duties(b.now()));
}

TEST_CASE("an operator may name the next one; a draining node resigns after 2 s")
{
    auto b = active_a();
    b.feed(input::handover{node('c').id});
    CHECK(!b.machine().may_run_duties(b.now()));
    b.pass(100ms, "bc");
    REQUIRE(has<action::announce_resigned>(b.seen()));

    auto d = active_a();
    d.feed(input::drain{});
    d.pass(1800ms, "bc");
    CHECK(d.machine().may_run_duties(d.now()));
    d.pass(500ms, "bc");
    REQUIRE(has<action::announce_resigned>(d.seen()));
    d.pass(5s, "bc");
    CHECK(!d.machine().may_run_duties(d.now()));
}

TEST_CASE("a takeover whose answer was lost is found by reading the row again")
{
    auto b = standby_b();
    crash_a(b);
    b.mute = true;
    b.pass(200ms, "c");
    const auto asked = all_of<action::send_takeover>(b.seen());
    REQUIRE(asked.size() == 1);
    // It did happen, and then the connection broke.
    b.holds('b', 1, 2);
    b.feed(input::lease_answered{asked[0].id, input::statement_outcome::unknown, b.now(), {}});
    CHECK(!b.machine().may_run_duties(b.now()));
    b.forget();
    b.mute = false;
    b.pass(300ms, "c");
    CHECK(b.machine().epoch() == 2);
    CHECK(b.machine().may_run_duties(b.now()));
    CHECK(b.takeovers.empty());
}

TEST_CASE("a takeover that waits for the old holder's duties ends its sessions and asks once more")
{
    auto b = standby_b();
    crash_a(b);
    b.mute = true;
    b.pass(200ms, "c");
    const auto asked = all_of<action::send_takeover>(b.seen());
    REQUIRE(asked.size() == 1);
    const auto done = b.feed(input::lease_answered{
        asked[0].id, input::statement_outcome::lock_timeout, b.now() - 1ms, {}});
    REQUIRE(has<action::terminate_duty_sessions>(done));
    CHECK(all_of<action::terminate_duty_sessions>(done)[0].boot == node('a').boot);
    CHECK(has<action::send_takeover>(done));
}

TEST_CASE("a read that was sent before a takeover does not bring the old epoch back")
{
    auto b = standby_b();
    b.mute = true;
    b.pass(600ms, "ac");
    const auto reads = all_of<action::read_lease>(b.seen());
    REQUIRE(!reads.empty());
    const instant sent = b.now();
    b.move_time(10ms);
    b.feed(input::active_changed{node('c').id, {2, node('c').id, node('c').boot, {}}});
    CHECK(b.machine().epoch() == 2);
    auto old = b.row_;
    b.feed(input::lease_answered{reads.back().id, input::statement_outcome::done, sent, old});
    CHECK(b.machine().epoch() == 2);
}

TEST_CASE("a new incarnation of the database may have an older epoch")
{
    auto b = standby_b();
    b.holds('a', 1, 1);
    b.pass(1s, "ac");
    CHECK(b.machine().snapshot(b.now()).incarnation == 1);
    b.mute = true;
    b.forget();
    b.pass(600ms, "ac");
    const auto reads = all_of<action::read_lease>(b.seen());
    REQUIRE(!reads.empty());
    lease_row restored{2, 0, node('c').id, node('c').boot, {}, {}};
    b.feed(
        input::lease_answered{reads.back().id, input::statement_outcome::done, b.now(), restored});
    CHECK(b.machine().epoch() == 0);
    CHECK(b.machine().snapshot(b.now()).warnings.empty());
}

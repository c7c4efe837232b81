// Who is called active, what is told of changes of the role, and what an operator's handover holds.
#include "cluster/core/decisions_testing.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::testing;

namespace {

// `self` among three that are well; server-a holds the role.
bench standby(char self)
{
    bench b(self);
    b.holds('a', 1, 1);
    b.feed(input::lock_session{true});
    for (const char peer : {'a', 'b', 'c'})
        if (peer != self) b.connect(peer);
    b.pass(4s, self == 'b' ? "ac" : "ab");
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

void vacate(bench& b)
{
    b.row_.holder.clear();
    b.row_.boot.clear();
}

beat said(std::int64_t epoch, database_state database, bool active = false, bool draining = false)
{
    beat out;
    out.epoch = epoch;
    out.database = database;
    out.database_age = instant{0};
    out.active = active;
    out.draining = draining;
    return out;
}

void hear(bench& b, char from, const beat& what)
{
    b.feed(input::heard{node(from).id, node(from).boot, what});
}

std::vector<takeover_record> told(const bench& b)
{
    std::vector<takeover_record> out;
    for (const auto& one : all_of<action::takeover_done>(b.seen())) out.push_back(one.record);
    return out;
}

// server-c has the role, because server-a gave it up naming it.
bench given_to_c(bool by_operator)
{
    auto c = standby('c');
    c.feed(input::resigned{node('a').id, {1, node('c').id, by_operator}});
    vacate(c);
    c.pass(1s, "ab");
    REQUIRE(c.machine().may_run_duties(c.now()));
    c.forget();
    return c;
}

}  // namespace

TEST_CASE("a role that was given up is known to come from its last holder, and why")
{
    for (const bool row_first : {true, false}) {
        auto c = standby('c');
        c.feed(input::resigned{node('a').id, {1, node('b').id, true}});
        vacate(c);
        c.pass(600ms, "ab");
        CHECK(told(c).empty());
        c.holds('b', 1, 2);
        if (row_first) c.pass(600ms, "ab");
        c.feed(input::active_changed{node('b').id,
                                     {2, node('b').id, node('b').boot, takeover_reason::resigned}});
        c.pass(600ms, "ab");
        const auto records = told(c);
        REQUIRE(records.size() == 1);
        CHECK(records[0].from == node('a').id);
        CHECK(records[0].to == node('b').id);
        CHECK(records[0].reason == takeover_reason::resigned);
        CHECK(records[0].planned);
        CHECK(!records[0].phases.total().has_value());
        CHECK(c.machine().snapshot(c.now()).history.size() == 1);
    }
}

TEST_CASE("a change that only the row told is told a second later, without a reason")
{
    auto c = standby('c');
    c.holds('b', 1, 2);
    c.pass(600ms, "ab");
    CHECK(told(c).empty());
    c.pass(1s, "ab");
    REQUIRE(told(c).size() == 1);
    CHECK(told(c)[0].from == node('a').id);
    CHECK(!told(c)[0].reason.has_value());
}

TEST_CASE("who takes the role that another was named for tells of no handover")
{
    auto b = standby('b');
    b.feed(input::resigned{node('a').id, {1, node('c').id, true}});
    vacate(b);
    b.pass(3s, "ac");
    REQUIRE(b.takeovers.size() == 1);
    CHECK(b.takeovers[0].reason == takeover_reason::resigned);
    CHECK(b.takeovers[0].from == node('a').id);
    CHECK(!b.takeovers[0].planned);
    const auto records = b.machine().snapshot(b.now()).history;
    REQUIRE(records.size() == 1);
    CHECK(!records[0].planned);
    CHECK(records[0].from == node('a').id);

    auto c = given_to_c(true);
    CHECK(c.takeovers[0].planned);
}

TEST_CASE("what the outbox tells completes the history, once and in order")
{
    auto b = standby('b');
    takeover_record crash;
    crash.epoch = 1;
    crash.from = "server-c";
    crash.to = "server-a";
    crash.reason = takeover_reason::crashed;
    crash.at = b.now() - 5min;
    auto before = crash;
    before.epoch = 0;
    before.at = b.now() - 7min;
    const auto done = b.feed(input::history_read{{crash, before}});
    CHECK(all_of<action::takeover_told>(done).size() == 2);
    auto shot = b.machine().snapshot(b.now());
    REQUIRE(shot.history.size() == 2);
    CHECK(shot.history[0].epoch == 1);
    CHECK(shot.active_since == crash.at);
    crash.at -= 1s;
    CHECK(!has<action::takeover_told>(b.feed(input::history_read{{before, crash}})));
    shot = b.machine().snapshot(b.now());
    CHECK(shot.history.size() == 2);
    CHECK(shot.history[0].at == crash.at);

    // Its own change keeps what was measured.
    auto c = given_to_c(false);
    c.pass(2s, "ab");
    auto own = c.machine().snapshot(c.now()).history.at(0);
    REQUIRE(own.phases.total().has_value());
    auto same = own;
    same.phases = {};
    c.feed(input::history_read{{same}});
    CHECK(c.machine().snapshot(c.now()).history.at(0).phases == own.phases);
}

TEST_CASE("the role is not handed to a node that cannot take it")
{
    auto b = active_a();
    b.pass(2s, "b");
    REQUIRE(b.held('c') != member_state::alive);
    b.feed(input::handover{node('c').id});
    b.feed(input::handover{node('d').id});
    CHECK(b.machine().may_run_duties(b.now()));
    hear(b, 'b', said(1, database_state::well, false, true));
    CHECK(!b.machine().may_take_role(node('b').id));
    b.feed(input::handover{node('b').id});
    b.feed(input::handover{});
    hear(b, 'b', said(1, database_state::lost));
    b.feed(input::handover{node('b').id});
    CHECK(b.machine().may_run_duties(b.now()));
    CHECK(!has<action::stop_duties>(b.seen()));
    hear(b, 'b', said(1, database_state::well));
    b.feed(input::handover{});
    CHECK(!b.machine().may_run_duties(b.now()));
    b.pass(100ms, "b");
    const auto gone = all_of<action::announce_resigned>(b.seen());
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].notice.to == node('b').id);
    CHECK(gone[0].notice.by_operator);
}

TEST_CASE("what an operator gave does not fail back, not even to a third node")
{
    auto c = given_to_c(true);
    CHECK(c.machine().snapshot(c.now()).active_kept);
    CHECK(c.machine().own_beat(c.now()).kept);
    c.pass(5min, "ab");
    CHECK(c.machine().may_run_duties(c.now()));
    CHECK(!has<action::announce_resigned>(c.seen()));
}

TEST_CASE("what a node gave by itself fails back to the best")
{
    auto c = given_to_c(false);
    CHECK(!c.machine().snapshot(c.now()).active_kept);
    c.pass(40s, "ab");
    const auto gone = all_of<action::announce_resigned>(c.seen());
    REQUIRE(!gone.empty());
    CHECK(gone[0].notice.to == node('a').id);
    CHECK(!gone[0].notice.by_operator);
}

TEST_CASE("an operator's handover ends when the giver drains or begins another life")
{
    auto drained = given_to_c(true);
    hear(drained, 'a', said(2, database_state::well, false, true));
    CHECK(!drained.machine().snapshot(drained.now()).active_kept);
    drained.pass(70s, "ab");
    CHECK(has<action::announce_resigned>(drained.seen()));

    auto restarted = given_to_c(true);
    restarted.connect('a', 2);
    CHECK(!restarted.machine().snapshot(restarted.now()).active_kept);
    restarted.pass(40s, "b");
    CHECK(has<action::announce_resigned>(restarted.seen()));
}

TEST_CASE("in an outage that outlasts the lease nobody is called active, by anybody")
{
    auto a = active_a();
    CHECK(a.machine().snapshot(a.now()).active == node('a').id);
    a.mute = true;
    for (int i = 0; i < 40; ++i) {
        hear(a, 'b', said(1, database_state::lost));
        hear(a, 'c', said(1, database_state::lost));
        a.pass(100ms, "");
    }
    auto shot = a.machine().snapshot(a.now());
    CHECK(shot.scope == outage_scope::shared);
    CHECK(shot.lease == lease_phase::lapsed);
    CHECK(shot.active.empty());
    CHECK(shot.servers.active.empty());
    CHECK(shot.members[0].role == node_role::standby);
    CHECK(shot.epoch == 1);

    auto b = standby('b');
    b.mute = true;
    for (int i = 0; i < 40; ++i) {
        hear(b, 'a', said(1, database_state::lost));
        hear(b, 'c', said(1, database_state::lost));
        b.pass(100ms, "");
    }
    CHECK(b.machine().snapshot(b.now()).active.empty());
    // Away for this node alone: the holder goes on, and says so.
    for (int i = 0; i < 40; ++i) {
        hear(b, 'a', said(1, database_state::well, true));
        hear(b, 'c', said(1, database_state::well));
        b.pass(100ms, "");
    }
    CHECK(b.machine().snapshot(b.now()).active == node('a').id);
    CHECK(b.machine().snapshot(b.now()).servers.active == node('a').id);
}

TEST_CASE("an old picture claims no readiness, no database and no role whose time is over")
{
    auto a = active_a();
    const auto picture = a.machine().snapshot(a.now());
    REQUIRE(picture.duty_deadline.has_value());
    CHECK(still_holds(picture, a.now() + 699ms));
    CHECK(!still_holds(picture, a.now() + 700ms));
    const auto standby_picture = standby('b').machine().snapshot(a.now());
    CHECK(still_holds(standby_picture, a.now() + 999ms));
    CHECK(!still_holds(standby_picture, a.now() + 1s));

    const auto old = as_of(picture, a.now() + 1s);
    CHECK(old.stands_still);
    CHECK(old.database == database_state::unknown);
    CHECK(old.lease == lease_phase::lapsed);
    CHECK(old.active.empty());
    REQUIRE(!old.warnings.empty());
    CHECK(old.warnings.back().code == warning_code::own_loops_stuck);

    const auto over = as_of(picture, a.now() + 700ms);
    CHECK(!over.stands_still);
    CHECK(over.lease == lease_phase::lapsed);
    CHECK(over.active.empty());
    CHECK(over.servers.active.empty());
    CHECK(over.members[0].role == node_role::standby);
    CHECK(!over.summary.has_active);

    // A role that is about to end is not claimed beyond its end, however new the picture.
    auto short_one = picture;
    short_one.duty_deadline = picture.taken + 100ms;
    CHECK(!still_holds(short_one, a.now() + 100ms));
    const auto ended = as_of(short_one, a.now() + 100ms);
    CHECK(ended.lease == lease_phase::lapsed);
    CHECK(!ended.stands_still);
}

TEST_CASE("a node that starts with its peers counts nothing as missed")
{
    bench b('b');
    b.holds('a', 1, 1);
    b.pass(3s, "");
    b.feed(input::peer_answered{node('a').id, instant{0}, false});
    b.connect('a');
    b.pass(20s, "a");
    const auto& members = b.machine().snapshot(b.now()).members;
    CHECK(members[0].uptime_percent == 100);
    CHECK(members[0].error_rate == 0);
    b.feed(input::peer_answered{node('a').id, instant{0}, false});
    CHECK(b.machine().snapshot(b.now()).members[0].error_rate > 0);
    CHECK(members[2].uptime_percent == 0);
}

TEST_CASE("a node that answers before it takes streams is no warning, one that never does is")
{
    auto b = standby('b');
    heartbeat full;
    full.node = node('a');
    full.state.database = database_state::well;
    b.feed(input::heartbeat_received{full, {}, {}});
    b.feed(input::stream_closed{node('a').id, node('a').boot, link::ours});
    b.feed(input::stream_closed{node('a').id, node('a').boot, link::theirs});
    b.feed(input::reconnected{node('a').id, input::reconnect_outcome::no_stream});
    CHECK(b.machine().detector().mode() == detection_mode::heartbeat_only);
    b.pass(4s, "c");
    CHECK(b.machine().detector().warnings(b.now()).empty());
    b.pass(2s, "c");
    const auto warnings = b.machine().detector().warnings(b.now());
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].code == warning_code::heartbeat_only);
}

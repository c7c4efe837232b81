#include "cluster/core/decisions_testing.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::testing;
using enum kieng::cluster::input::reconnect_outcome;
using kieng::cluster::input::lock_state;

namespace {

// server-b among three that are well; server-a holds the role.
bench settled()
{
    bench b('b');
    b.holds('a', 1, 1);
    b.feed(input::lock_session{true});
    b.connect('a');
    b.connect('c');
    b.pass(3s, "ac");
    b.forget();
    return b;
}

void close_streams(bench& b, char peer)
{
    b.feed(input::stream_closed{node(peer).id, node(peer).boot, link::ours});
    b.feed(input::stream_closed{node(peer).id, node(peer).boot, link::theirs});
}

}  // namespace

TEST_CASE("a peer that beats is alive")
{
    auto b = settled();
    CHECK(b.held('a') == member_state::alive);
    CHECK(b.held('c') == member_state::alive);
    b.pass(5s, "ac");
    CHECK(!has<action::peer_changed>(b.seen()));
}

TEST_CASE("stream closed, connection refused and lock free is a crash, at once")
{
    auto b = settled();
    close_streams(b, 'a');
    CHECK(has<action::reconnect>(b.seen()));
    CHECK(b.held('a') == member_state::alive);
    b.feed(input::reconnected{node('a').id, refused});
    CHECK(b.held('a') == member_state::suspect);
    CHECK(has<action::check_lock>(b.seen()));
    b.feed(input::lock_checked{node('a').id, node('a').boot, lock_state::free});
    CHECK(b.held('a') == member_state::down);
    CHECK(has<action::terminate_idle_sessions>(b.seen()));
}

TEST_CASE("a stream that closed and is open again is a blip, not an accusation")
{
    auto b = settled();
    close_streams(b, 'a');
    b.connect('a');
    b.pass(2s, "ac");
    CHECK(b.held('a') == member_state::alive);
    CHECK(!has<action::peer_changed>(b.seen()));
    CHECK(b.machine().detector().find(node('a').id)->blips == 1);
}

TEST_CASE("a free lock alone accuses nobody, nor does one of a session that just began")
{
    auto b = settled();
    b.feed(input::lock_checked{node('a').id, node('a').boot, lock_state::free});
    CHECK(b.held('a') == member_state::alive);
    b.feed(input::lock_session{true});
    close_streams(b, 'a');
    b.feed(input::reconnected{node('a').id, refused});
    b.feed(input::lock_checked{node('a').id, node('a').boot, lock_state::free});
    CHECK(b.held('a') == member_state::suspect);
}

TEST_CASE("a held lock is looked at again until it is free")
{
    auto b = settled();
    close_streams(b, 'a');
    b.feed(input::reconnected{node('a').id, refused});
    b.feed(input::lock_checked{node('a').id, node('a').boot, lock_state::held});
    CHECK(b.held('a') == member_state::suspect);
    b.forget();
    b.pass(100ms, "c");
    CHECK(has<action::check_lock>(b.seen()));
}

TEST_CASE("four missed beats are a suspicion, and a witness makes it a verdict")
{
    auto b = settled();
    b.pass(950ms, "c");
    CHECK(b.held('a') == member_state::alive);
    b.pass(300ms, "c");
    CHECK(b.held('a') == member_state::suspect);
    REQUIRE(has<action::probe_via>(b.seen()));
    CHECK(all_of<action::probe_via>(b.seen()).front().witness == node('c').id);
    b.feed(input::probe_answered{{node('c').id, node('a').id, true, 1s}});
    CHECK(b.held('a') == member_state::down);
}

TEST_CASE(
    "a witness that hears the node makes it a link that is cut, and it is not accused further")
{
    auto b = settled();
    for (int i = 0; i < 60; ++i) {
        b.pass(100ms, "c");
        b.feed(input::probe_answered{{node('c').id, node('a').id, true, 100ms}});
    }
    CHECK(b.held('a') == member_state::suspect);
    const auto warnings = b.machine().detector().warnings(b.now());
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].code == warning_code::link_cut);
    b.beat_of('a');
    CHECK(b.held('a') == member_state::alive);
}

TEST_CASE("with nobody left to ask, missed beats suffice")
{
    auto b = settled();
    b.pass(1500ms, "");
    CHECK(b.held('a') == member_state::down);
    CHECK(b.held('c') == member_state::down);
}

TEST_CASE("a node that is down needs two beats to be alive again")
{
    auto b = settled();
    b.pass(1500ms, "");
    b.beat_of('a');
    CHECK(b.held('a') == member_state::down);
    b.beat_of('a');
    CHECK(b.held('a') == member_state::alive);
}

TEST_CASE("who stood still blames itself, not the others")
{
    auto b = settled();
    b.move_time(4s);
    b.feed(input::tick{});
    CHECK(b.held('a') == member_state::alive);
    CHECK(b.held('c') == member_state::alive);
    CHECK(b.machine().detector().blames_itself(b.now()));
    b.pass(1s, "");
    CHECK(b.held('a') == member_state::alive);
    b.pass(5s, "ac");
    CHECK(!b.machine().detector().blames_itself(b.now()));
}

TEST_CASE("another boot id is a restart, and the earlier life is not listened to any more")
{
    auto b = settled();
    b.connect('a', 2);
    const auto restarts = all_of<action::peer_restarted>(b.seen());
    REQUIRE(restarts.size() == 1);
    CHECK(restarts[0].now == node('a', 2).boot);
    b.beat_of('a', 1);
    CHECK(b.machine().detector().find(node('a').id)->node.boot == node('a', 2).boot);
    CHECK(all_of<action::peer_restarted>(b.seen()).size() == 1);
}

TEST_CASE("a node whose loops stand still is as good as silent")
{
    auto b = settled();
    beat stuck;
    stuck.database = database_state::well;
    for (int i = 1; i <= 8; ++i) {
        b.pass(250ms, "c");
        stuck.loops_age = i * 250ms;
        b.feed(input::heard{node('a').id, node('a').boot, stuck});
        b.feed(input::probe_answered{{node('c').id, node('a').id, true, i * 250ms}});
    }
    CHECK(b.held('a') == member_state::down);
}

TEST_CASE("without a heartbeat for 35 s a node is late, and one heartbeat mends it")
{
    auto b = settled();
    b.pass(36s, "ac");
    CHECK(b.held('a') == member_state::late);
    CHECK(all_of<action::send_heartbeat>(b.seen()).size() >= 2);
    heartbeat full;
    full.node = node('a');
    b.feed(input::heartbeat_received{full, {}, {}});
    CHECK(b.held('a') == member_state::alive);
}

TEST_CASE("where streams are impossible heartbeats keep a node alive")
{
    bench b('b');
    b.holds('a', 1, 1);
    heartbeat full;
    full.node = node('a');
    full.state.database = database_state::well;
    b.feed(input::heartbeat_received{full, {}, {}});
    b.feed(input::reconnected{node('a').id, no_stream});
    CHECK(b.held('a') == member_state::alive);
    CHECK(b.machine().detector().mode() == detection_mode::heartbeat_only);
    b.pass(30s, "");
    CHECK(b.held('a') == member_state::alive);
    b.pass(40s, "");
    CHECK(b.held('a') == member_state::down);
}

TEST_CASE("a fourth node that calls is a member")
{
    auto b = settled();
    b.feed(input::greeted{node('d')});
    CHECK(has<action::read_nodes>(b.seen()));
    b.connect('d');
    CHECK(b.held('d') == member_state::alive);
    CHECK(b.machine().snapshot(b.now()).members.size() == 4);
}

TEST_CASE("another process under the own id is a warning")
{
    auto b = settled();
    b.feed(input::heard{node('b').id, "server-b/other", beat{}});
    const auto warnings = b.machine().snapshot(b.now()).warnings;
    REQUIRE(!warnings.empty());
    CHECK(warnings[0].code == warning_code::duplicate_node_id);
    CHECK(!may_start("new", "old"));
    CHECK(may_start("new", ""));
}

#include "cluster/wire/beat_line.hpp"

#include "cluster/wire/stream_seal.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

namespace {

const std::vector<node_id> kIds{"server-a", "server-b", "server-c"};
const boot_id kBoot = "0190a0b0-0000-7000-8000-000000000001";

// As server-a says it.
beat a_beat()
{
    beat out;
    out.epoch = 12;
    out.pos = 123'456'789;
    out.applied = 123'456'788;
    out.view = 40;
    out.database = database_state::well;
    out.database_age = 20ms;
    out.loops_age = 3ms;
    out.active = true;
    out.held = opinions{{"server-b", member_state::alive}, {"server-c", member_state::suspect}};
    return out;
}

beat_line a_line()
{
    return to_line(a_beat(), kIds);
}

}  // namespace

TEST_CASE("each line of a stream is read as it was written")
{
    beat_line full = a_line();
    full.draining = full.resigned = full.self_blame = full.kept = true;
    const std::vector<peer_line> lines{a_line(),
                                       full,
                                       beat_line{},
                                       echo_line{0},
                                       echo_line{UINT64_MAX},
                                       ask_line{7, "server-c"},
                                       tell_line{7, "server-c", 1'500ms},
                                       tell_line{7, "server-c", {}},
                                       resigned_line{12, {}},
                                       resigned_line{12, "server-b"},
                                       resigned_line{12, "server-b", true},
                                       active_line{13, "server-b", kBoot, takeover_reason::silent},
                                       active_line{13, "server-b", kBoot, {}},
                                       goodbye_line{}};
    for (const auto& line : lines) {
        const auto text = write_line(line);
        CAPTURE(text);
        const auto got = read_line(text);
        REQUIRE(got.has_value());
        CHECK(*got == line);
    }
}

TEST_CASE("each reason for a takeover comes back")
{
    for (int i = 1; i <= static_cast<int>(takeover_reason::expired); ++i) {
        const active_line line{13, "server-b", kBoot, static_cast<takeover_reason>(i)};
        CHECK(read_line(write_line(line)).value() == peer_line(line));
    }
}

TEST_CASE("a beat has this form and stays under 100 bytes with its counter")
{
    beat_line one;
    one.epoch = 1;
    one.pos = 36;
    one.applied = 35;
    one.view = 2;
    one.database = database_state::lost;
    one.loops_age = 40ms;
    one.active = true;
    one.members = {member_state::unknown, member_state::alive};
    one.members_check = 1'000;
    CHECK(write_line(one) == "B 1 10 z 2 l - 14 4 rs ua");
    beat_line longest = a_line();
    longest.epoch = longest.pos = longest.applied = longest.view = INT64_MAX;
    longest.database_age = longest.loops_age = 10h;
    longest.draining = longest.resigned = longest.self_blame = true;
    longest.members.assign(12, member_state::unknown);
    longest.members_check = 0xFFFFF;
    CHECK(write_line(longest).size() < 100);
    line_sealer seal("k");
    CHECK(seal.seal(write_line(a_line())).size() < 100);
    longest.members.assign(kMostNodes, member_state::unknown);
    CHECK(write_line(longest).size() <= kLongestLine);
}

TEST_CASE("what a beat says arrives, with the opinions by id")
{
    const auto sent = a_beat();
    const auto got = from_line(a_line(), "server-a", kIds);
    CHECK(got.epoch == sent.epoch);
    CHECK(got.pos == sent.pos);
    CHECK(got.applied == sent.applied);
    CHECK(got.view == sent.view);
    CHECK(got.database == sent.database);
    CHECK(got.database_age == sent.database_age);
    CHECK(got.loops_age == sent.loops_age);
    CHECK(got.active);
    CHECK_FALSE((got.draining || got.resigned || got.self_blame));
    CHECK(got.held == sent.held);
}

TEST_CASE("opinions made for another list of members are left out")
{
    CHECK_FALSE(from_line(a_line(), "server-a", {"server-a", "server-b"}).held.has_value());
    CHECK_FALSE(
        from_line(a_line(), "server-a", {"server-a", "server-b", "server-d"}).held.has_value());
    CHECK_FALSE(from_line(beat_line{}, "server-a", {}).held.has_value());
    beat silent = a_beat();
    silent.held.reset();
    CHECK_FALSE(from_line(to_line(silent, kIds), "server-a", kIds).held.has_value());
}

TEST_CASE("what is beyond the longest age a line can say is that age, and none is negative")
{
    beat old = a_beat();
    old.database_age = std::chrono::hours(5);
    old.loops_age = instant{-1};
    const auto line = to_line(old, kIds);
    CHECK(line.database_age == kLongestBeatAge);
    CHECK(line.loops_age == 0ms);
}

TEST_CASE("questions, notices and answers keep their meaning")
{
    const auto answer =
        from_line(to_line(probe_answer{"server-b", "server-c", true, 1'500ms}, 7), "server-b");
    CHECK(answer.witness == "server-b");
    CHECK(answer.target == "server-c");
    CHECK(answer.known);
    CHECK(answer.heard_ago == 1'500ms);
    CHECK_FALSE(
        from_line(to_line(probe_answer{"server-b", "server-c", false, {}}, 7), "server-b").known);
    CHECK(from_line(to_line(resigned_notice{12, "server-b"})).to == "server-b");
    CHECK(from_line(to_line(resigned_notice{12, "server-b", true})).by_operator);
    CHECK(write_line(resigned_line{12, "server-b"}) == "R c server-b");
    CHECK(write_line(resigned_line{12, "server-b", true}) == "R c server-b o");
    // A newer node may say more, and otherwise.
    CHECK(std::get<resigned_line>(*read_line("R c server-b o x")).by_operator);
    CHECK_FALSE(std::get<resigned_line>(*read_line("R c server-b oo")).by_operator);
    const auto active =
        from_line(to_line(active_notice{13, "server-b", kBoot, takeover_reason::crashed}));
    CHECK(active.epoch == 13);
    CHECK(active.holder == "server-b");
    CHECK(active.boot == kBoot);
    CHECK(active.reason == takeover_reason::crashed);
}

TEST_CASE("what is no line is not read")
{
    for (const char* text : {"",
                             " ",
                             "b 1",
                             "B",
                             "B ",
                             "B  1",
                             "E",
                             "E ",
                             "E -1",
                             "E 01",
                             "E A",
                             "E 1 ",
                             "E zzzzzzzzzzzzzzzz",
                             "E 1\n",
                             "E 1\t",
                             "E -",
                             "A 1",
                             "A 1 server_c",
                             "A 1 ",
                             "A 1 -",
                             "T 1 server-c",
                             "T 1 server-c X",
                             "T 1 server-c zzzzzzz",
                             "T 1 - 5",
                             "R",
                             "R 1",
                             "R 1 server_b",
                             "R 1y2p0ij32e8e8 -",
                             "N 1 2",
                             "N 1 server-b x -",
                             "N 1 - 0190a0b0-0000-7000-8000-000000000001 -",
                             "N 1 server-b 0190a0b0-0000-7000-8000-000000000001",
                             "N 1 server-b 0190a0b0-0000-7000-8000-000000000001 cc",
                             "B 1 2 3 4 w 1 5 0 1",
                             "B 1 2 3 4 ww 1 5 0 1 -",
                             "B 1 2 3 4 w 1 5 0 1 aB",
                             "B 1 2 3 4 w 1 1000 0 1 -",
                             "B 1 2 3 4 w 1000 1 0 1 -",
                             "B 1 2 3 4 w - - 0 1 -",
                             "B 1 2 3 4 w 1 5 ffff 1 -",
                             "B 1 2 3 4 w 1 5 0 zzzzzzz -",
                             "B - 2 3 4 w 1 5 0 1 -",
                             "B -1 2 3 4 w 1 5 0 1 -",
                             "EX 1",
                             "E\xC3\xA9 1",
                             "?",
                             "1"}) {
        CAPTURE(text);
        CHECK_FALSE(read_line(text).has_value());
    }
    CHECK_FALSE(read_line("E 1 " + std::string(kLongestLine, 'x')).has_value());
    CHECK_FALSE(read_line("B 1 2 3 4 w 1 5 0 1 " + std::string(kMostNodes + 1, 'a')).has_value());
}

TEST_CASE("kinds, words and fields of a newer version are passed over")
{
    CHECK(std::holds_alternative<unknown_line>(read_line("Z 1 2 3").value()));
    CHECK(read_line("E 5 more words").value() == peer_line(echo_line{5}));
    CHECK(read_line(write_line(a_line()) + " w9").value() == peer_line(a_line()));
    const auto newer = std::get<beat_line>(read_line("B 1 2 3 4 q 1 5 0 1 azz").value());
    CHECK(newer.database == database_state::unknown);
    CHECK(newer.members ==
          std::vector{member_state::alive, member_state::unknown, member_state::unknown});
}

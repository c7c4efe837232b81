#include "cluster/wire/beat_line.hpp"

#include "cluster/wire/stream_seal.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> kIds{"server-a", "server-b", "server-c"};

beat a_beat()
{
    beat out;
    out.epoch = 12;
    out.pos = 123'456'789;
    out.applied = 123'456'788;
    out.view = 40;
    out.database = database_word::well;
    out.oldest_tick = 3ms;
    out.active = true;
    set_opinions(out, kIds, {{"server-b", opinion::alive}, {"server-c", opinion::suspect}});
    return out;
}

stream_names names()
{
    return {"server-a", "server-b", "boot-a", "boot-b", "nonce-a", "nonce-b"};
}

const std::string kSecret(32, 's');

std::string sealed(line_sealer& with, std::string_view line)
{
    auto out = with.seal(line);
    REQUIRE(out.back() == '\n');
    out.pop_back();
    return out;
}

}  // namespace

TEST_CASE("each line of a stream is read as it was written")
{
    beat full = a_beat();
    full.draining = full.resigned = full.self_blame = true;
    const std::vector<peer_line> lines{a_beat(),
                                       full,
                                       beat{},
                                       echo{0},
                                       echo{UINT64_MAX},
                                       ask{7, "server-c"},
                                       tell{7, "server-c", opinion::down, 1'500ms},
                                       resign{12},
                                       now_active{13, 41, "server-b"},
                                       goodbye{}};
    for (const auto& line : lines) {
        const auto text = write_line(line);
        CAPTURE(text);
        const auto got = read_line(text);
        REQUIRE(got.has_value());
        CHECK(*got == line);
    }
}

TEST_CASE("a beat has this form and stays under 100 bytes with its counter")
{
    CHECK(write_line(beat{1,
                          36,
                          35,
                          2,
                          database_word::lost,
                          40ms,
                          false,
                          false,
                          true,
                          false,
                          {opinion::unknown, opinion::alive},
                          1'000}) == "B 1 10 z 2 l 14 4 rs ua");
    beat longest = a_beat();
    longest.epoch = longest.pos = longest.applied = longest.view = INT64_MAX;
    longest.oldest_tick = 10h;
    longest.draining = longest.resigned = longest.self_blame = true;
    longest.members.assign(12, opinion::unknown);
    longest.members_check = 0xFFFFF;
    CHECK(write_line(longest).size() < 100);
    line_sealer seal("k");
    CHECK(seal.seal(write_line(a_beat())).size() < 100);
    longest.members.assign(kMostNodes, opinion::unknown);
    CHECK(write_line(longest).size() <= kLongestLine);
}

TEST_CASE("opinions come back by id, and only for the list they were made for")
{
    const beat sent = a_beat();
    const auto got = opinions_of(sent, kIds);
    REQUIRE(got.has_value());
    CHECK(got->at("server-a") == opinion::unknown);
    CHECK(got->at("server-b") == opinion::alive);
    CHECK(got->at("server-c") == opinion::suspect);
    CHECK_FALSE(opinions_of(sent, {"server-a", "server-b"}).has_value());
    CHECK_FALSE(opinions_of(sent, {"server-a", "server-b", "server-d"}).has_value());
    CHECK_FALSE(opinions_of(beat{}, {}).has_value());
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
                             "A 1",
                             "A 1 server_c",
                             "A 1 ",
                             "T 1 server-c",
                             "T 1 server-c x 5",
                             "T 1 server-c aa 5",
                             "T 1 server-c a zzzzzzz",
                             "R",
                             "R 1y2p0ij32e8e8",
                             "N 1 2",
                             "N 1 2 ",
                             "B 1 2 3 4 w 5 0 1",
                             "B 1 2 3 4 x 5 0 1 -",
                             "B 1 2 3 4 w 5 0 1 ab",
                             "B 1 2 3 4 w 1000 0 1 -",
                             "B 1 2 3 4 w 5 ffff 1 -",
                             "B 1 2 3 4 w 5 0 zzzzzzz -",
                             "B -1 2 3 4 w 5 0 1 -",
                             "EX 1",
                             "E\xC3\xA9 1",
                             "?",
                             "1"}) {
        CAPTURE(text);
        CHECK_FALSE(read_line(text).has_value());
    }
    CHECK_FALSE(read_line("E 1 " + std::string(kLongestLine, 'x')).has_value());
    CHECK_FALSE(read_line("B 1 2 3 4 w 5 0 1 " + std::string(kMostNodes + 1, 'a')).has_value());
}

TEST_CASE("kinds and fields of a newer version are passed over")
{
    CHECK(std::holds_alternative<unknown_line>(read_line("Z 1 2 3").value()));
    CHECK(read_line("E 5 more words").value() == peer_line(echo{5}));
    const auto got = read_line(write_line(a_beat()) + " w9");
    REQUIRE(got.has_value());
    CHECK(*got == peer_line(a_beat()));
}

TEST_CASE("sealed lines open in order at the other end")
{
    const auto keys = make_stream_keys(kSecret, names());
    line_sealer there(keys.to_acceptor), back(keys.to_opener);
    line_opener at_acceptor(keys.to_acceptor), at_opener(keys.to_opener);
    for (int i = 0; i < 100; ++i) {
        const auto line = write_line(echo{static_cast<std::uint64_t>(i)});
        CHECK(at_acceptor.open(sealed(there, line)) == line);
        CHECK(at_opener.open(sealed(back, line)) == line);
    }
    CHECK(there.counter() == 100);
    CHECK(at_acceptor.counter() == 100);
}

TEST_CASE("a repeated, lost, reordered or foreign line ends the stream for good")
{
    const auto keys = make_stream_keys(kSecret, names());
    line_sealer seal(keys.to_acceptor);
    const auto first = sealed(seal, "G"), second = sealed(seal, "G"), third = sealed(seal, "G");
    {
        line_opener open(keys.to_acceptor);
        CHECK(open.open(first).has_value());
        CHECK_FALSE(open.open(first).has_value());
        CHECK_FALSE(open.open(second).has_value());
    }
    {
        line_opener open(keys.to_acceptor);
        CHECK_FALSE(open.open(second).has_value());
    }
    {
        line_opener open(keys.to_acceptor);
        CHECK(open.open(first).has_value());
        CHECK_FALSE(open.open(third).has_value());
    }
    line_opener other_way(keys.to_opener);
    CHECK_FALSE(other_way.open(first).has_value());
}

TEST_CASE("a line counts on its own stream alone")
{
    const auto keys = make_stream_keys(kSecret, names());
    std::vector<stream_names> others(7, names());
    others[0].opener = "server-c";
    others[1].acceptor = "server-c";
    others[2].opener_boot = "other";
    others[3].acceptor_boot = "other";
    others[4].opener_nonce = "other";
    others[5].acceptor_nonce = "other";
    std::swap(others[6].opener, others[6].acceptor);
    for (const auto& other : others) {
        line_sealer seal(make_stream_keys(kSecret, other).to_acceptor);
        line_opener open(keys.to_acceptor);
        CHECK_FALSE(open.open(sealed(seal, "G")).has_value());
    }
    line_sealer seal(make_stream_keys(std::string(32, 'x'), names()).to_acceptor);
    line_opener open(keys.to_acceptor);
    CHECK_FALSE(open.open(sealed(seal, "G")).has_value());
}

TEST_CASE("every changed byte of a sealed line is noticed")
{
    const auto keys = make_stream_keys(kSecret, names());
    line_sealer seal(keys.to_acceptor);
    const auto good = sealed(seal, write_line(a_beat()));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'0', 'A', ' ', '\0', '\n'}) {
            if (good[i] == c) continue;
            auto bad = good;
            bad[i] = c;
            line_opener open(keys.to_acceptor);
            CHECK_FALSE(open.open(bad).has_value());
        }
        line_opener open(keys.to_acceptor);
        CHECK_FALSE(open.open(std::string_view(good).substr(0, i)).has_value());
    }
    line_opener open(keys.to_acceptor);
    CHECK_FALSE(open.open(good + "x").has_value());
    line_opener long_line(keys.to_acceptor);
    CHECK_FALSE(long_line.open(std::string(kLongestSealedLine, '1')).has_value());
}

#include "cluster/wire/stream_seal.hpp"

#include "cluster/wire/beat_line.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster::wire;

namespace {

const std::string kLine = "B 1 10 z 2 l - 14 4 rs ua";

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

TEST_CASE("sealed lines open in order at the other end")
{
    const auto keys = make_stream_keys(kSecret, names());
    line_sealer there(keys.to_acceptor), back(keys.to_opener);
    line_opener at_acceptor(keys.to_acceptor), at_opener(keys.to_opener);
    for (int i = 0; i < 100; ++i) {
        const auto line = write_line(echo_line{static_cast<std::uint64_t>(i)});
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
    const auto good = sealed(seal, kLine);
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

#include "node/event_ring.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::node;
using found = event_ring::found;

namespace {

constexpr std::int64_t kHistory = 9;

shown_ptr at(std::int64_t pos, std::size_t bytes = 100, std::int64_t history = kHistory)
{
    auto out = std::make_shared<shown_position>();
    out->incarnation = history;
    out->pos = pos;
    out->bytes = bytes;
    return out;
}

// A ring whose history begins behind position 10.
struct fixture {
    explicit fixture(ring_limits most = {}) : ring(most)
    {
        ring.reset(10);
        ring.advance(10, kHistory);
        generation = ring.head().generation;
    }
    void hear(std::initializer_list<std::int64_t> positions)
    {
        for (const auto pos : positions) ring.heard(at(pos));
    }
    void apply(std::initializer_list<std::int64_t> positions)
    {
        for (const auto pos : positions) {
            ring.heard(at(pos));
            ring.advance(pos, kHistory);
        }
    }
    std::vector<std::int64_t> after(std::int64_t pos, std::size_t bytes = 1U << 20) const
    {
        std::vector<std::int64_t> out;
        for (const auto& one : ring.after(generation, pos, bytes).positions)
            out.push_back(one->pos);
        return out;
    }
    found how(std::int64_t pos) const { return ring.after(generation, pos, 1).how; }

    event_ring ring;
    std::uint64_t generation = 0;
};

using positions = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a position shows when all before it are there, whatever order they came in")
{
    fixture f;
    f.hear({12, 13, 12});
    CHECK(f.how(10) == found::level);
    f.hear({11});
    f.ring.advance(13, kHistory);
    CHECK(f.after(10) == positions{11, 12, 13});
    CHECK(f.after(12) == positions{13});
    CHECK(f.how(13) == found::level);
    CHECK(f.how(99) == found::level);
}

TEST_CASE("what was heard twice or late shows once")
{
    fixture f;
    f.hear({11, 12});
    f.ring.advance(12, kHistory);
    f.hear({11, 12, 13});
    f.ring.advance(13, kHistory);
    CHECK(f.after(10) == positions{11, 12, 13});
    CHECK(f.ring.held().positions == 3);
}

TEST_CASE("a reader gets about as much as asked for and at least one position")
{
    fixture f;
    f.hear({11, 12, 13, 14});
    f.ring.advance(14, kHistory);
    CHECK(f.after(10, 1) == positions{11});
    CHECK(f.after(10, 200) == positions{11, 12});
    CHECK(f.ring.behind(f.generation, 12) == 200);
    CHECK(f.ring.behind(f.generation, 0) == 400);
}

TEST_CASE("the oldest positions go when there are too many or they are too large")
{
    fixture few({3, 1U << 20});
    few.apply({11, 12, 13, 14, 15});
    CHECK(few.how(11) == found::older);
    CHECK(few.ring.after(few.generation, 11, 1).first == 13);
    CHECK(few.after(12) == positions{13, 14, 15});

    fixture small({100, 250});
    small.apply({11, 12, 13});
    CHECK(small.ring.held().bytes == 200);
    CHECK(small.how(10) == found::older);

    fixture one({100, 250});
    one.ring.heard(at(11, 10'000));
    one.ring.advance(11, kHistory);
    CHECK(one.how(10) == found::older);
    CHECK(one.how(11) == found::level);
}

TEST_CASE("positions that were passed unheard are looked for elsewhere")
{
    fixture f;
    f.hear({11, 13});
    f.ring.advance(13, kHistory);
    CHECK(f.how(10) == found::older);
    CHECK(f.after(12) == positions{13});
    f.ring.advance(15, kHistory);
    CHECK(f.how(13) == found::older);
    f.hear({16});
    f.ring.advance(16, kHistory);
    CHECK(f.after(15) == positions{16});
}

TEST_CASE("early positions are bounded, too")
{
    fixture f({3, 1U << 20});
    f.hear({20, 21, 22, 23, 24, 11});
    CHECK(f.ring.held().positions == 3);
    f.ring.advance(24, kHistory);
    CHECK(f.how(23) == found::older);
}

TEST_CASE("a new history is a new generation, and nothing of the old one shows in it")
{
    fixture f;
    f.hear({11, 13});
    f.ring.advance(11, kHistory);
    f.ring.reset(4);
    CHECK(f.how(11) == found::forgotten);
    CHECK(f.ring.head().incarnation == 0);
    f.ring.heard(at(5, 100, 10));
    f.ring.heard(at(5, 100, kHistory));
    f.ring.advance(4, 10);
    const auto now = f.ring.head();
    CHECK(now.incarnation == 10);
    CHECK(now.applied == 4);
    f.hear({5, 6});
    f.ring.advance(5, 10);
    const auto read = f.ring.after(now.generation, 4, 1);
    REQUIRE(read.positions.size() == 1);
    CHECK(read.positions.front()->incarnation == 10);
}

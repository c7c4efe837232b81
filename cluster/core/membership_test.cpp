#include "cluster/core/membership.hpp"

#include "cluster/core/clock_offset.hpp"
#include "cluster/core/decisions_testing.hpp"
#include "cluster/core/rolling_hash.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;
using namespace kieng::cluster::testing;

namespace {

member_facts facts(char letter, member_state state, instant trip = 1ms)
{
    member_facts m;
    m.node = node(letter);
    m.state = state;
    m.round_trip_p50 = trip;
    return m;
}

std::string order(const server_list& list)
{
    std::string letters;
    for (const auto& s : list.servers) letters += s.id.back();
    return letters;
}

}  // namespace

TEST_CASE("the active node comes first, then well ones by priority, then the others")
{
    using enum member_state;
    const auto list = order_servers({facts('a', alive), facts('b', down), facts('c', alive),
                                     facts('d', draining), facts('e', late)},
                                    node('c').id);
    CHECK(order(list) == "caedb");
    CHECK(!list.panic);
}

TEST_CASE("of nodes with one priority the near one comes first")
{
    auto far = facts('a', member_state::alive, 90ms);
    auto near = facts('b', member_state::alive, 2ms);
    near.node.priority = far.node.priority;
    CHECK(order(order_servers({far, near}, {})) == "ba");
}

TEST_CASE("the list is never empty: nobody well is a panic with all of them")
{
    using enum member_state;
    const auto list = order_servers({facts('a', down), facts('b', suspect)}, node('a').id);
    CHECK(list.panic);
    CHECK(list.servers.size() == 2);
}

TEST_CASE("view numbers only move forward, also across epochs")
{
    view_number view;
    auto list = order_servers({facts('a', member_state::alive)}, {});
    CHECK(view.update(list, 1));
    CHECK(view.current() == kViewsPerEpoch);
    CHECK(!view.update(list, 1));
    CHECK(view.heard(kViewsPerEpoch + 7));
    CHECK(!view.heard(3));
    list.servers[0].state = member_state::down;
    CHECK(view.update(list, 1));
    CHECK(view.current() == kViewsPerEpoch + 8);
    CHECK(view.update(list, 2));
    CHECK(view.current() == 2 * kViewsPerEpoch);
}

TEST_CASE("a one-way cut shows as a disagreement")
{
    using enum member_state;
    const std::map<node_id, opinions> matrix = {
        {"server-a", {{"server-b", suspect}, {"server-c", alive}}},
        {"server-b", {{"server-a", alive}, {"server-c", alive}}},
        {"server-c", {{"server-a", alive}, {"server-b", alive}}}};
    const auto found = disagreements_of(matrix);
    REQUIRE(found.size() == 1);
    CHECK(found[0].about == "server-b");
    CHECK(found[0].held.at("server-a") == suspect);
}

TEST_CASE("the rolling hash does not depend on the order of arrival and finds what is missing")
{
    rolling_hash one;
    rolling_hash other;
    rolling_hash lacking;
    for (std::int64_t pos = 1; pos <= 2'500; ++pos) {
        one.add(pos, "e" + std::to_string(pos));
        const auto back = 2'501 - pos;
        other.add(back, "e" + std::to_string(back));
        if (pos != 1'234) lacking.add(pos, "e" + std::to_string(pos));
    }
    for (auto* hash : {&one, &other, &lacking}) hash->applied(2'500);
    CHECK(one.marks().size() == 2);
    CHECK(one.marks() == other.marks());
    REQUIRE(one.differs_from(lacking.marks()).has_value());
    CHECK(one.differs_from(lacking.marks())->pos == 2'000);
}

TEST_CASE("a block that was not followed from its first position on is not compared")
{
    rolling_hash whole;
    rolling_hash late(500);
    for (std::int64_t pos = 1; pos <= 2'000; ++pos) {
        whole.add(pos, "x");
        late.add(pos, "x");
    }
    whole.applied(2'000);
    late.applied(2'000);
    CHECK(late.marks().size() == 1);
    CHECK(!whole.differs_from(late.marks()).has_value());
}

TEST_CASE("the clock offset is that of the quickest exchange, and a jump is believed")
{
    using namespace std::chrono_literals;
    const kieng::wall_time t{std::chrono::microseconds{1'000'000}};
    const auto sample = compare_clocks(t, t + 1s + 5ms, t + 1s + 6ms, t + 11ms);
    CHECK(sample.offset == 1s);
    CHECK(sample.round_trip == 10ms);
    clock_offset offset;
    CHECK(!offset.best().has_value());
    offset.add({1s, 10ms});
    offset.add({1020ms, 80ms});
    CHECK(offset.best()->offset == 1s);
    CHECK(!offset.skewed(5s));
    offset.add({1h, 50ms});
    CHECK(offset.best()->offset == 1h);
    CHECK(offset.skewed(5s));
}

TEST_CASE("a snapshot has what the status shows")
{
    bench b('b');
    b.holds('a', 1, 1);
    b.connect('a');
    b.connect('c');
    b.feed(input::progress{120, 100});
    b.feed(input::peer_answered{node('a').id, 3ms, true});
    b.pass(3s, "ac");
    const auto shot = b.machine().snapshot(b.now());
    CHECK(shot.active == node('a').id);
    CHECK(shot.epoch == 1);
    CHECK(shot.summary.members == 3);
    CHECK(shot.summary.tolerates_failures == 2);
    CHECK(shot.lease_left.has_value());
    REQUIRE(shot.members.size() == 3);
    CHECK(shot.members[0].role == node_role::active);
    CHECK(shot.members[0].round_trip_p50 == instant{3ms});
    CHECK(shot.members[1].lag == 20);
    CHECK(shot.matrix.contains("server-b"));
    CHECK(order(shot.servers) == "abc");
}

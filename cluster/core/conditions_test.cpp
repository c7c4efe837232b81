#include "cluster/core/decisions_testing.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::cluster;
using namespace kieng::cluster::testing;

namespace {

constexpr wall_time kNow{std::chrono::microseconds{1'790'000'000'000'000}};
constexpr std::uint64_t kGiB = 1'024ULL * 1'024 * 1'024;

input::condition_read fine()
{
    input::condition_read out;
    out.own.settings_hash = "aa";
    out.own.disk = disk_space{100 * kGiB, 200 * kGiB};
    out.own.certificate_expires = kNow + std::chrono::hours(24 * 60);
    out.incarnation = 7;
    out.now = kNow;
    return out;
}

// Of server-b, as its heartbeat tells it.
input::heartbeat_received told(const node_condition& house)
{
    input::heartbeat_received out;
    out.what.node = node('b');
    out.what.state.database = database_state::well;
    out.what.incarnation = 7;
    out.what.condition = house;
    return out;
}

bench well_a()
{
    bench out('a');
    out.connect('b');
    out.connect('c');
    out.holds('a', 1, 1);
    out.pass(std::chrono::seconds(1), "bc");
    out.feed(fine());
    out.feed(told(fine().own));
    return out;
}

std::vector<cluster_warning> warned(bench& of)
{
    return of.machine().snapshot(of.now()).warnings;
}

}  // namespace

TEST_CASE("a well cluster warns of nothing")
{
    auto a = well_a();
    CHECK(warned(a).empty());
}

TEST_CASE(
    "settings that differ are told with the node's name, and no longer once they are the same")
{
    auto a = well_a();
    auto other = fine().own;
    other.settings_hash = "bb";
    const auto done = a.feed(told(other));
    REQUIRE(warned(a).size() == 1);
    CHECK(warned(a)[0].code == warning_code::settings_differ);
    CHECK(warned(a)[0].node == "server-b");
    REQUIRE(all_of<action::warn>(done).size() == 1);
    CHECK(all_of<action::warn>(done)[0].begins);
    const auto over = a.feed(told(fine().own));
    CHECK(warned(a).empty());
    REQUIRE(all_of<action::warn>(over).size() == 1);
    CHECK_FALSE(all_of<action::warn>(over)[0].begins);
}

TEST_CASE("a node of another release may hash other settings")
{
    auto a = well_a();
    auto other = told(fine().own);
    other.what.node.version = "2";
    other.what.condition.settings_hash = "bb";
    a.feed(other);
    for (const auto& one : warned(a)) CHECK(one.code == warning_code::version_differs);
}

TEST_CASE("histories that differ are warned of until they do not, or until another history begins")
{
    auto a = well_a();
    a.feed(input::history_compared{"server-b", true});
    REQUIRE(warned(a).size() == 1);
    CHECK(warned(a)[0] == cluster_warning{warning_code::sync_mismatch, "server-b", {}, false});
    a.feed(input::history_compared{"server-b", false});
    CHECK(warned(a).empty());
    a.feed(input::history_compared{"server-b", true});
    auto later = fine();
    later.incarnation = 8;
    a.feed(later);
    CHECK(warned(a).empty());
}

TEST_CASE("a certificate is warned of a month before its end, seriously a week before")
{
    auto a = well_a();
    auto house = fine().own;
    house.certificate_expires = kNow + std::chrono::hours(24 * 29);
    a.feed(told(house));
    REQUIRE(warned(a).size() == 1);
    CHECK(warned(a)[0].code == warning_code::certificate_expires);
    CHECK(warned(a)[0].detail == "it runs out in 29 d");
    CHECK_FALSE(warned(a)[0].serious);
    house.certificate_expires = kNow + std::chrono::hours(24 * 6);
    const auto worse = a.feed(told(house));
    CHECK(warned(a)[0].serious);
    CHECK(all_of<action::warn>(worse).size() == 2);
    house.certificate_expires = kNow - std::chrono::hours(3);
    a.feed(told(house));
    CHECK(warned(a)[0].detail == "it has run out");
}

TEST_CASE("a disk is warned of under a gigabyte or a twentieth, also this node's own")
{
    auto a = well_a();
    auto mine = fine();
    mine.own.disk = disk_space{9 * kGiB, 200 * kGiB};
    a.feed(mine);
    REQUIRE(warned(a).size() == 1);
    CHECK(warned(a)[0].code == warning_code::disk_low);
    CHECK(warned(a)[0].node == "server-a");
    CHECK_FALSE(warned(a)[0].serious);
    mine.own.disk = disk_space{kGiB - 1, 10 * kGiB};
    a.feed(mine);
    CHECK_FALSE(warned(a)[0].serious);
    mine.own.disk = disk_space{kGiB / 8, 10 * kGiB};
    a.feed(mine);
    CHECK(warned(a)[0].serious);
    mine.own.disk = disk_space{kGiB, 10 * kGiB};
    a.feed(mine);
    CHECK(warned(a).empty());
    const auto& members = a.machine().snapshot(a.now()).members;
    CHECK(members[0].disk == disk_space{kGiB, 10 * kGiB});
    CHECK(members[1].disk == disk_space{100 * kGiB, 200 * kGiB});
}

TEST_CASE("lost history is held for a day, or until another one begins, and a peer's word counts")
{
    auto a = well_a();
    auto lost = fine();
    lost.losses = {{7, "a caller's token is ahead of PostgreSQL", kNow}};
    const auto done = a.feed(lost);
    REQUIRE(warned(a).size() == 1);
    CHECK(warned(a)[0].code == warning_code::history_lost);
    CHECK(warned(a)[0].serious);
    CHECK(all_of<action::warn>(done).size() == 1);
    CHECK(all_of<action::warn>(a.feed(lost)).empty());
    CHECK(a.machine().lost() == lost.losses[0]);

    SUBCASE("a day later")
    {
        auto later = fine();
        later.now = kNow + std::chrono::hours(24);
        a.feed(later);
        for (const auto& one : warned(a)) CHECK(one.code != warning_code::history_lost);
    }
    SUBCASE("another history")
    {
        auto later = fine();
        later.incarnation = 8;
        a.feed(later);
        CHECK(warned(a).empty());
    }
    SUBCASE("a history of which a peer says the same")
    {
        auto later = fine();
        later.incarnation = 8;
        a.feed(later);
        auto said = told(fine().own);
        said.what.lost = history_loss{8, "PostgreSQL is another server", kNow};
        a.feed(said);
        REQUIRE(warned(a).size() == 1);
        CHECK(a.machine().lost() == said.what.lost);
    }
}

TEST_CASE("a reader of the outbox that is far or long behind is warned of by its name")
{
    auto a = well_a();
    a.feed(input::consumers_read{{{"mail", 100'000, std::chrono::hours(1)},
                                  {"search", 100'001, std::chrono::seconds(1)},
                                  {"books", 3, std::chrono::hours(1) + std::chrono::seconds(1)}}});
    const auto all = warned(a);
    REQUIRE(all.size() == 2);
    CHECK(all[0] == cluster_warning{warning_code::consumer_behind, {}, "search", false});
    CHECK(all[1].detail == "books");
    a.feed(input::consumers_read{});
    CHECK(warned(a).empty());
}

TEST_CASE("another history is another list of servers")
{
    auto a = well_a();
    const auto before = a.machine().snapshot(a.now()).servers;
    CHECK(before.incarnation == 1);
    a.mute = true;
    a.forget();
    a.pass(std::chrono::milliseconds(600), "bc");
    const auto reads = all_of<action::read_lease>(a.seen());
    const auto renewals = all_of<action::send_renewal>(a.seen());
    REQUIRE((!reads.empty() || !renewals.empty()));
    auto row = a.row_;
    row.incarnation = 2;
    row.expires_at = row.database_time + std::chrono::seconds(3);
    const auto id = reads.empty() ? renewals.back().id : reads.back().id;
    const auto done =
        a.feed(input::lease_answered{id, input::statement_outcome::done, a.now(), row});
    const auto after = a.machine().snapshot(a.now()).servers;
    CHECK(after.incarnation == 2);
    CHECK(after.view > before.view);
    CHECK(has<action::view_changed>(done));
}

#include "node/platform/store/event_feed.hpp"

#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace kieng;
using namespace kieng::store;
using testing::eventually;
using testing::io_runner;
using testing::test_database;
using namespace std::chrono_literals;

namespace {

struct ear {
    std::mutex mutex;
    std::set<std::int64_t> heard;
    std::vector<std::int64_t> resets;
    std::vector<std::int64_t> told;            // what `advanced` said
    std::vector<std::size_t> heard_when_told;  // how many positions had been heard by then
    std::int64_t events = 0;

    event_feed::listener listener()
    {
        return {[this](const position& what) {
                    const std::lock_guard lock(mutex);
                    heard.insert(what.pos);
                    events += static_cast<std::int64_t>(what.events.size());
                },
                [this](std::int64_t pos) {
                    const std::lock_guard lock(mutex);
                    resets.push_back(pos);
                },
                [this](std::int64_t pos) {
                    const std::lock_guard lock(mutex);
                    told.push_back(pos);
                    heard_when_told.push_back(heard.size());
                }};
    }
    std::vector<std::int64_t> all_told()
    {
        const std::lock_guard lock(mutex);
        return told;
    }
    std::vector<std::int64_t> all_resets()
    {
        const std::lock_guard lock(mutex);
        return resets;
    }
};

result<answer> add(tx& on)
{
    on.announce({"ThingAddedEvent",
                 "thing",
                 "0190a0b0-0000-7000-8000-000000000001",
                 3,
                 {"a\"b", "list:things"},
                 R"({"x":1})"});
    on.announce({"ThingAddedEvent", "thing", "", 1, {}, "{}"});
    return answer{};
}

struct node {
    test_database database;
    io_runner io;
    store::database db{database.options()};
    ear heard;
    event_feed feed;
    unit_of_work own{db, [this](const position& what) { feed.arrived(what); }};
    unit_of_work foreign{db, {}};  // as if another node wrote

    explicit node(std::chrono::milliseconds poll = 5ms) : feed(database.options(), poll)
    {
        feed.listen(heard.listener());
        db.start();
        feed.start();
        REQUIRE(eventually([&] { return feed.incarnation() != 0; }));
    }
    ~node()
    {
        feed.stop();
        db.stop();
    }
    void write(unit_of_work& by)
    {
        const auto got = io.wait([&]() { return by.run(write_key{}, add); });
        REQUIRE(got.has_value());
    }
    std::int64_t head() { return std::stoll(database.sql("SELECT pos FROM cluster_head")); }
};

}  // namespace

TEST_CASE("events of others arrive whole, and own ones at once")
{
    node at;
    position got;
    at.write(at.foreign);
    REQUIRE(eventually([&] { return at.feed.applied() == 1; }));
    at.write(at.own);
    CHECK(at.feed.applied() == 2);
    const std::lock_guard lock(at.heard.mutex);
    CHECK(at.heard.heard == std::set<std::int64_t>{1, 2});
    CHECK(at.heard.events >= 4);  // at least once each
    CHECK(at.heard.resets == std::vector<std::int64_t>{0});
}

TEST_CASE("what a listener hears from the outbox is what was announced")
{
    test_database database;
    io_runner io;
    store::database db(database.options());
    event_feed feed(database.options(), 5ms);
    std::promise<position> first;
    event_feed::listener heard;
    heard.arrived = [&](const position& what) { first.set_value(what); };
    feed.listen(std::move(heard));
    db.start();
    feed.start();
    REQUIRE(eventually([&] { return feed.incarnation() != 0; }));
    unit_of_work work(db, {});
    REQUIRE(io.wait([&]() { return work.run(write_key{}, add); }).has_value());
    const auto got = first.get_future().get();
    CHECK(got.pos == 1);
    REQUIRE(got.events.size() == 2);
    CHECK(got.events[0].type == "ThingAddedEvent");
    CHECK(got.events[0].entity == "thing");
    CHECK(got.events[0].entity_id == "0190a0b0-0000-7000-8000-000000000001");
    CHECK(got.events[0].version == 3);
    CHECK(got.events[0].tags == std::vector<std::string>{"a\"b", "list:things"});
    CHECK(got.events[0].data == R"({"x": 1})");
    CHECK(got.events[1].entity_id.empty());
    CHECK(got.events[1].tags.empty());
    feed.stop();
    db.stop();
}

TEST_CASE(
    "every position is heard under concurrency, own and foreign mixed, while sessions are cut")
{
    node at;
    std::vector<std::future<result<written>>> all;
    for (int i = 0; i < 1200; ++i) {
        all.push_back(at.io.start(
            [&at, i]() { return (i % 2 != 0 ? at.own : at.foreign).run(write_key{}, add); }));
        if (i % 300 == 299) {
            at.database.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name LIKE '%/feed'");
        }
    }
    for (auto& one : all) (void)one.get();
    const auto head = at.head();
    CHECK(eventually([&] { return at.feed.applied() == head; }));
    const std::lock_guard lock(at.heard.mutex);
    CHECK(at.heard.heard.size() == static_cast<std::size_t>(head));
    CHECK(*at.heard.heard.rbegin() == head);
    CHECK(at.heard.resets.size() == 1);
}

TEST_CASE("a feed starts at the head and goes on where it was after a restart")
{
    node at;
    at.write(at.foreign);
    REQUIRE(eventually([&] { return at.feed.applied() == 1; }));
    at.feed.stop();
    at.write(at.foreign);
    at.write(at.foreign);
    at.feed.start();
    REQUIRE(eventually([&] { return at.feed.applied() == 3; }));
    ear late;
    event_feed second(at.database.options(), 5ms);
    second.listen(late.listener());
    second.start();
    REQUIRE(eventually([&] { return second.applied() == 3; }));
    second.stop();
    CHECK(late.heard.empty());
    CHECK(late.all_resets() == std::vector<std::int64_t>{3});
    CHECK(at.heard.heard == std::set<std::int64_t>{1, 2, 3});
}

TEST_CASE("a trimmed outbox and another history make listeners forget")
{
    node at;
    at.write(at.foreign);
    REQUIRE(eventually([&] { return at.feed.applied() == 1; }));
    at.feed.stop();
    at.write(at.foreign);
    at.write(at.foreign);
    at.database.sql("DELETE FROM outbox WHERE pos = 2");
    at.feed.start();
    REQUIRE(eventually([&] { return at.feed.applied() == 3; }));
    CHECK(at.heard.all_resets() == std::vector<std::int64_t>{0, 3});

    at.database.sql(
        "UPDATE cluster_head SET incarnation = incarnation + 1, pos = 1; DELETE FROM outbox WHERE pos > 1");
    REQUIRE(eventually([&] { return at.feed.applied() == 1; }));
    CHECK(at.heard.all_resets() == std::vector<std::int64_t>{0, 3, 1});
    CHECK(at.heard.all_told() == std::vector<std::int64_t>{0, 1, 3, 1});
    at.write(at.foreign);
    CHECK(eventually([&] { return at.feed.applied() == 2; }));
}

TEST_CASE("a hole that an early position leaves is read soon, however seldom the feed looks")
{
    node at(1h);
    at.write(at.foreign);
    at.write(at.foreign);
    position early;
    early.pos = 2;
    early.incarnation = at.feed.incarnation();
    at.feed.arrived(early);
    CHECK(eventually([&] { return at.feed.applied() == 2; }));
    const std::lock_guard lock(at.heard.mutex);
    CHECK(at.heard.heard == std::set<std::int64_t>{1, 2});
}

TEST_CASE("looking more often ends a rest under way, and so does looking now")
{
    node at(1h);
    at.write(at.foreign);
    at.feed.set_poll(1ms);
    CHECK(eventually([&] { return at.feed.applied() == 1; }));
    at.feed.set_poll(1h);
    // The rest of a millisecond ends before the hour counts.
    at.write(at.foreign);
    at.feed.look_now();
    CHECK(eventually([&] { return at.feed.applied() == 2; }));
}

TEST_CASE("progress is told in order and after everything up to it was heard")
{
    node at;
    std::vector<std::future<result<written>>> all;
    for (int i = 0; i < 600; ++i) {
        all.push_back(at.io.start(
            [&at, i]() { return (i % 2 != 0 ? at.own : at.foreign).run(write_key{}, add); }));
    }
    for (auto& one : all) (void)one.get();
    const auto head = at.head();
    REQUIRE(eventually([&] { return at.heard.all_told().back() == head; }));
    const std::lock_guard lock(at.heard.mutex);
    CHECK(std::is_sorted(at.heard.told.begin(), at.heard.told.end()));
    for (std::size_t i = 0; i < at.heard.told.size(); ++i)
        CHECK(at.heard.heard_when_told[i] >= static_cast<std::size_t>(at.heard.told[i]));
}

TEST_CASE("own commits of an older history are not taken for those of this one")
{
    node at;
    position old;
    old.pos = 5;
    old.incarnation = 17;
    at.feed.arrived(old);
    for (int i = 0; i < 6; ++i) at.write(at.foreign);
    REQUIRE(eventually([&] { return at.feed.applied() == 6; }));
    const std::lock_guard lock(at.heard.mutex);
    CHECK(at.heard.events == 12);
}

TEST_CASE("waiting for a position ends when it is applied, or with its limit")
{
    node at;
    auto early = at.io.start([&]() { return at.feed.wait_for(1, 60s); });
    at.write(at.foreign);
    CHECK(early.get());
    CHECK(at.io.wait([&]() { return at.feed.wait_for(1, 0ms); }));
    CHECK_FALSE(at.io.wait([&]() { return at.feed.wait_for(99, 20ms); }));
    auto ended = at.io.start([&]() { return at.feed.wait_for(99, 60s); });
    at.io.wait([]() -> task<> { co_return; });
    at.feed.stop();
    CHECK_FALSE(ended.get());
}

TEST_CASE("the age of what is known grows while the database is away")
{
    test_database database;
    event_feed feed(database.options(), 5ms);
    CHECK(feed.age() == std::chrono::milliseconds::max());
    feed.start();
    REQUIRE(eventually([&] { return feed.age() < 1h; }));
    feed.stop();
    const auto first = feed.age();
    CHECK(eventually([&] { return feed.age() > first + 10ms; }));
}

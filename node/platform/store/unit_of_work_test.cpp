#include "node/platform/store/unit_of_work.hpp"

#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"

#include <doctest/doctest.h>

#include <mutex>

using namespace kieng;
using namespace kieng::store;
using testing::eventually;
using testing::io_runner;
using testing::test_database;

namespace {

constexpr statement kInsert{"test_insert", "INSERT INTO things (name) VALUES ($1)"};
constexpr statement kCount{"test_count", "SELECT count(*) FROM things"};
constexpr statement kBad{"test_bad", "INSERT INTO nowhere VALUES (1)"};

struct shop {
    test_database database;
    io_runner io;
    store::database db{database.options()};
    std::mutex mutex;
    std::vector<position> heard;
    unit_of_work work{db, [this](const position& what) {
                          const std::lock_guard lock(mutex);
                          heard.push_back(what);
                      }};

    shop()
    {
        database.sql("CREATE TABLE things (name text NOT NULL)");
        db.start();
    }
    ~shop() { db.stop(); }

    result<written> run(write_key who, unit_of_work::business what)
    {
        return io.wait(
            [&]() -> task<result<written>> { return work.run(std::move(who), std::move(what)); });
    }
    std::string things() { return database.sql("SELECT count(*) FROM things"); }
    std::string head() { return database.sql("SELECT pos FROM cluster_head"); }
};

write_key keyed(const std::string& key, const std::string& request = "POST /things")
{
    write_key out;
    out.principal = "somebody";
    out.key = key;
    out.fingerprint = sha256(request);
    out.trace = "00-trace";
    return out;
}

unit_of_work::business add(const std::string& name)
{
    return [name](tx& on) -> result<answer> {
        on.exec(kInsert, name);
        on.announce({"ThingAddedEvent",
                     "thing",
                     "",
                     1,
                     {"thing:" + name, "list:\"things\""},
                     R"({"name":"it's \"it\""})"});
        on.announce(
            {"ThingAddedEvent", "thing", "0190a0b0-0000-7000-8000-000000000001", 2, {}, "{}"});
        answer out;
        out.status = 201;
        out.body = R"({"name":")" + name + R"("})";
        out.headers.emplace_back("Location", "/things/" + name);
        out.headers.emplace_back("ETag", "\"1\"");
        return out;
    };
}

}  // namespace

TEST_CASE("a write commits its effect, its events, its answer and one position")
{
    shop at;
    const auto got = at.run(keyed("key-0000000000001"), add("a"));
    REQUIRE(got.has_value());
    CHECK(got->what.status == 201);
    CHECK(got->pos == 1);
    CHECK_FALSE(got->replayed);
    CHECK(at.things() == "1");
    CHECK(at.head() == "1");
    CHECK(
        at.database.sql(
            "SELECT string_agg(seq || coalesce(entity_id::text, '-') || node || trace, ' ' ORDER BY seq) FROM outbox") ==
        "1-test00-trace 20190a0b0-0000-7000-8000-000000000001test00-trace");
    CHECK(at.database.sql("SELECT tags[2] || (data->>'name') FROM outbox WHERE seq = 1") ==
          "list:\"things\"it's \"it\"");
    REQUIRE(at.heard.size() == 1);
    CHECK(at.heard[0].pos == 1);
    CHECK(at.heard[0].events.size() == 2);
}

TEST_CASE("the same request again gets the stored answer and does nothing")
{
    shop at;
    REQUIRE(at.run(keyed("key-0000000000001"), add("a")).has_value());
    const auto again = at.run(keyed("key-0000000000001"), add("b"));
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->pos == 1);
    CHECK(again->what.status == 201);
    CHECK(again->what.body == R"({"name":"a"})");
    const std::vector<std::pair<std::string, std::string>> headers{{"Location", "/things/a"},
                                                                   {"ETag", "\"1\""}};
    CHECK(again->what.headers == headers);
    CHECK(at.things() == "1");
    CHECK(at.heard.size() == 1);
}

TEST_CASE("a key is refused for another request, and belongs to its principal alone")
{
    shop at;
    REQUIRE(at.run(keyed("key-0000000000001"), add("a")).has_value());
    const auto other = at.run(keyed("key-0000000000001", "POST /others"), add("b"));
    REQUIRE(other.has_error());
    CHECK(other.error().code == errc::idempotency_key_reused);
    auto stranger = keyed("key-0000000000001");
    stranger.principal = "somebody else";
    const auto theirs = at.run(stranger, add("c"));
    REQUIRE(theirs.has_value());
    CHECK(theirs->pos == 2);
}

TEST_CASE("a refusal and a fault leave nothing behind and give the key back")
{
    shop at;
    const auto refused = at.run(keyed("key-0000000000001"), [](tx& on) -> result<answer> {
        on.exec(kInsert, "x");
        on.announce({"ThingAddedEvent", "thing", "", 1, {}, "{}"});
        return failure(errc::sku_taken);
    });
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::sku_taken);
    const auto broken = at.run(keyed("key-0000000000001"), [](tx& on) -> result<answer> {
        on.exec(kInsert, "x");
        on.exec(kBad);
        return answer{};
    });
    REQUIRE(broken.has_error());
    CHECK(broken.error().code == errc::internal_error);
    CHECK(broken.error().effect == committed::no);
    CHECK_THROWS_AS((void)at.run(keyed("key-0000000000001"),
                                 [](tx& on) -> result<answer> {
                                     on.exec(kInsert, "x");
                                     throw std::logic_error("a bug");
                                 }),
                    std::logic_error);
    const auto failed = at.run(keyed("key-0000000000001"), [](tx& on) -> result<answer> {
        on.exec(kInsert, "x");
        answer out;
        out.status = 503;
        return out;
    });
    REQUIRE(failed.has_value());
    CHECK(failed->what.status == 503);
    CHECK(at.things() == "0");
    CHECK(at.head() == "0");
    CHECK(at.database.sql("SELECT count(*) FROM requests") == "0");
    CHECK(at.heard.empty());
    const auto good = at.run(keyed("key-0000000000001"), add("a"));
    REQUIRE(good.has_value());
    CHECK(good->pos == 1);
}

TEST_CASE("a write that announces nothing takes no position but is remembered")
{
    shop at;
    const auto quiet = [](tx& on) -> result<answer> {
        on.exec(kInsert, "x");
        answer out;
        out.body = "{}";
        return out;
    };
    const auto first = at.run(keyed("key-0000000000001"), quiet);
    REQUIRE(first.has_value());
    CHECK_FALSE(first->pos.has_value());
    const auto again = at.run(keyed("key-0000000000001"), quiet);
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->what.status == 200);
    CHECK(at.things() == "1");
    CHECK(at.head() == "0");
}

TEST_CASE("a write without a key is not told apart from its repeats and stores no answer")
{
    shop at;
    write_key none;
    none.principal = "somebody";
    REQUIRE(at.run(none, add("a")).has_value());
    REQUIRE(at.run(none, add("a")).has_value());
    CHECK(at.things() == "2");
    CHECK(at.head() == "2");
    CHECK(at.database.sql(
              "SELECT count(*) FROM requests WHERE body IS NOT NULL OR state <> 'done'") == "0");
}

TEST_CASE("a key given up for good refuses a late first attempt")
{
    shop at;
    at.database.sql("INSERT INTO requests (principal, key, fingerprint, state) "
                    "VALUES ('somebody', 'key-0000000000001', '', 'abandoned')");
    const auto late = at.run(keyed("key-0000000000001"), add("a"));
    REQUIRE(late.has_error());
    CHECK(late.error().code == errc::abandoned);
    CHECK(at.things() == "0");
}

TEST_CASE("a twin that still works makes the second wait, then says in progress")
{
    shop at;
    std::promise<void> started, go_on;
    std::atomic<int> runs{0};
    auto slow = at.io.start([&]() -> task<result<written>> {
        unit_of_work::business what = [&](tx& on) -> result<answer> {
            on.exec(kInsert, "slow");
            if (++runs == 1) {
                started.set_value();
                go_on.get_future().wait();
            }
            return answer{};
        };
        auto who = keyed("key-0000000000001");
        return at.work.run(std::move(who), std::move(what));
    });
    started.get_future().wait();
    // A holder that sits idle in its transaction is ended by the server after 500 ms, about when the twin gives up: either
    // the twin is told to wait, or it finds the key free and does the work itself.
    const auto twin = at.run(keyed("key-0000000000001"), add("twin"));
    if (twin.has_error()) {
        CHECK(twin.error().code == errc::in_progress);
        CHECK(twin.error().retry_after == std::chrono::milliseconds(500));
    }
    go_on.set_value();
    (void)slow.get();
    CHECK(at.things() == "1");
}

TEST_CASE("a hundred repeats at once make one thing and a hundred equal answers")
{
    shop at;
    std::vector<std::future<result<written>>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(at.io.start([&]() -> task<result<written>> {
            auto who = keyed("key-0000000000001");
            auto what = add("a");
            return at.work.run(std::move(who), std::move(what));
        }));
    }
    int first = 0;
    for (auto& one : all) {
        const auto got = one.get();
        REQUIRE(got.has_value());
        CHECK(got->what.body == R"({"name":"a"})");
        CHECK(got->pos == 1);
        if (!got->replayed) ++first;
    }
    CHECK(first == 1);
    CHECK(at.things() == "1");
}

TEST_CASE(
    "sixteen writers at once take dense positions, and a read that sees a position sees all before it")
{
    shop at;
    std::vector<std::future<result<written>>> all;
    std::vector<std::future<result<seen<std::int64_t>>>> reads;
    for (int i = 0; i < 400; ++i) {
        all.push_back(at.io.start([&, i]() -> task<result<written>> {
            auto who = keyed("key-000000000" + std::to_string(1000 + i));
            auto what = add(std::to_string(i));
            return at.work.run(std::move(who), std::move(what));
        }));
        if (i % 10 != 0) continue;
        reads.push_back(at.io.start([&]() -> task<result<seen<std::int64_t>>> {
            std::function<std::int64_t(tx&)> count = [](tx& on) {
                return on.exec(kCount)[0][0].as<std::int64_t>();
            };
            return at.db.read<std::int64_t>(std::move(count));
        }));
    }
    std::vector<bool> taken(401, false);
    for (auto& one : all) {
        const auto got = one.get();
        REQUIRE(got.has_value());
        REQUIRE(got->pos.has_value());
        REQUIRE(*got->pos <= 400);
        CHECK_FALSE(taken[static_cast<std::size_t>(*got->pos)]);
        taken[static_cast<std::size_t>(*got->pos)] = true;
    }
    for (auto& one : reads) {
        const auto got = one.get();
        REQUIRE(got.has_value());
        CHECK(got->value == got->pos);
    }
    CHECK(at.head() == "400");
    CHECK(at.database.sql("SELECT count(DISTINCT pos) FROM outbox") == "400");
}

// Many units in one transaction.
#include "node/platform/store/test_shop.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using namespace kieng::store::testing;
using fate = thing::fate;

namespace {

struct shop {
    things_database base;
    test_node node{base.options()};
};

}  // namespace

TEST_CASE("units of a batch share one commit and take dense positions in its order")
{
    shop at;
    REQUIRE(at.node.alone({"zero"}).has_value());
    const auto ends = at.node.batch({{"d"}, {"c"}, {"b", fate::quietly}, {"a"}});
    REQUIRE(ends.size() == 4);
    for (const auto& one : ends) {
        REQUIRE(one.what.has_value());
        CHECK(one.what->what.status == 201);
        CHECK_FALSE(one.what->replayed);
    }
    CHECK(ends[0].what->pos == 2);
    CHECK(ends[1].what->pos == 3);
    CHECK_FALSE(ends[2].what->pos.has_value());
    CHECK(ends[3].what->pos == 4);
    CHECK(ends[3].what->what.body == R"({"name":"a"})");
    CHECK(at.node.heard() == std::vector<std::int64_t>{1, 2, 3, 4});
    CHECK(at.base.sql("SELECT count(DISTINCT xmin::text) FROM things WHERE name <> 'zero'") == "1");
    CHECK(
        at.base.sql(
            "SELECT string_agg(pos || '.' || seq || coalesce(data->>'name', '') || trace || node, ' ' "
            "ORDER BY pos, seq) FROM outbox WHERE pos > 1") ==
        "2.1d00-dtest 2.200-dtest 3.1c00-ctest 3.200-ctest 4.1a00-atest 4.200-atest");
    CHECK(at.base.faults().empty());
    CHECK(at.node.report->committed == 4);
    CHECK(at.node.runs == 1);
}

TEST_CASE("a refused unit harms no neighbour and gives its key back")
{
    shop at;
    const auto ends = at.node.batch({{"a"}, {"b", fate::refused}, {"c", fate::unwell}, {"d"}},
                                    {"a", "b", "c", "d"});
    REQUIRE(ends[0].what.has_value());
    REQUIRE(ends[1].what.has_error());
    CHECK(ends[1].what.error().code == errc::sku_taken);
    REQUIRE(ends[2].what.has_value());
    CHECK(ends[2].what->what.status == 503);
    CHECK(ends[3].what->pos == 2);
    CHECK(at.base.things() == "a d");
    CHECK(at.base.keys() == "a d");
    CHECK(at.node.report->refused == 2);
    const auto again = at.node.batch({{"b"}, {"c"}});
    CHECK(again[0].what->pos == 3);
    CHECK_FALSE(again[1].what->replayed);
    CHECK(at.base.faults().empty());
}

TEST_CASE("a batch of refusals alone commits nothing")
{
    shop at;
    const auto ends = at.node.batch({{"a", fate::refused}, {"b", fate::refused}});
    CHECK(ends[0].what.has_error());
    CHECK(ends[1].what.has_error());
    CHECK(at.base.sql("SELECT count(*) FROM requests") == "0");
    CHECK(at.base.sql("SELECT pos FROM cluster_head") == "0");
    CHECK(at.node.batch({{"a"}})[0].what.has_value());
}

TEST_CASE("a batch that announces nothing takes no position but is remembered")
{
    shop at;
    const auto ends = at.node.batch({{"a", fate::quietly}, {"b", fate::quietly}});
    CHECK_FALSE(ends[0].what->pos.has_value());
    CHECK(at.base.sql("SELECT pos FROM cluster_head") == "0");
    CHECK(at.base.keys() == "a b");
}

TEST_CASE("what the ledger knows is answered from it within a batch")
{
    shop at;
    REQUIRE(at.node.alone({"a"}).has_value());
    at.base.sql("INSERT INTO requests (principal, key, fingerprint, state) "
                "VALUES ('somebody', 'given-up', '', 'abandoned')");
    const auto ends = at.node.batch({{"a"}, {"b"}, {"other"}, {"c"}}, {"a", "b", "a", "given-up"});
    CHECK(ends[0].what->replayed);
    CHECK(ends[0].what->pos == 1);
    CHECK(ends[0].what->what.body == R"({"name":"a"})");
    CHECK(ends[0].what->what.headers.size() == 1);
    CHECK(ends[1].what->pos == 2);
    REQUIRE(ends[2].what.has_error());
    CHECK(ends[2].what.error().code == errc::idempotency_key_reused);
    REQUIRE(ends[3].what.has_error());
    CHECK(ends[3].what.error().code == errc::abandoned);
    CHECK(at.base.things() == "a b");
    CHECK(at.base.faults().empty());
}

TEST_CASE("twins in one batch have one effect, and units without keys one each")
{
    shop at;
    const auto ends =
        at.node.batch({{"a"}, {"a"}, {"b"}, {"a"}, {"other"}}, {"a", "a", "b", "a", "b"});
    CHECK_FALSE(ends[0].what->replayed);
    CHECK(ends[1].what->replayed);
    CHECK(ends[1].what->pos == ends[0].what->pos);
    CHECK(ends[3].what->replayed);
    REQUIRE(ends[4].what.has_error());
    CHECK(ends[4].what.error().code == errc::idempotency_key_reused);
    CHECK(at.base.things() == "a b");
    CHECK(at.base.faults().empty());
    CHECK(at.node.report->alone == 3);
    const auto free = at.node.batch({{"x"}, {"x"}}, {"", ""});
    CHECK(free[0].what.has_value());
    CHECK(free[1].what.has_value());
    CHECK(at.base.things() == "a b x x");
    CHECK(at.base.keys() == "a b");
}

TEST_CASE("a busy unit leaves the batch, and its neighbours do not wait for it")
{
    shop at;
    stranger holds(at.base.options(), "SELECT pg_advisory_xact_lock(" +
                                          std::to_string(ledger::lock_of("somebody", "b")) + ")");
    at.node.start_batch({{"a"}, {"b"}, {"c"}});
    const auto first = at.node.ends(2);
    CHECK(first[0]->what->pos == 1);
    CHECK(first[2]->what->pos == 2);
    CHECK(at.node.report->alone == 1);
    const auto all = at.node.ends(3);
    REQUIRE(all[1].has_value());
    REQUIRE(all[1]->what.has_error());
    CHECK(all[1]->what.error().code == errc::in_progress);
    CHECK(all[1]->what.error().retry_after == std::chrono::milliseconds(500));
    holds.let_go();
    CHECK(at.node.batch({{"b"}})[0].what->pos == 3);
    CHECK(at.base.faults().empty());
}

TEST_CASE("a batch that has to wait for a row falls apart, and only the one concerned waits on")
{
    shop at;
    at.base.sql("INSERT INTO hooks VALUES ('b')");
    stranger holds(at.base.options(), "UPDATE hooks SET name = name");
    at.node.start_batch({{"a"}, {"b"}, {"c"}});
    const auto first = at.node.ends(2);
    CHECK(first[0]->what.has_value());
    CHECK_FALSE(first[1].has_value());
    CHECK(first[2]->what.has_value());
    CHECK(at.node.report->fell_apart);
    holds.let_go();
    CHECK(at.node.ends(3)[1]->what.has_value());
    CHECK(at.base.things() == "a b c");
    CHECK(at.base.faults().empty());
}

TEST_CASE("a batch that throws runs all its units alone, with one effect each")
{
    shop at;
    const auto ends =
        at.node.batch({{"a"}, {"b", fate::bad_sql}, {"c"}, {"d", fate::refused}, {"e"}});
    CHECK(ends[0].what.has_value());
    REQUIRE(ends[1].what.has_error());
    CHECK(ends[1].what.error().code == errc::internal_error);
    CHECK(ends[1].what.error().effect == committed::no);
    CHECK(ends[2].what.has_value());
    CHECK(ends[3].what.error().code == errc::sku_taken);
    CHECK(ends[4].what.has_value());
    CHECK(at.base.things() == "a c e");
    CHECK(at.base.faults().empty());
    CHECK(at.node.report->fell_apart);
    CHECK(at.node.report->alone == 5);
}

TEST_CASE("a bug in the business reaches the caller of its unit only")
{
    shop at;
    const auto ends = at.node.batch({{"a"}, {"b", fate::bug}, {"c"}});
    CHECK(ends[0].what.has_value());
    REQUIRE(ends[1].thrown != nullptr);
    CHECK_THROWS_AS(std::rethrow_exception(ends[1].thrown), std::logic_error);
    CHECK(ends[2].what.has_value());
    CHECK(at.base.things() == "a c");
    CHECK(at.base.faults().empty());
}

TEST_CASE("the same keys in batches of two nodes have one effect each")
{
    things_database base;
    auto how = base.options();
    test_node first(how);
    how.server_id = "other";
    test_node second(how);
    for (int round = 0; round < 20; ++round) {
        std::vector<thing> things, backwards;
        for (int i = 0; i < 8; ++i)
            things.push_back({std::to_string(round) + "-" + std::to_string(i)});
        backwards.assign(things.rbegin(), things.rend());
        std::vector<unit_end> theirs;
        std::thread other([&] { theirs = second.batch(backwards); });
        const auto ours = first.batch(things);
        other.join();
        for (std::size_t i = 0; i < 8; ++i) {
            const auto& a = ours[i].what;
            const auto& b = theirs[7 - i].what;
            REQUIRE(a.has_value());
            REQUIRE(b.has_value());
            CHECK(a->pos == b->pos);
            CHECK(a->what.body == b->what.body);
            CHECK(a->replayed != b->replayed);
        }
    }
    CHECK(base.sql("SELECT count(*) FROM things") == "160");
    CHECK(base.faults().empty());
}

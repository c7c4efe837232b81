// Batches whose conversation with PostgreSQL is cut short.
#include "node/platform/store/test_proxy.hpp"
#include "node/platform/store/test_shop.hpp"
#include "node/platform/store/tx.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using namespace kieng::store::testing;
using fate = thing::fate;

namespace {

database_options through(const things_database& base, const test_proxy& proxy)
{
    auto out = base.options();
    out.port = proxy.port();
    out.connections = 3;
    return out;
}

// A shop that reaches PostgreSQL through a proxy.
struct remote_shop {
    things_database base;
    test_proxy proxy{base.options().host, base.options().port};
    test_node node{through(base, proxy)};
};

const std::vector<thing> kThings{{"a"}, {"b", fate::refused}, {"x"}, {"c", fate::quietly}, {"d"}};
const std::vector<std::string> kKeys{"a", "b", "", "c", "d"};

}  // namespace

TEST_CASE("a batch whose confirmation was lost is found to have happened, unit by unit")
{
    remote_shop at;
    at.proxy.next(test_proxy::cut::after_commit);
    const auto ends = at.node.batch(kThings, kKeys);
    CHECK(at.proxy.cuts() == 1);
    CHECK(at.node.report->doubtful == 4);
    CHECK(ends[0].what->replayed);
    CHECK(ends[0].what->pos == 1);
    CHECK(ends[1].what.error().code == errc::sku_taken);
    CHECK_FALSE(ends[2].what->replayed);
    CHECK(ends[2].what->pos == 2);
    CHECK(ends[2].what->what.body == R"({"name":"x"})");
    CHECK(ends[3].what->replayed);
    CHECK(ends[4].what->pos == 3);
    CHECK(at.base.things() == "a c d x");
    CHECK(at.base.keys() == "a c d");
    CHECK(at.node.heard().empty());  // it comes through the outbox
}

TEST_CASE("a batch whose commit never left is done again, each unit once")
{
    remote_shop at;
    at.proxy.next(test_proxy::cut::before_commit);
    const auto ends = at.node.batch(kThings, kKeys);
    CHECK(at.proxy.cuts() == 1);
    for (const std::size_t i : {0U, 2U, 3U, 4U}) {
        REQUIRE(ends[i].what.has_value());
        CHECK_FALSE(ends[i].what->replayed);
    }
    CHECK(ends[1].what.error().code == errc::sku_taken);
    CHECK(at.base.things() == "a c d x");
    CHECK(at.base.keys() == "a c d");
    CHECK(at.base.sql("SELECT pos FROM cluster_head") == "3");
    CHECK(at.node.heard().size() == 3);
}

TEST_CASE(
    "a doubt about a batch that cannot be settled is told to each unit, but not to a refused one")
{
    remote_shop at;
    at.proxy.next(test_proxy::cut::after_commit_for_good);
    const auto ends = at.node.batch(kThings, kKeys);
    for (const std::size_t i : {0U, 2U, 3U, 4U}) {
        REQUIRE(ends[i].what.has_error());
        CHECK(ends[i].what.error().code == errc::outcome_unknown);
    }
    REQUIRE(ends[1].what.has_error());
    CHECK(ends[1].what.error().effect == committed::no);
    CHECK(at.base.things() == "a c d x");
}

TEST_CASE("a session that dies in the business of a batch is no doubt: its units run alone")
{
    remote_shop at;
    at.base.sql("INSERT INTO hooks VALUES ('b')");
    stranger holds(at.base.options(), "UPDATE hooks SET name = name");
    std::thread killer([&] {
        const auto ended = [&] {
            return at.base.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                               "WHERE wait_event_type = 'Lock' AND datname = current_database()") ==
                   "1";
        };
        (void)eventually(ended);
        holds.let_go();
    });
    const auto ends = at.node.batch({{"a"}, {"b"}, {"c"}});
    killer.join();
    for (const auto& one : ends) CHECK(one.what.has_value());
    CHECK(at.node.report->fell_apart);
    CHECK(at.node.report->doubtful == 0);
    CHECK(at.base.things() == "a b c");
    CHECK(at.base.faults().empty());
}

TEST_CASE("a batch on a history that is no longer the database's starts over on the new one")
{
    remote_shop at;
    REQUIRE(at.node.batch({{"a"}})[0].what.has_value());
    at.base.sql("UPDATE cluster_head SET incarnation = incarnation + 1");
    const auto ends = at.node.batch({{"b"}, {"c"}});
    CHECK(ends[0].what.has_value());
    CHECK(ends[1].what.has_value());
    CHECK(at.base.things() == "a b c");
    CHECK(at.base.faults().empty());
}

TEST_CASE("a key that somebody stored without its lock ends the late one, not the effect")
{
    remote_shop at;
    REQUIRE(at.node.batch({{"a"}})[0].what.has_value());
    at.base.sql("INSERT INTO hooks VALUES ('c')");
    stranger holds(at.base.options(), "UPDATE hooks SET name = name");
    std::thread intruder([&] {
        const auto waiting = [&] {
            return at.base.sql("SELECT count(*) FROM pg_stat_activity "
                               "WHERE wait_event_type = 'Lock' AND datname = current_database()") ==
                   "1";
        };
        (void)eventually(waiting);
        at.base.sql("INSERT INTO things VALUES ('c'); "
                    "INSERT INTO requests (principal, key, fingerprint, state, status, body) "
                    "VALUES ('somebody', 'c', sha256('POST /things c'), 'done', 201, 'theirs')");
        holds.let_go();
    });
    const auto ends = at.node.batch({{"b"}, {"c"}});
    intruder.join();
    CHECK(ends[0].what.has_value());
    REQUIRE(ends[1].what.has_value());
    CHECK(ends[1].what->replayed);
    CHECK(ends[1].what->what.body == "theirs");
    CHECK(at.base.things() == "a b c");
    CHECK(at.base.faults().empty());
}

TEST_CASE("a batch that finds no database is refused as a whole: nothing happened")
{
    remote_shop at;
    REQUIRE(at.node.batch({{"a"}})[0].what.has_value());
    at.node.db.stop();
    const auto ends = at.node.batch({{"b"}, {"c"}});
    for (const auto& one : ends) {
        REQUIRE(one.what.has_error());
        CHECK(one.what.error().code == errc::database_unavailable);
        CHECK(one.what.error().effect == committed::no);
    }
    CHECK(at.node.runs == 1);
}

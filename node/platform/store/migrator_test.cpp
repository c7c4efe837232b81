#include "node/platform/store/migrator.hpp"

#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using testing::test_database;

namespace {

const std::vector<migration> kOne{
    {1, "V001__a.sql", "CREATE TABLE a (x int); INSERT INTO a VALUES (1)"}};
const std::vector<migration> kChanged{{1, "V001__a.sql", "CREATE TABLE a (x bigint)"}};
const std::vector<migration> kTwo{kOne[0], {2, "V002__b.sql", "INSERT INTO a VALUES (2)"}};

}  // namespace

TEST_CASE("the schema of this release is made once, also when many nodes start together")
{
    test_database db(test_database::schema::empty);
    std::atomic<int> applied{0};
    std::vector<std::thread> nodes;
    for (int i = 0; i < 4; ++i) {
        nodes.emplace_back([&] { applied += migrate(db.options(), embedded_migrations(), {}); });
    }
    for (auto& node : nodes) node.join();
    CHECK(applied == static_cast<int>(embedded_migrations().size()));
    CHECK(db.sql("SELECT count(*) FROM cluster_head") == "1");
    CHECK(db.sql("SELECT count(*) FROM schema_migrations") ==
          std::to_string(embedded_migrations().size()));
}

TEST_CASE("missing migrations are applied in order and named")
{
    test_database db(test_database::schema::empty);
    std::vector<std::string> names;
    const auto note = [&](std::string_view name) { names.emplace_back(name); };
    CHECK(migrate(db.options(), kOne, note) == 1);
    CHECK(migrate(db.options(), kTwo, note) == 1);
    CHECK(migrate(db.options(), kTwo, note) == 0);
    CHECK(names == std::vector<std::string>{"V001__a.sql", "V002__b.sql"});
    CHECK(db.sql("SELECT sum(x) FROM a") == "3");
}

TEST_CASE("a changed migration and a newer schema are refused with a sentence")
{
    test_database db(test_database::schema::empty);
    migrate(db.options(), kTwo, {});
    CHECK_THROWS_WITH(migrate(db.options(), kOne, {}),
                      doctest::Contains("newer release (V002__b.sql)"));
    const std::vector<migration> changed{kChanged[0], kTwo[1]};
    CHECK_THROWS_WITH(migrate(db.options(), changed, {}),
                      doctest::Contains("V001__a.sql is not the one"));
}

TEST_CASE("a migration that fails leaves nothing behind")
{
    test_database db(test_database::schema::empty);
    const std::vector<migration> broken{
        {1, "V001__a.sql", "CREATE TABLE a (x int); SELECT nonsense"}};
    CHECK_THROWS_WITH(migrate(db.options(), broken, {}), doctest::Contains("V001__a.sql failed"));
    CHECK(db.sql("SELECT to_regclass('a') IS NULL") == "t");
}

TEST_CASE("an unreachable server is told from a broken schema")
{
    database_options nobody;
    nobody.host = "127.0.0.1";
    nobody.port = "1";
    CHECK_THROWS_AS(migrate(nobody, kOne, {}), database_unreachable);
}

TEST_CASE("what waiting does not mend is told from an outage")
{
    const test_database base;
    const auto told = [](const database_options& how) {
        try {
            migrate(how, kOne, {});
        } catch (const database_unreachable&) {
            return std::string("unreachable");
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    auto no_database = base.options();
    no_database.name = "no_such_database";
    CHECK(told(no_database).find("has no database \"no_such_database\"") != std::string::npos);
    auto no_user = base.options();
    no_user.user = "no_such_user";
    CHECK(told(no_user).find("user \"no_such_user\"") != std::string::npos);
}

TEST_CASE("a node's share of the connections leaves room for those that join")
{
    const test_database base;
    CHECK(share_connections(base.options(), 3).usual == 8);
    CHECK(share_connections(base.options(), 1).usual == 8);
    CHECK(share_connections(base.options(), 1000).usual == 2);
    const auto more = share_connections(base.options(), 6).most;
    CHECK(more <= 50);
    CHECK(more < share_connections(base.options(), 3).most);
    CHECK(share_connections(base.options(), 1000).most == 2);
}

TEST_CASE("text is folded as searches need it")
{
    test_database db;
    CHECK(db.sql("SELECT vn_fold('Áo SƠ MI Đẹp')") == "ao so mi dep");
    CHECK(db.sql("SELECT vn_fold(U&'A\\0301o') = 'ao'") == "t");
    CHECK(db.sql("SELECT slugify('  Áo sơ mi -- trắng! 100% ')") == "ao-so-mi-trang-100");
    CHECK(db.sql("SELECT provolatile FROM pg_proc WHERE proname = 'vn_fold'") == "i");
    CHECK(
        db.sql(
            "SELECT incarnation > 1700000000000 AND system_identifier IS NOT NULL AND length(timeline) = 8 "
            "FROM cluster_head") == "t");
}

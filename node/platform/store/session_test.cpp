// What the pool's sessions are like, and how they are replaced.
#include "node/platform/store/database.hpp"
#include "node/platform/store/migrator.hpp"
#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using testing::eventually;
using testing::io_runner;
using testing::test_database;

namespace {

constexpr statement kOne{"test_one", "SELECT 1"};
constexpr statement kStar{"test_star", "SELECT * FROM shape"};
constexpr statement kUnnest{
    "test_unnest", "SELECT item FROM unnest($1::text[]) WITH ORDINALITY AS u(item, n) ORDER BY n"};

int one(tx& on)
{
    return on.exec(kOne)[0][0].as<int>();
}

result<int> ask(io_runner& io, database& db, std::function<int(tx&)> f = one)
{
    return io.wait([&]() { return db.query<int>(std::move(f)); });
}

}  // namespace

TEST_CASE("every session carries its bounds and its name")
{
    test_database base;
    io_runner io;
    database db(base.options());
    db.start();
    const auto settings = io.wait([&]() {
        std::function<std::string(tx&)> f = [](tx& on) {
            std::string out;
            for (const char* name :
                 {"idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout",
                  "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count",
                  "client_connection_check_interval", "application_name"}) {
                out += on.exec_raw(std::string("SHOW ") + name)[0][0].as<std::string>() + " ";
            }
            return out;
        };
        return db.query<std::string>(std::move(f));
    });
    REQUIRE(settings.has_value());
    CHECK(*settings == "500ms 500ms 2s 2 1 2 500ms kieng/test/test/pool ");
    db.stop();
}

TEST_CASE("sessions that the server ended while idle are replaced without anybody noticing")
{
    test_database base;
    io_runner io;
    database db(base.options());
    db.start();
    REQUIRE(eventually([&] { return db.health().connections == 8; }));
    base.sql(
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'kieng/test/test/pool'");
    for (int i = 0; i < 50; ++i) CHECK(ask(io, db).has_value());
    db.stop();
}

TEST_CASE("a plan that no longer fits the schema costs one answer, not the connection's future")
{
    test_database base;
    base.sql("CREATE TABLE shape (a int)");
    io_runner io;
    auto how = base.options();
    how.connections = 1;
    database db(how);
    db.start();
    const auto columns = [](tx& on) { return static_cast<int>(on.exec(kStar).columns()); };
    REQUIRE(ask(io, db, columns).has_value());
    base.sql("ALTER TABLE shape ADD COLUMN b int");
    CHECK(eventually([&] {
        const auto got = ask(io, db, columns);
        return got.has_value() && *got == 2;
    }));
    db.stop();
}

TEST_CASE("another server under the same data raises the incarnation once")
{
    test_database base;
    const auto before = std::stoll(base.sql("SELECT incarnation FROM cluster_head"));
    base.sql("UPDATE cluster_head SET system_identifier = 'another'");
    io_runner io;
    database first(base.options()), second(base.options());
    first.start();
    second.start();
    REQUIRE(ask(io, first).has_value());
    REQUIRE(ask(io, second).has_value());
    REQUIRE(
        eventually([&] { return first.health().connections + second.health().connections == 16; }));
    const auto after = std::stoll(base.sql("SELECT incarnation FROM cluster_head"));
    CHECK(after > before);
    CHECK(
        base.sql(
            "SELECT system_identifier = (SELECT system_identifier::text FROM pg_control_system()) FROM cluster_head") ==
        "t");
    const auto seen_by_pool = io.wait([&]() {
        std::function<std::int64_t(tx&)> f = [](tx& on) { return on.incarnation(); };
        return first.query<std::int64_t>(std::move(f));
    });
    REQUIRE(seen_by_pool.has_value());
    CHECK(*seen_by_pool == after);
    first.stop();
    second.stop();
}

TEST_CASE("a database user without special rights is enough")
{
    test_database base(test_database::schema::empty);
    const std::string role = base.options().name + "_owner";
    base.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret-of-a-test'; ALTER DATABASE " +
             base.options().name + " OWNER TO " + role);
    {
        auto how = base.options();
        how.user = role;
        how.password = "secret-of-a-test";
        CHECK(migrate(how, embedded_migrations(), {}) > 0);
        io_runner io;
        database db(how);
        db.start();
        CHECK(ask(io, db).has_value());
        db.stop();
    }
    base.sql("REASSIGN OWNED BY " + role + " TO CURRENT_USER; DROP OWNED BY " + role +
             "; DROP ROLE " + role);
}

TEST_CASE("array literals carry any text")
{
    test_database base;
    io_runner io;
    database db(base.options());
    db.start();
    const std::vector<std::string> items{"a",     "",     "with \"quotes\"", "back\\slash",
                                         "{a,b}", "NULL", "Áo\nsơ mi"};
    const auto same = io.wait([&]() {
        std::function<bool(tx&)> f = [&](tx& on) {
            const auto rows = on.exec(kUnnest, array_literal(items));
            std::vector<std::string> back;
            for (const auto& row : rows) back.push_back(row[0].as<std::string>());
            return back == items;
        };
        return db.query<bool>(std::move(f));
    });
    REQUIRE(same.has_value());
    CHECK(*same);
    db.stop();
}

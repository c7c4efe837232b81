// The store against a PostgreSQL that freezes, dies and cuts conversations short.
#include "node/platform/store/test_postgres.hpp"
#include "node/platform/store/test_proxy.hpp"
#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using testing::eventually;
using testing::io_runner;
using testing::test_database;
using testing::test_postgres;
using testing::test_proxy;

namespace {

constexpr statement kOne{"test_one", "SELECT 1"};
constexpr statement kInsert{"test_insert", "INSERT INTO things (name) VALUES ($1)"};
constexpr statement kClash{"test_clash",
                           "DO $$ BEGIN RAISE EXCEPTION 'clash' USING ERRCODE = '40001'; END $$"};
constexpr statement kSelf{"test_self", "SELECT pg_backend_pid()"};

result<int> ask(io_runner& io, database& db)
{
    return io.wait([&]() {
        std::function<int(tx&)> f = [](tx& on) { return on.exec(kOne)[0][0].as<int>(); };
        return db.query<int>(std::move(f));
    });
}

answer made()
{
    answer out;
    out.status = 201;
    out.body = R"({"name":"a"})";
    return out;
}

result<answer> add(tx& on)
{
    on.exec(kInsert, "a");
    on.announce({"ThingAddedEvent", "thing", "", 1, {"list:things"}, "{}"});
    return made();
}

write_key key_of(bool keyed)
{
    write_key out;
    out.principal = "somebody";
    if (keyed) out.key = "key-0000000000001";
    out.fingerprint = sha256("POST /things");
    return out;
}

// A pool that reaches PostgreSQL through a proxy.
struct remote_shop {
    test_database database;
    test_proxy proxy{database.options().host, database.options().port};
    io_runner io;
    std::unique_ptr<store::database> db;
    std::atomic<int> heard{0};
    std::unique_ptr<unit_of_work> work;

    remote_shop()
    {
        database.sql("CREATE TABLE things (name text NOT NULL)");
        auto how = database.options();
        how.port = proxy.port();
        how.connections = 3;
        db = std::make_unique<store::database>(how);
        work = std::make_unique<unit_of_work>(*db, [this](const position&) { ++heard; });
        db->start();
    }
    ~remote_shop() { db->stop(); }
    result<written> run(bool keyed, unit_of_work::business what = add)
    {
        return io.wait([&]() { return work->run(key_of(keyed), std::move(what)); });
    }
};

}  // namespace

TEST_CASE("a frozen PostgreSQL gives answers, and is used again when it thaws")
{
    test_postgres server;
    io_runner io;
    auto how = server.options();
    how.connections = 3;
    database db(how);
    db.start();
    REQUIRE(ask(io, db).has_value());
    server.freeze();
    for (int i = 0; i < 3; ++i) {
        const auto got = ask(io, db);
        REQUIRE(got.has_error());
        CHECK(got.error().code == errc::database_unavailable);
    }
    CHECK(eventually([&] { return !db.health().reachable; }));
    CHECK_FALSE(db.health().why.empty());
    server.thaw();
    CHECK(eventually([&] { return ask(io, db).has_value(); }));
    CHECK(eventually([&] { return db.health().connections == 3; }));
    db.stop();
}

TEST_CASE("a killed PostgreSQL is refused at once, and found again when it is back")
{
    test_postgres server;
    io_runner io;
    auto how = server.options();
    how.connections = 3;
    database db(how);
    db.start();
    REQUIRE(ask(io, db).has_value());
    server.kill();
    CHECK(eventually([&] { return ask(io, db).has_error() && !db.health().reachable; }));
    const auto refused = db.health().refused;
    CHECK(ask(io, db).has_error());
    CHECK(db.health().refused == refused + 1);
    server.start();
    CHECK(eventually([&] { return ask(io, db).has_value(); }));
    CHECK(eventually([&] { return db.health().connections == 3; }));
    db.stop();
}

TEST_CASE("a pool that starts before PostgreSQL finds it")
{
    test_postgres server;
    server.kill();
    io_runner io;
    database db(server.options());
    db.start();
    CHECK(eventually([&] { return ask(io, db).has_error() && !db.health().reachable; }));
    server.start();
    CHECK(eventually([&] { return ask(io, db).has_value(); }));
    db.stop();
}

TEST_CASE("of several hosts the first that takes writes is used")
{
    test_database base;
    io_runner io;
    auto how = base.options();
    how.host = "127.0.0.1,127.0.0.1";
    how.port = "1," + how.port;
    database db(how);
    db.start();
    CHECK(ask(io, db).has_value());
    db.stop();
    base.sql("ALTER DATABASE " + base.options().name + " SET default_transaction_read_only = on");
    database standby(how);
    standby.start();
    CHECK(
        eventually([&] { return ask(io, standby).has_error() && !standby.health().why.empty(); }));
    standby.stop();
}

TEST_CASE("a commit whose confirmation was lost is found to have happened")
{
    for (const bool keyed : {true, false}) {
        CAPTURE(keyed);
        remote_shop at;
        at.proxy.next(test_proxy::cut::after_commit);
        const auto got = at.run(keyed);
        REQUIRE(got.has_value());
        CHECK(at.proxy.cuts() == 1);
        CHECK(got->what.status == 201);
        CHECK(got->what.body == made().body);
        CHECK(got->pos == 1);
        CHECK(got->replayed == keyed);
        CHECK(at.heard == 0);  // it comes through the outbox
        CHECK(at.database.sql("SELECT count(*) FROM things") == "1");
    }
}

TEST_CASE("a commit that never left is done again, once")
{
    for (const bool keyed : {true, false}) {
        CAPTURE(keyed);
        remote_shop at;
        at.proxy.next(test_proxy::cut::before_commit);
        const auto got = at.run(keyed);
        REQUIRE(got.has_value());
        CHECK(at.proxy.cuts() == 1);
        CHECK(got->what.body == made().body);
        CHECK(got->pos == 1);
        CHECK_FALSE(got->replayed);
        CHECK(at.heard == 1);
        CHECK(at.database.sql("SELECT count(*) FROM things") == "1");
        CHECK(at.database.sql("SELECT count(*) FROM requests WHERE state = 'done'") == "1");
    }
}

TEST_CASE("a doubt that cannot be settled is said to be one")
{
    remote_shop at;
    at.proxy.next(test_proxy::cut::after_commit_for_good);
    const auto got = at.run(true);
    REQUIRE(got.has_error());
    CHECK(got.error().code == errc::outcome_unknown);
    CHECK(at.database.sql("SELECT count(*) FROM things") == "1");
}

TEST_CASE("a session that dies before the commit is no doubt: the work is done again")
{
    remote_shop at;
    auto tries = std::make_shared<std::atomic<int>>(0);
    const auto got = at.run(true, [tries, &at](tx& on) -> result<answer> {
        if (++*tries == 1) {
            const auto self = on.exec(kSelf)[0][0].as<std::string>();
            at.database.sql("SELECT pg_terminate_backend(" + self + ")");
        }
        return add(on);
    });
    REQUIRE(got.has_value());
    CHECK(*tries == 2);
    CHECK_FALSE(got->replayed);
    CHECK(at.database.sql("SELECT count(*) FROM things") == "1");
    CHECK(at.database.sql("SELECT pos FROM cluster_head") == "1");
}

TEST_CASE("a clash with another transaction is tried three times, then reported as not done")
{
    remote_shop at;
    auto tries = std::make_shared<std::atomic<int>>(0);
    const auto second = at.run(true, [tries](tx& on) -> result<answer> {
        if (++*tries == 1) on.exec_raw(kClash.sql);
        return add(on);
    });
    REQUIRE(second.has_value());
    CHECK(*tries == 2);
    *tries = 0;
    const auto never = at.run(false, [tries](tx& on) -> result<answer> {
        ++*tries;
        on.exec_raw(kClash.sql);
        return made();
    });
    REQUIRE(never.has_error());
    CHECK(*tries == 3);
    CHECK(never.error().effect == committed::no);
}

TEST_CASE("a write on a history that is no longer the database's starts over on the new one")
{
    remote_shop at;
    REQUIRE(at.run(true).has_value());
    at.database.sql("UPDATE cluster_head SET incarnation = incarnation + 1");
    const auto got = at.run(false);
    REQUIRE(got.has_value());
    CHECK(got->pos == 2);
    CHECK(at.database.sql("SELECT count(*) FROM things") == "2");
}

TEST_CASE("keys are forgotten after a day, not before")
{
    remote_shop at;
    REQUIRE(at.run(true).has_value());
    at.database.sql("INSERT INTO requests (principal, key, fingerprint, created_at) "
                    "VALUES ('x', 'old', '', now() - interval '25 hours')");
    const auto gone = at.io.wait([&]() { return at.work->forget_expired(); });
    REQUIRE(gone.has_value());
    CHECK(*gone == 1);
    CHECK(at.database.sql("SELECT count(*) FROM requests") == "1");
}

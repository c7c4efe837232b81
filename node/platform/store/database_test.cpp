#include "node/platform/store/database.hpp"

#include "node/platform/store/migrator.hpp"
#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::store;
using testing::eventually;
using testing::io_runner;
using testing::test_database;
using namespace std::chrono_literals;

namespace {

constexpr statement kOne{"test_one", "SELECT 1"};
constexpr statement kSleep{"test_sleep", "SELECT pg_sleep(20)"};
constexpr statement kDivide{"test_divide", "SELECT 1 / $1::int"};

int one(tx& on)
{
    return on.exec(kOne)[0][0].as<int>();
}

result<int> ask(io_runner& io, database& db, std::function<int(tx&)> f = one)
{
    return io.wait([&]() { return db.query<int>(std::move(f)); });
}

// Holds a connection until let go.
struct hold {
    std::shared_ptr<std::promise<void>> started = std::make_shared<std::promise<void>>();
    std::shared_ptr<std::promise<void>> end = std::make_shared<std::promise<void>>();
    std::future<result<int>> result_of;

    hold(io_runner& io, database& db)
    {
        result_of = io.start([&db, s = started, e = end]() {
            std::function<int(tx&)> f = [s, e](tx&) {
                s->set_value();
                e->get_future().wait();
                return 7;
            };
            return db.query<int>(std::move(f));
        });
        started->get_future().wait();
    }
    result<int> let_go()
    {
        end->set_value();
        return result_of.get();
    }
};

}  // namespace

TEST_CASE("calls before the first connection wait for it, calls after the stop are refused")
{
    test_database base;
    io_runner io;
    database db(base.options());
    CHECK(ask(io, db).has_error());
    db.start();
    const auto got = ask(io, db);
    REQUIRE(got.has_value());
    CHECK(*got == 1);
    CHECK(db.health().reachable);
    db.stop();
    const auto late = ask(io, db);
    REQUIRE(late.has_error());
    CHECK(late.error().code == errc::database_unavailable);
}

TEST_CASE("a server that is full serves with what it gave, and gives the rest when it has room")
{
    test_database base(test_database::schema::empty);
    const std::string role = base.options().name + "_guest";
    base.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret-of-a-test' CONNECTION LIMIT 3; " +
             "ALTER DATABASE " + base.options().name + " OWNER TO " + role);
    {
        auto how = base.options();
        how.user = role;
        how.password = "secret-of-a-test";
        how.connections = 8;
        CHECK(migrate(how, embedded_migrations(), {}) > 0);
        io_runner io;
        database db(how);
        db.start();
        REQUIRE(eventually([&] { return db.health().connections == 3; }));
        for (int i = 0; i < 20; ++i) CHECK(ask(io, db).has_value());
        base.sql("ALTER ROLE " + role + " CONNECTION LIMIT 20");
        CHECK(eventually([&] { return db.health().connections == 8; }));
        db.stop();
    }
    base.sql("REASSIGN OWNED BY " + role + " TO CURRENT_USER; DROP OWNED BY " + role +
             "; DROP ROLE " + role);
}

TEST_CASE("a full queue refuses at once, and a wait in the queue is bounded")
{
    test_database base;
    io_runner io;
    auto how = base.options();
    how.connections = 1;
    how.queue = 2;
    how.wait = 100ms;
    how.total = 60s;
    database db(how);
    db.start();
    hold busy(io, db);
    auto first = io.start([&]() { return db.query<int>(std::function<int(tx&)>(one)); });
    auto second = io.start([&]() { return db.query<int>(std::function<int(tx&)>(one)); });
    CHECK(eventually([&] { return db.health().waiting == 2 || db.health().refused > 0; }));
    const auto third = ask(io, db);
    REQUIRE(third.has_error());
    // Its two predecessors may have been given up meanwhile; then it waited like them.
    CHECK((third.error().code == errc::overloaded ||
           third.error().code == errc::database_unavailable));
    const auto waited = first.get();
    REQUIRE(waited.has_error());
    CHECK(waited.error().code == errc::database_unavailable);
    CHECK(second.get().has_error());
    const auto held = busy.let_go();
    REQUIRE(held.has_value());
    CHECK(*held == 7);
    db.stop();
}

TEST_CASE("a call that takes too long is cut off and the pool goes on")
{
    test_database base;
    io_runner io;
    auto how = base.options();
    how.connections = 1;
    how.total = 200ms;
    database db(how);
    db.start();
    REQUIRE(ask(io, db).has_value());
    const auto cut = ask(io, db, [](tx& on) {
        on.exec(kSleep);
        return 1;
    });
    REQUIRE(cut.has_error());
    CHECK(cut.error().code == errc::database_unavailable);
    CHECK(db.health().timeouts == 1);
    CHECK(eventually([&] { return ask(io, db).has_value(); }));
    CHECK(db.health().reconnects == 1);
    db.stop();
}

TEST_CASE("a call whose caller is gone before it starts is dropped")
{
    test_database base;
    io_runner io;
    auto how = base.options();
    how.connections = 1;
    database db(how);
    db.start();
    hold busy(io, db);
    std::atomic<bool> ran{false};
    asio::cancellation_signal signal;
    std::promise<void> done;
    asio::co_spawn(
        io.where(),
        [&]() -> task<result<int>> {
            std::function<int(tx&)> f = [&ran](tx&) {
                ran = true;
                return 1;
            };
            return db.query<int>(std::move(f));
        },
        asio::bind_cancellation_slot(signal.slot(),
                                     [&](std::exception_ptr, result<int>) { done.set_value(); }));
    REQUIRE(eventually([&] { return db.health().waiting == 1; }));
    asio::post(io.where(), [&] { signal.emit(asio::cancellation_type::terminal); });
    io.wait([]() -> task<> { co_return; });
    CHECK(busy.let_go().has_value());
    done.get_future().wait();
    CHECK_FALSE(ran);
    CHECK(ask(io, db).has_value());
    db.stop();
}

TEST_CASE("what is no database error reaches the caller, and what is leaves the connection usable")
{
    test_database base;
    io_runner io;
    auto how = base.options();
    how.connections = 1;
    database db(how);
    db.start();
    CHECK_THROWS_AS((void)ask(io, db, [](tx&) -> int { throw std::domain_error("mine"); }),
                    std::domain_error);
    const auto wrong = ask(io, db, [](tx& on) { return on.exec(kDivide, 0)[0][0].as<int>(); });
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().code == errc::internal_error);
    CHECK(ask(io, db).has_value());
    CHECK(db.health().reconnects == 0);
    db.stop();
}

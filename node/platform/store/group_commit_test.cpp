// Who waits, who goes alone, who goes together.
#include "node/platform/store/test_shop.hpp"
#include "node/platform/store/tx.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <doctest/doctest.h>

#include <numeric>

using namespace kieng;
using namespace kieng::store;
using namespace kieng::store::testing;
using fate = thing::fate;
using things_queue = group_commit<thing>;

namespace {

database_options one_connection(const things_database& base)
{
    auto out = base.options();
    out.connections = 1;
    return out;
}

// One node with one connection, which a test may keep busy so that everything behind it waits.
struct shop {
    things_database base;
    test_node node{one_connection(base)};
    std::vector<std::size_t>
        sizes;  // of the calls of the business; the one connection's thread writes
    std::unique_ptr<things_queue> queue;
    std::promise<void> gate;
    std::future<result<int>> kept;

    explicit shop(group_options how = {})
    {
        queue = std::make_unique<things_queue>(
            node.work,
            [this](tx& on, const std::vector<const thing*>& all) {
                sizes.push_back(all.size());
                return add_things(on, all);
            },
            how);
    }
    ~shop() { node.db.stop(); }

    void close_gate()
    {
        std::promise<void> started;
        kept = node.io.start([&]() {
            std::function<int(tx&)> wait = [this, &started](tx&) {
                started.set_value();
                gate.get_future().wait();
                return 1;
            };
            return node.db.query<int>(std::move(wait));
        });
        started.get_future().wait();
    }
    void open_gate()
    {
        gate.set_value();
        (void)kept.get();
    }
    std::future<result<written>> send(const thing& what, const std::string& key)
    {
        return node.io.start(
            [this, what, key]() { return queue->run(key_for(key, what.name), what); });
    }
    std::future<result<written>> send(const thing& what) { return send(what, what.name); }
    bool stands(std::size_t waiting, std::size_t in_flight)
    {
        return eventually([&] {
            const auto now = queue->figures();
            return now.waiting == waiting && now.in_flight == in_flight;
        });
    }
};

}  // namespace

TEST_CASE("few units run alone and at once; many go together, in order")
{
    shop at({.alone = 2, .together = 8, .largest = 32, .queue = 100});
    REQUIRE(at.send({"first"}).get().has_value());
    CHECK(at.queue->figures().singles == 1);
    at.close_gate();
    std::vector<std::future<result<written>>> all;
    for (int i = 100; i < 150; ++i) {
        all.push_back(at.send({std::to_string(i)}));
        if (i == 106) CHECK(at.stands(5, 2));
    }
    CHECK(at.stands(40, 10));
    at.open_gate();
    std::int64_t last = 0;
    for (auto& one : all) {
        const auto got = one.get();
        REQUIRE(got.has_value());
        CHECK_FALSE(got->replayed);
        CHECK(got->pos > last);
        last = *got->pos;
    }
    CHECK(at.sizes == std::vector<std::size_t>{1, 1, 1, 8, 32, 8});
    const auto now = at.queue->figures();
    CHECK(now.singles == 3);
    CHECK(now.batches == 3);
    CHECK(now.batch_units == 48);
    CHECK(now.sizes[3] == 2);
    CHECK(now.sizes[5] == 1);
    CHECK(now.left == 0);
    CHECK(at.stands(0, 0));
    CHECK(at.base.faults().empty());
}

TEST_CASE("twins join the one that waits or works, and another request with its key does not")
{
    shop at({.alone = 1, .together = 100, .largest = 32, .queue = 100});
    at.close_gate();
    auto working = at.send({"a"});
    REQUIRE(at.stands(0, 1));
    auto waiting = at.send({"b"});
    std::vector<std::future<result<written>>> twins;
    twins.push_back(at.send({"a"}));
    twins.push_back(at.send({"b"}));
    auto other = at.send({"c"}, "a");
    auto refused = at.send({"d", fate::refused});
    auto refused_twin = at.send({"d", fate::refused});
    REQUIRE(at.stands(3, 1));
    CHECK(at.queue->figures().joined == 3);
    at.open_gate();
    CHECK_FALSE(working.get()->replayed);
    CHECK_FALSE(waiting.get()->replayed);
    for (auto& one : twins) {
        const auto got = one.get();
        REQUIRE(got.has_value());
        CHECK(got->replayed);
        CHECK(got->what.status == 201);
    }
    const auto reused = other.get();
    REQUIRE(reused.has_error());
    CHECK(reused.error().code == errc::idempotency_key_reused);
    CHECK(refused.get().error().code == errc::sku_taken);
    CHECK(refused_twin.get().error().code == errc::sku_taken);
    CHECK(at.send({"a"}).get()->replayed);  // from the ledger
    CHECK(at.base.things() == "a b");
    CHECK(at.base.faults().empty());
}

TEST_CASE("units without keys are never taken for twins")
{
    shop at;
    at.close_gate();
    std::vector<std::future<result<written>>> all;
    for (int i = 0; i < 20; ++i) all.push_back(at.send({"x"}, ""));
    at.open_gate();
    for (auto& one : all) CHECK_FALSE(one.get()->replayed);
    CHECK(at.base.sql("SELECT count(*) FROM things") == "20");
}

TEST_CASE("a caller who is gone before its unit starts is dropped, unless a twin still waits")
{
    shop at({.alone = 1, .together = 100, .largest = 32, .queue = 100});
    at.close_gate();
    auto first = at.send({"a"});
    asio::cancellation_signal leave_b, leave_c;
    std::atomic<int> gone{0};
    const auto leaving = [&](const std::string& name, asio::cancellation_signal& signal) {
        asio::co_spawn(
            at.node.io.where(),
            [&at, name]() { return at.queue->run(key_for(name, name), {name}); },
            asio::bind_cancellation_slot(signal.slot(),
                                         [&](std::exception_ptr, result<written>) { ++gone; }));
    };
    leaving("b", leave_b);
    leaving("c", leave_c);
    REQUIRE(at.stands(2, 1));
    auto twin = at.send({"c"});
    asio::post(at.node.io.where(), [&] {
        leave_b.emit(asio::cancellation_type::terminal);
        leave_c.emit(asio::cancellation_type::terminal);
    });
    at.node.io.wait([]() -> task<> { co_return; });
    at.open_gate();
    CHECK(first.get().has_value());
    CHECK(twin.get().has_value());
    CHECK(eventually([&] { return gone == 2; }));
    CHECK(at.base.things() == "a c");
    CHECK(at.queue->figures().dropped == 1);
}

TEST_CASE("one more than the queue holds is refused at once")
{
    shop at({.alone = 1, .together = 100, .largest = 32, .queue = 3});
    at.close_gate();
    auto first = at.send({"a"});
    REQUIRE(at.stands(0, 1));
    std::vector<std::future<result<written>>> waiting;
    for (const char* name : {"b", "c", "d"}) waiting.push_back(at.send({name}));
    const auto refused = at.send({"e"}).get();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::overloaded);
    CHECK(refused.error().effect == committed::no);
    auto twin = at.send({"d"});  // needs no place of its own
    at.open_gate();
    CHECK(first.get().has_value());
    for (auto& one : waiting) CHECK(one.get().has_value());
    CHECK(twin.get()->replayed);
    CHECK(at.send({"e"}).get().has_value());
    CHECK(at.queue->figures().refused == 1);
    CHECK(at.base.things() == "a b c d e");
}

TEST_CASE("a stop refuses what waits and what comes, and lets what is on its way end")
{
    shop at({.alone = 1, .together = 100, .largest = 32, .queue = 100});
    at.close_gate();
    auto working = at.send({"a"});
    REQUIRE(at.stands(0, 1));
    auto waiting = at.send({"b"});
    auto twin = at.send({"b"});
    REQUIRE(at.stands(1, 1));
    at.queue->stop();
    for (auto* one : {&waiting, &twin}) {
        const auto got = one->get();
        REQUIRE(got.has_error());
        CHECK(got.error().code == errc::draining);
        CHECK(got.error().effect == committed::no);
    }
    CHECK(at.send({"c"}).get().error().code == errc::draining);
    at.open_gate();
    CHECK(working.get().has_value());
    CHECK(at.stands(0, 0));
    CHECK(at.base.things() == "a");
}

TEST_CASE("a bug in a business that ran alone or together reaches its caller")
{
    shop at({.alone = 1, .together = 4, .largest = 32, .queue = 100});
    CHECK_THROWS_AS((void)at.send({"a", fate::bug}).get(), std::logic_error);
    at.close_gate();
    auto first = at.send({"x"});
    REQUIRE(at.stands(0, 1));
    std::vector<std::future<result<written>>> all;
    for (const char* name : {"b", "c", "d"}) all.push_back(at.send({name}));
    auto bad = at.send({"e", fate::bug});
    at.open_gate();
    for (auto& one : all) CHECK(one.get().has_value());
    CHECK_THROWS_AS((void)bad.get(), std::logic_error);
    CHECK(at.queue->figures().fell_apart == 1);
    CHECK(at.queue->figures().left == 4);
    CHECK(first.get().has_value());
    CHECK(at.base.things() == "b c d x");
}

// How orders end: by time, by payments that fail, by goods and money that go back; and whose they are.
#include "node/orders/testing.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace kieng;
using namespace kieng::orders;
using namespace kieng::orders::testing;

TEST_CASE("an order whose time is over ends by itself, once, and late money is sent back")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto late = s.placed_id(shirt, 2), good = s.placed_id(shirt, 1);
    s.sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '" + late + "'");
    s.sql("UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = '" +
          late + "'");
    s.forget_events();
    // Several nodes sweep at the same time.
    std::vector<std::future<result<int>>> sweeps;
    for (int i = 0; i < 6; ++i)
        sweeps.push_back(s.io.start(
            [&s]() -> task<result<int>> { co_return co_await s.parts->service().expire_due(10); }));
    int ended = 0;
    for (auto& sweep : sweeps) {
        const auto got = sweep.get();
        REQUIRE(got.has_value());
        ended += *got;
    }
    CHECK(ended == 1);
    CHECK(s.status_of(late) == "cancelled");
    CHECK(s.status_of(good) == "pending");
    CHECK(s.stock_of(shirt) == "10/1");
    const auto shown = s.show(late);
    CHECK(shown["reason"] == "reservation_expired");
    CHECK(s.event_types() ==
          std::vector<std::string>{"InventoryUpdatedEvent", "OrderCancelledEvent"});
    CHECK(*s.pay(late, 2000) == payment_effect::too_late);
    CHECK(s.show(late)["paid"] == 0);
    s.check_books();
}

TEST_CASE("money and the end of an order's time at once: one of them wins, and the books are right")
{
    shop s;
    const auto shirt = s.sells(1000, 100);
    for (int i = 0; i < 20; ++i) {
        const auto id = s.placed_id(shirt, 1);
        s.sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '" + id + "'");
        s.sql(
            "UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = '" +
            id + "'");
        auto sweep = s.io.start(
            [&s]() -> task<result<int>> { co_return co_await s.parts->service().expire_due(10); });
        const auto paid = s.pay(id, 1000);
        const auto swept = sweep.get();
        REQUIRE(paid.has_value());
        REQUIRE(swept.has_value());
        const bool won = *paid == payment_effect::confirmed;
        CHECK(s.status_of(id) == (won ? "confirmed" : "cancelled"));
        CHECK(*swept == (won ? 0 : 1));
    }
    s.check_books();
}

TEST_CASE("a failed payment ends a pending order and nothing else")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto fail = [&](const std::string& id) {
        return s.inside([&, id](store::tx& on) -> result<bool> {
            return s.parts->service().payment_failed(on, id, "payment_failed");
        });
    };
    const auto id = s.placed_id(shirt, 2);
    CHECK(*fail(id));
    CHECK(s.status_of(id) == "cancelled");
    CHECK(s.stock_of(shirt) == "10/0");
    CHECK_FALSE(*fail(id));
    const auto other = s.placed_id(shirt, 2);
    CHECK(s.pay(other, 2000).has_value());
    CHECK_FALSE(*fail(other));
    CHECK(s.status_of(other) == "confirmed");
}

TEST_CASE(
    "goods come back line by line, never more than were sold, and are sold again if they are fit")
{
    shop s;
    const auto shirt = s.sells(1000, 10), hat = s.sells(500, 10);
    const auto sold =
        s.sell(s.draft({shop::line(shirt, 3), shop::line(hat, 2)}, payment_method::cash));
    REQUIRE(sold.has_value());
    const std::string id = json::parse(sold->what.body)["orderId"];
    step_input one;
    one.lines = {{1, 1, true}};
    REQUIRE(s.take(step::give_back, id, one).has_value());
    CHECK(s.status_of(id) == "delivered");
    CHECK(s.stock_of(shirt) == "8/0");
    step_input broken;
    broken.lines = {{2, 1, false}};
    REQUIRE(s.take(step::give_back, id, broken).has_value());
    CHECK(s.stock_of(hat) == "8/0");
    step_input more;
    more.lines = {{1, 3, true}};
    const auto refused = s.take(step::give_back, id, more);
    CHECK(refused.error().code == errc::return_too_large);
    CHECK(members_of(refused.error())["items"][0]["returnable"] == 2);
    more.lines = {{3, 1, true}};
    CHECK(s.take(step::give_back, id, more).error().code == errc::return_too_large);
    // The rest, and the money.
    REQUIRE(s.take(step::give_back, id).has_value());
    CHECK(s.status_of(id) == "returned");
    CHECK(s.stock_of(shirt) == "10/0");
    CHECK(s.stock_of(hat) == "9/0");
    CHECK(s.number("SELECT sum(value) FROM order_returns WHERE order_id = '" + id + "'") == 4000);
    step_input part;
    part.amount = 1000;
    REQUIRE(s.take(step::refund, id, part).has_value());
    CHECK(s.show(id)["refundDue"] == 1000);
    part.amount = 3001;
    CHECK(s.take(step::refund, id, part).error().code == errc::refund_too_large);
    REQUIRE(s.take(step::refund, id).has_value());
    CHECK(s.pay_back(id, 1000).has_value());
    CHECK(s.show(id)["paymentStatus"] == "partially_refunded");
    CHECK(s.status_of(id) == "returned");
    CHECK(s.pay_back(id, 3000).has_value());
    CHECK(s.status_of(id) == "refunded");
    // Both are done: there is no way on.
    CHECK(s.take(step::give_back, id).error().code == errc::return_too_large);
    CHECK(s.take(step::refund, id).error().code == errc::invalid_transition);
    s.check_books();
}

TEST_CASE("goods may come back for thirty days")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto sold = s.sell(s.draft({shop::line(shirt, 1)}, payment_method::cash));
    const std::string id = json::parse(sold->what.body)["orderId"];
    s.sql("UPDATE orders SET delivered_at = now() - interval '31 days' WHERE id = '" + id + "'");
    CHECK(s.take(step::give_back, id).error().code == errc::return_window_closed);
    s.sql("UPDATE orders SET delivered_at = now() - interval '29 days' WHERE id = '" + id + "'");
    CHECK(s.take(step::give_back, id).has_value());
}

TEST_CASE("others' orders are not there")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto id = s.placed_id(shirt, 1);
    s.customer = make_uuid(system_clock(), system_random());
    CHECK(s.take(step::cancel, id, {}, false).error().code == errc::not_found);
    const auto look = s.io.wait([&]() -> task<result<store::seen<shown_order>>> {
        viewer who{false, s.customer, ""};
        order_expansion with;
        co_return co_await s.parts->service().find(id, std::move(who), with);
    });
    CHECK(look.error().code == errc::not_found);
    const auto list = [&](viewer who, order_filter what) {
        auto got = s.io.wait([&]() -> task<result<store::seen<std::vector<order>>>> {
            co_return co_await s.parts->service().list(what, who);
        });
        REQUIRE(got.has_value());
        return got->value.size();
    };
    const viewer staff{true, "", ""}, stranger{false, s.customer, ""}, guest{false, "", s.customer};
    CHECK(list(staff, {}) == 1);
    CHECK(list(stranger, {}) == 0);
    CHECK(list(guest, {}) == 0);
    order_filter what;
    what.statuses = {status::pending, status::paid};
    what.from = system_clock().wall() - std::chrono::hours(1);
    what.to = system_clock().wall() + std::chrono::hours(1);
    what.through = channel::online;
    CHECK(list(staff, what) == 1);
    what.to = system_clock().wall() - std::chrono::minutes(30);
    CHECK(list(staff, what) == 0);
}

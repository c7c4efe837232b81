// What happens to orders that exist: each step once, with its effects.
#include "node/orders/testing.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace kieng;
using namespace kieng::orders;
using namespace kieng::orders::testing;

namespace {

// Brings an order to where it can be looked at from, by its own steps where there are such.
void bring(shop& s, const std::string& id, status to)
{
    const std::string where = " WHERE id = '" + id + "'";
    const auto with_goods = [&](const char* function) {
        s.sql(std::string("SELECT count(*) FROM ") + function + "(ARRAY['" + id + "'::uuid], NULL, 'test')");
    };
    switch (to) {
    case status::pending: return;
    case status::created:
    case status::paid:
    case status::failed:
    case status::cancelled: break;
    case status::confirmed:
    case status::processing:
    case status::shipped:
    case status::delivered:
    case status::returned:
    case status::refunded: with_goods("stock_commit"); break;
    }
    s.sql("UPDATE orders SET expires_at = NULL, status = " +
          std::to_string(static_cast<int>(to)) + where);
}

struct books {
    std::string stock;
    std::int64_t history = 0, movements = 0;
};

books look(const shop& s, const goods& of, const std::string& id)
{
    return {s.stock_of(of),
            s.number("SELECT count(*) FROM order_history WHERE order_id = '" + id + "'"),
            s.number("SELECT count(*) FROM stock_movements WHERE ref_id = '" + id + "'")};
}

// What a step leaves of 10 in stock, 3 of them the order's.
std::string expected(status from, status to)
{
    if (to == status::confirmed) return "7/0";
    if (to == status::cancelled || to == status::failed || to == status::returned) return "10/0";
    if (from == status::created || from == status::pending || from == status::paid) return "10/3";
    return "7/0";
}

result<void> step_to(shop& s, const std::string& id, status to)
{
    return s.inside([&, id, to](store::tx& on) -> result<void> {
        auto of = order_store::lock(on, id);
        REQUIRE(of.has_value());
        change what{to, "why", {}, false};
        if (to == status::returned) what.back.push_back({1, 3, true});
        return take_step(on, *of, what, {"", "test"});
    });
}

result<payment_effect> pay(shop& s, const std::string& id, std::int64_t amount)
{
    return s.inside([&, id, amount](store::tx& on) -> result<payment_effect> {
        return s.parts->service().paid(on, id, amount, "");
    });
}

result<void> pay_back(shop& s, const std::string& id, std::int64_t amount)
{
    return s.inside([&, id, amount](store::tx& on) -> result<void> {
        return s.parts->service().refunded(on, id, amount, "");
    });
}

}  // namespace

TEST_CASE("of all 121 pairs only the edges succeed, each with its effects once")
{
    shop s;
    int pairs = 0, taken = 0;
    for (const status from : kStatuses) {
        for (const status to : kStatuses) {
            ++pairs;
            CAPTURE(name_of(from));
            CAPTURE(name_of(to));
            const auto shirt = s.sells(1000, 10);
            const auto id = s.placed_id(shirt, 3, payment_method::cod);
            bring(s, id, from);
            // The money is there where a step asks for it, so that the table alone decides.
            s.sql("UPDATE orders SET paid = total, refunded = CASE WHEN " +
                  std::to_string(static_cast<int>(to)) + " = 11 THEN total ELSE 0 END WHERE id = '" + id + "'");
            const auto before = look(s, shirt, id);
            const auto done = step_to(s, id, to);
            const auto after = look(s, shirt, id);
            if (!may_become(from, to)) {
                REQUIRE(done.has_error());
                CHECK(done.error().code == errc::invalid_transition);
                const auto told = members_of(done.error());
                CHECK(told["from"] == name_of(from));
                CHECK(told["to"] == name_of(to));
                CHECK(told["allowed"].size() == next_of(from).size());
                CHECK(s.status_of(id) == name_of(from));
                CHECK(after.stock == before.stock);
                CHECK(after.history == before.history);
                CHECK(after.movements == before.movements);
                continue;
            }
            ++taken;
            CHECK(done.has_value());
            CHECK(s.status_of(id) == name_of(to));
            CHECK(after.stock == expected(from, to));
            CHECK(after.history == before.history + 1);
            // A second time there is nothing to do, and nothing is done.
            CHECK(step_to(s, id, to).has_error());
            const auto later = look(s, shirt, id);
            CHECK(later.stock == after.stock);
            CHECK(later.movements == after.movements);
            CHECK(later.history == after.history);
        }
    }
    CHECK(pairs == 121);
    CHECK(taken == static_cast<int>(kEdges.size()));
    s.check_books();
}

TEST_CASE("money in full pays and confirms an order at once, and sells its goods")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto id = s.placed_id(shirt, 3);
    s.forget_events();
    const auto part = pay(s, id, 1000);
    CHECK(*part == payment_effect::noted);
    CHECK(s.status_of(id) == "pending");
    CHECK(s.stock_of(shirt) == "10/3");
    s.forget_events();
    CHECK(*pay(s, id, 2000) == payment_effect::confirmed);
    CHECK(s.status_of(id) == "confirmed");
    CHECK(s.stock_of(shirt) == "7/0");
    const auto shown = s.show(id);
    CHECK(shown["paymentStatus"] == "paid");
    CHECK(shown["expiresAt"].is_null());
    CHECK(shown["history"].size() == 4);
    CHECK(s.event_types() == std::vector<std::string>{"OrderUpdatedEvent", "InventoryUpdatedEvent",
                                                      "OrderConfirmedEvent"});
    // Twice the money does not sell twice.
    CHECK(*pay(s, id, 3000) == payment_effect::unchanged);
    CHECK(s.stock_of(shirt) == "7/0");
    CHECK(s.show(id)["paid"] == 3000);
    CHECK(pay(s, make_uuid(system_clock(), system_random()), 1).error().code == errc::not_found);
    s.check_books();
}

TEST_CASE("without money staff confirms only what is delivered on trust")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto transfer = s.placed_id(shirt, 1);
    CHECK(s.take(step::confirm, transfer).error().code == errc::invalid_transition);
    const auto cod = s.placed_id(shirt, 1, payment_method::cod);
    CHECK(s.show(cod)["paymentStatus"] == "cod_pending");
    REQUIRE(s.take(step::confirm, cod).has_value());
    CHECK(s.stock_of(shirt) == "9/1");
    REQUIRE(s.take(step::process, cod).has_value());
    step_input parcel;
    parcel.carrier = "GHN";
    parcel.tracking_number = "A1";
    s.forget_events();
    REQUIRE(s.take(step::ship, cod, parcel).has_value());
    CHECK(s.event_types() == std::vector<std::string>{"OrderUpdatedEvent", "ShipmentUpdated"});
    CHECK(s.sql("SELECT tracking_number FROM shipments WHERE order_id = '" + cod + "'") == "A1");
    REQUIRE(s.take(step::deliver, cod).has_value());
    CHECK(s.show(cod)["fulfillmentStatus"] == "delivered");
    // The carrier brings the money.
    CHECK(*pay(s, cod, 1000) == payment_effect::noted);
    CHECK(s.show(cod)["paymentStatus"] == "paid");
    CHECK(s.status_of(cod) == "delivered");
}

TEST_CASE("a customer cancels while nothing has been paid, the shop until goods are handed over")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto mine = s.placed_id(shirt, 2);
    step_input stale;
    stale.row_version = 9;
    const auto other = s.take(step::cancel, mine, stale, false);
    CHECK(other.error().code == errc::version_conflict);
    CHECK(members_of(other.error())["currentVersion"] == 1);
    s.forget_events();
    const auto done = s.take(step::cancel, mine, {}, false);
    REQUIRE(done.has_value());
    CHECK(json::parse(done->what.body)["reason"] == "cancelled_by_customer");
    CHECK(s.stock_of(shirt) == "10/0");
    CHECK(s.event_types() == std::vector<std::string>{"InventoryUpdatedEvent", "OrderCancelledEvent"});
    CHECK(s.take(step::cancel, mine, {}, false).error().code == errc::invalid_transition);

    const auto paid = s.placed_id(shirt, 2);
    CHECK(*pay(s, paid, 2000) == payment_effect::confirmed);
    CHECK(s.take(step::cancel, paid, {}, false).error().code == errc::forbidden);
    s.forget_events();
    REQUIRE(s.take(step::cancel, paid).has_value());
    CHECK(s.stock_of(shirt) == "10/0");
    const auto shown = s.show(paid);
    CHECK(shown["refundDue"] == 2000);
    CHECK(s.event_types() == std::vector<std::string>{"InventoryUpdatedEvent", "OrderCancelledEvent",
                                                      "OrderRefundRequestedEvent"});
    CHECK(pay_back(s, paid, 2000).has_value());
    CHECK(s.show(paid)["paymentStatus"] == "refunded");
    CHECK(s.show(paid)["refundDue"] == 0);
    CHECK(s.status_of(paid) == "cancelled");
    CHECK(pay_back(s, paid, 1).error().code == errc::refund_too_large);
    s.check_books();
}

TEST_CASE("an order whose time is over ends by itself, once, and late money is sent back")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    const auto late = s.placed_id(shirt, 2), good = s.placed_id(shirt, 1);
    s.sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '" + late + "'");
    s.sql("UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = '" + late + "'");
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
    CHECK(s.event_types() == std::vector<std::string>{"InventoryUpdatedEvent", "OrderCancelledEvent"});
    CHECK(*pay(s, late, 2000) == payment_effect::too_late);
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
        s.sql("UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = '" + id + "'");
        auto sweep = s.io.start(
            [&s]() -> task<result<int>> { co_return co_await s.parts->service().expire_due(10); });
        const auto paid = pay(s, id, 1000);
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
    CHECK(pay(s, other, 2000).has_value());
    CHECK_FALSE(*fail(other));
    CHECK(s.status_of(other) == "confirmed");
}

TEST_CASE("goods come back line by line, never more than were sold, and are sold again if they are fit")
{
    shop s;
    const auto shirt = s.sells(1000, 10), hat = s.sells(500, 10);
    const auto sold = s.sell(s.draft({shop::line(shirt, 3), shop::line(hat, 2)}, payment_method::cash));
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
    CHECK(members_of(refused.error())["returnable"] == 2);
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
    CHECK(pay_back(s, id, 1000).has_value());
    CHECK(s.show(id)["paymentStatus"] == "partially_refunded");
    CHECK(s.status_of(id) == "returned");
    CHECK(pay_back(s, id, 3000).has_value());
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

// What happens to orders that exist: each step once, with its effects.
#include "node/orders/testing.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::orders;
using namespace kieng::orders::testing;

namespace {

// Brings an order to where it can be looked at from, by its own steps where there are such.
void bring(shop& s, const std::string& id, status to)
{
    const std::string where = " WHERE id = '" + id + "'";
    const auto with_goods = [&](const char* function) {
        s.sql(std::string("SELECT count(*) FROM ") + function + "(ARRAY['" + id +
              "'::uuid], NULL, 'test')");
    };
    switch (to) {
    case status::pending: return;
    case status::created: s.sql("UPDATE orders SET status = 1" + where); return;
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
    s.sql("UPDATE orders SET expires_at = NULL, status = " + std::to_string(static_cast<int>(to)) +
          where);
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
                  std::to_string(static_cast<int>(to)) +
                  " = 11 THEN total ELSE 0 END WHERE id = '" + id + "'");
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
    const auto part = s.pay(id, 1000);
    CHECK(*part == payment_effect::noted);
    CHECK(s.status_of(id) == "pending");
    CHECK(s.stock_of(shirt) == "10/3");
    s.forget_events();
    CHECK(*s.pay(id, 2000) == payment_effect::confirmed);
    CHECK(s.status_of(id) == "confirmed");
    CHECK(s.stock_of(shirt) == "7/0");
    const auto shown = s.show(id);
    CHECK(shown["paymentStatus"] == "paid");
    CHECK(shown["expiresAt"].is_null());
    CHECK(shown["history"].size() == 4);
    CHECK(s.event_types() == std::vector<std::string>{"OrderUpdatedEvent", "InventoryUpdatedEvent",
                                                      "OrderConfirmedEvent"});
    // Twice the money does not sell twice.
    CHECK(*s.pay(id, 3000) == payment_effect::unchanged);
    CHECK(s.stock_of(shirt) == "7/0");
    CHECK(s.show(id)["paid"] == 3000);
    CHECK(s.pay(make_uuid(system_clock(), system_random()), 1).error().code == errc::not_found);
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
    CHECK(*s.pay(cod, 1000) == payment_effect::noted);
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
    CHECK(s.event_types() ==
          std::vector<std::string>{"InventoryUpdatedEvent", "OrderCancelledEvent"});
    CHECK(s.take(step::cancel, mine, {}, false).error().code == errc::invalid_transition);

    const auto paid = s.placed_id(shirt, 2);
    CHECK(*s.pay(paid, 2000) == payment_effect::confirmed);
    CHECK(s.take(step::cancel, paid, {}, false).error().code == errc::forbidden);
    s.forget_events();
    REQUIRE(s.take(step::cancel, paid).has_value());
    CHECK(s.stock_of(shirt) == "10/0");
    const auto shown = s.show(paid);
    CHECK(shown["refundDue"] == 2000);
    CHECK(s.event_types() == std::vector<std::string>{"InventoryUpdatedEvent",
                                                      "OrderCancelledEvent",
                                                      "OrderRefundRequestedEvent"});
    CHECK(s.pay_back(paid, 2000).has_value());
    CHECK(s.show(paid)["paymentStatus"] == "refunded");
    CHECK(s.show(paid)["refundDue"] == 0);
    CHECK(s.status_of(paid) == "cancelled");
    CHECK(s.pay_back(paid, 1).error().code == errc::refund_too_large);
    s.check_books();
}

// Sales at the counter: finished at once, and written down even when the book says otherwise.
#include "node/orders/testing.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::orders;
using namespace kieng::orders::testing;

TEST_CASE("a counter sale is finished at once, with every step in its history")
{
    shop s;
    const auto shirt = s.sells(250'000, 12);
    auto draft = s.draft({shop::line(shirt, 2)}, payment_method::cash);
    draft.what.payments = {{payment_method::cash, 500'000, 600'000}};
    const auto sold = s.sell(draft);
    REQUIRE(sold.has_value());
    CHECK(sold->what.status == 201);
    const auto body = json::parse(sold->what.body);
    CHECK(body["status"] == "delivered");
    CHECK(body["change"] == 100'000);
    CHECK(body["order"]["paymentStatus"] == "paid");
    CHECK(s.stock_of(shirt) == "10/0");
    const auto shown = s.show(body["orderId"]);
    std::vector<std::string> steps;
    for (const auto& one : shown["history"]) steps.push_back(one["to"]);
    CHECK(steps == std::vector<std::string>{"created", "pending", "paid", "confirmed", "processing",
                                            "delivered"});
    CHECK(shown["channel"] == "pos");
    CHECK(shown["paid"] == 500'000);
    CHECK_FALSE(shown["deliveredAt"].is_null());
    CHECK(s.event_types() == std::vector<std::string>{"OrderPlacedEvent", "OrderConfirmedEvent",
                                                      "InventoryUpdatedEvent", "LowStock"});
    s.check_books();
    const auto again = s.sell(draft);
    CHECK(again->replayed);
    CHECK(again->what.body == sold->what.body);
}

TEST_CASE("what is paid at the counter is the total, to the last unit")
{
    shop s;
    const auto shirt = s.sells(250'000);
    auto draft = s.draft({shop::line(shirt, 1)}, payment_method::cash);
    draft.what.payments = {{payment_method::cash, 100'000, {}},
                           {payment_method::card, 149'999, {}}};
    CHECK(s.sell(draft).error().code == errc::validation_failed);
    draft.what.payments[1].amount = 150'001;
    CHECK(s.sell(draft).error().code == errc::validation_failed);
    draft.what.payments[1].amount = 150'000;
    CHECK(s.sell(draft).has_value());
    CHECK(s.number("SELECT count(*) FROM orders") == 1);
    s.check_books();
}

TEST_CASE("payments write a sale down in its transaction, and may refuse it")
{
    shop s;
    const auto shirt = s.sells(1000, 10);
    std::vector<counter_sale> told;
    bool open = false;
    s.parts->service().set_payments(
        {[&](store::tx&, const counter_sale& sale) -> result<std::string> {
             if (!open) return failure(errc::no_open_session);
             told.push_back(sale);
             return std::string(R"([{"id":"p1"}])");
         },
         [](store::tx&, const std::string&) { return std::string("[]"); }});
    const auto draft = s.draft({shop::line(shirt, 3)}, payment_method::cash);
    CHECK(s.sell(draft).error().code == errc::no_open_session);
    CHECK(s.stock_of(shirt) == "10/0");
    open = true;
    const auto sold = s.sell(draft);
    REQUIRE(sold.has_value());
    CHECK(json::parse(sold->what.body)["payments"][0]["id"] == "p1");
    REQUIRE(told.size() == 1);
    CHECK(told[0].total == 3000);
    CHECK(told[0].payments.at(0).amount == 3000);
    CHECK(told[0].cashier == s.customer);
}

TEST_CASE("a cashier sells what lies there though the book says no: the book is put right first")
{
    shop s;
    const auto shirt = s.sells(1000, 1);
    auto draft = s.draft({shop::line(shirt, 3)}, payment_method::cash);
    CHECK(s.sell(draft).error().code == errc::insufficient_stock);
    draft.beyond_stock = true;
    REQUIRE(s.sell(draft).has_value());
    CHECK(s.stock_of(shirt) == "0/0");
    CHECK(
        s.number(
            "SELECT sum(qty_delta) FROM stock_movements WHERE kind = 7 AND reason = 'miscount'") ==
        2);
    CHECK(s.number("SELECT sum(qty_delta) FROM stock_movements WHERE kind = 4") == -3);
    // Never counted at all.
    const auto unknown = s.sells(1000, 0);
    auto other = s.draft({shop::line(unknown, 2)}, payment_method::cash);
    other.beyond_stock = true;
    REQUIRE(s.sell(other).has_value());
    CHECK(s.stock_of(unknown) == "0/0");
    s.check_books();
}

TEST_CASE("what a till sold without a connection keeps the price that was paid")
{
    shop s;
    const auto shirt = s.sells(250'000, 10);
    auto draft = s.draft({shop::line(shirt, 1)}, payment_method::cash);
    draft.what.lines[0].expected_price = 200'000;
    CHECK(s.sell(draft).error().code == errc::price_changed);
    draft.what.offline = true;
    draft.what.sold_at = system_clock().wall();
    s.sql("UPDATE products SET status = 3 WHERE id = '" + shirt.product_id + "'");
    const auto sold = s.sell(draft);
    REQUIRE(sold.has_value());
    const auto order = json::parse(sold->what.body)["order"];
    CHECK(order["total"] == 200'000);
    CHECK(order["items"][0]["offlinePrice"] == true);
    CHECK_FALSE(order["soldAt"].is_null());
    auto same = s.draft({shop::line(shirt, 1)}, payment_method::cash);
    same.what.offline = true;
    CHECK(json::parse(s.sell(same)->what.body)["order"]["items"][0]["offlinePrice"] == false);
}

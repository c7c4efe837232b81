// Taking orders: prices, goods, repeats, and many at once.
#include "node/orders/testing.hpp"

#include <doctest/doctest.h>

#include <future>
#include <map>
#include <set>

using namespace kieng;
using namespace kieng::orders;
using namespace kieng::orders::testing;

TEST_CASE("an order holds its goods, and says what it will cost")
{
    shop s;
    const auto shirt = s.sells(250'000, 12), hat = s.sells(99'000, 3);
    auto draft = s.draft({shop::line(shirt, 2), shop::line(hat, 1)});
    draft.what.note = "gọi trước";
    const auto body = s.placed(draft);
    const std::string id = body["orderId"];
    CHECK(body["status"] == "pending");
    CHECK(body["statusUrl"] == "/orders/" + id + "/status");
    CHECK(body["order"]["total"] == 599'000);
    CHECK(body["order"]["items"].size() == 2);
    CHECK(body["order"]["items"][0]["sku"] == "SKU-1");
    CHECK(body["number"].get<std::string>().substr(0, 3) == "DH-");
    CHECK(s.stock_of(shirt) == "12/2");
    CHECK(s.stock_of(hat) == "3/1");
    auto shown = s.show(id);
    CHECK(shown["history"].size() == 2);
    CHECK(shown["history"][1]["to"] == "pending");
    CHECK(shown["history"][1]["actor"] == s.customer);
    CHECK(shown["items"][0]["product"]["price"] == 250'000);
    CHECK(shown["total"] == body["order"]["total"]);
    CHECK(shown["expiresAt"] == body["order"]["expiresAt"]);
    s.check_books();
    const auto events = s.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0].type == "OrderPlacedEvent");
    const auto data = json::parse(events[0].data);
    CHECK(data["topic"] == "orders");
    CHECK(data["orderId"] == id);
    CHECK(data["userId"] == s.customer);
    CHECK(data["totalAmount"] == 599'000);
    CHECK(data["items"][0]["quantity"] == 2);
    CHECK(data["items"][0]["price"] == 250'000);
    CHECK(std::count(events[0].tags.begin(), events[0].tags.end(), "stock:" + hat.variant_id) == 1);
    // The shirts fell to ten; the hats were below before.
    CHECK(events[1].type == "LowStock");
    CHECK(json::parse(events[1].data)["available"] == 10);
}

TEST_CASE("numbers name the business day and are never given twice")
{
    shop s;
    const auto shirt = s.sells(1000);
    std::set<std::string> numbers;
    for (int i = 0; i < 5; ++i)
        numbers.insert(s.placed(s.draft({shop::line(shirt, 1)}))["number"].get<std::string>());
    CHECK(numbers.size() == 5);
    const auto today = s.sql("SELECT to_char(shop_today(), 'YYMMDD')");
    for (const auto& number : numbers) {
        CHECK(number.size() == 16);
        CHECK(number.substr(0, 10) == "DH-" + today + "-");
    }
}

TEST_CASE("a price that is no longer the product's refuses the whole order, with the present one")
{
    shop s;
    auto phone = s.sells(25'000'000, 5);
    const auto hat = s.sells(99'000, 5);
    auto cheap = shop::line(phone, 1);
    cheap.expected_price = 1'000;
    const auto refused = s.place(s.draft({shop::line(hat, 1), cheap}));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::price_changed);
    const auto items = members_of(refused.error())["items"];
    REQUIRE(items.size() == 1);
    CHECK(items[0]["productId"] == phone.product_id);
    CHECK(items[0]["expectedPrice"] == 1'000);
    CHECK(items[0]["currentPrice"] == 25'000'000);
    CHECK(items[0]["priceVersion"] == 1);
    CHECK(items[0]["currentPriceVersion"] == 1);
    // The same price of an older version is another price: it came back to it.
    auto old = shop::line(phone, 1);
    s.sql("UPDATE products SET price_version = 3 WHERE id = '" + phone.product_id + "'");
    CHECK(s.place(s.draft({old})).error().code == errc::price_changed);
    CHECK(s.number("SELECT count(*) FROM orders") == 0);
    CHECK(s.number("SELECT count(*) FROM reservations") == 0);
    CHECK(s.stock_of(hat) == "5/0");
    CHECK(s.events().empty());
    // The key is free: the same one is good with the new price.
    auto again = s.draft({old});
    CHECK(s.place(again).has_error());
    again.what.lines[0].price_version = 3;
    CHECK(s.place(again).has_value());
}

TEST_CASE("what is unknown, archived or not yet published is unavailable")
{
    shop s;
    const auto shirt = s.sells(1000), other = s.sells(1000);
    const auto refusal = [&](wanted_line line) {
        const auto got = s.place(s.draft({std::move(line)}));
        REQUIRE(got.has_error());
        return got.error().code;
    };
    auto unknown = shop::line(shirt, 1);
    unknown.product_id = make_uuid(system_clock(), system_random());
    CHECK(refusal(unknown) == errc::product_unavailable);
    auto crossed = shop::line(shirt, 1);
    crossed.variant_id = other.variant_id;
    CHECK(refusal(crossed) == errc::product_unavailable);
    s.sql("UPDATE products SET status = 3 WHERE id = '" + shirt.product_id + "'");
    CHECK(refusal(shop::line(shirt, 1)) == errc::product_unavailable);
    s.sql("UPDATE products SET status = 2, published_at = now() + interval '1 hour' WHERE id = '" +
          shirt.product_id + "'");
    CHECK(refusal(shop::line(shirt, 1)) == errc::product_unavailable);
    const auto got = s.place(s.draft({shop::line(other, 1), crossed}));
    CHECK(members_of(got.error())["items"][0]["line"] == 2);
}

TEST_CASE("two lines of one variant that together exceed the stock are refused")
{
    shop s;
    const auto shirt = s.sells(1000, 5);
    auto by_variant = shop::line(shirt, 3);
    by_variant.variant_id = shirt.variant_id;
    const auto refused = s.place(s.draft({shop::line(shirt, 3), by_variant}));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::insufficient_stock);
    const auto items = members_of(refused.error())["items"];
    REQUIRE(items.size() == 1);
    CHECK(items[0]["requested"] == 6);
    CHECK(items[0]["available"] == 5);
    CHECK(s.stock_of(shirt) == "5/0");
    CHECK(s.place(s.draft({shop::line(shirt, 3), shop::line(shirt, 2)})).has_value());
    CHECK(s.stock_of(shirt) == "5/5");
    s.check_books();
}

TEST_CASE("an order with one short line holds nothing of the others")
{
    shop s;
    const auto shirt = s.sells(1000, 5), nothing = s.sells(1000, 0);
    const auto refused = s.place(s.draft({shop::line(shirt, 1), shop::line(nothing, 1)}));
    CHECK(refused.error().code == errc::insufficient_stock);
    CHECK(members_of(refused.error())["items"][0]["available"] == 0);
    CHECK(s.stock_of(shirt) == "5/0");
    CHECK(s.number("SELECT count(*) FROM orders") == 0);
}

TEST_CASE("totals are exact, or refused")
{
    shop s;
    const auto phone = s.sells(25'000'000);
    CHECK(s.placed(s.draft({shop::line(phone, 5)}))["order"]["total"] == 125'000'000);
    const auto treasure = s.sells(9'000'000'000'000'000), penny = s.sells(1);
    CHECK(s.placed(s.draft({shop::line(treasure, 1)}))["order"]["total"] == 9'000'000'000'000'000);
    CHECK(s.place(s.draft({shop::line(treasure, 1), shop::line(penny, 1)})).error().code ==
          errc::money_overflow);
    CHECK(s.place(s.draft({shop::line(treasure, 1'000)})).error().code == errc::money_overflow);
    const auto dollars = s.sells(1999, kPlenty, "USD");
    const auto order = s.placed(s.draft({shop::line(dollars, 3)}))["order"];
    CHECK(order["total"] == 5997);
    CHECK(order["currency"] == "USD");
    CHECK(s.place(s.draft({shop::line(dollars, 1), shop::line(penny, 1)})).error().code ==
          errc::currency_mixed);
}

TEST_CASE("the same order again gives the same answer, and another with its key none")
{
    shop s;
    const auto shirt = s.sells(1000, 5);
    const auto draft = s.draft({shop::line(shirt, 1)});
    const auto first = s.place(draft), again = s.place(draft);
    REQUIRE(first.has_value());
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->what.body == first->what.body);
    CHECK(again->pos == first->pos);
    // The ledger forgets after a day; the order does not.
    s.sql("DELETE FROM requests");
    auto later = draft;
    later.id = make_uuid(system_clock(), system_random());
    const auto found = s.place(later);
    REQUIRE(found.has_value());
    CHECK(json::parse(found->what.body)["orderId"] == json::parse(first->what.body)["orderId"]);
    CHECK(found->what.status == 202);
    s.sql("DELETE FROM requests");
    later.request_hash = 8;
    CHECK(s.place(later).error().code == errc::idempotency_key_reused);
    CHECK(s.stock_of(shirt) == "5/1");
    CHECK(s.number("SELECT count(*) FROM orders") == 1);
}

TEST_CASE("orders of one batch do not harm each other, and the first gets what there is")
{
    shop s;
    const auto shirt = s.sells(1000, 3), phone = s.sells(5000, 1);
    auto wrong = s.draft({shop::line(shirt, 1)});
    wrong.what.lines[0].expected_price = 1;
    const auto greedy = s.draft({shop::line(shirt, 4)});
    const auto a = s.draft({shop::line(shirt, 2), shop::line(phone, 1)});
    const auto b = s.draft({shop::line(phone, 1)});
    const auto c = s.draft({shop::line(shirt, 1)});
    auto got = s.inside([&](store::tx& on) -> result<std::vector<placing_outcome>> {
        const std::vector<const order_draft*> all{&wrong, &greedy, &a, &b, &c};
        return kieng::orders::place(on, all, "test");
    });
    REQUIRE(got.has_value());
    REQUIRE(got->size() == 5);
    CHECK(std::get<failure>((*got)[0]).code == errc::price_changed);
    CHECK(std::get<failure>((*got)[1]).code == errc::insufficient_stock);
    CHECK(std::get<placed_order>((*got)[2]).what.total == 7000);
    const auto& short_one = std::get<failure>((*got)[3]);
    CHECK(short_one.code == errc::insufficient_stock);
    CHECK(members_of(short_one)["items"][0]["available"] == 0);
    CHECK(std::get<placed_order>((*got)[4]).what.id == c.id);
    CHECK(s.stock_of(shirt) == "3/3");
    CHECK(s.number("SELECT count(*) FROM orders") == 2);
    s.check_books();
}

TEST_CASE("of 64 buyers of the last unit exactly one gets it")
{
    shop s;
    const auto shirt = s.sells(1000, 1);
    std::vector<order_draft> drafts;
    for (int i = 0; i < 64; ++i) drafts.push_back(s.draft({shop::line(shirt, 1)}));
    std::vector<std::future<result<store::written>>> answers;
    for (const auto& one : drafts) {
        answers.push_back(s.io.start([&s, &one]() -> task<result<store::written>> {
            auto key = shop::key_of(one);
            co_return co_await s.parts->service().place(std::move(key), one);
        }));
    }
    std::map<std::string, int> ends;
    for (auto& answer : answers) {
        const auto got = answer.get();
        ++ends[got.has_value() ? "taken" : std::string(name_of(got.error().code))];
    }
    CHECK(ends == std::map<std::string, int>{{"taken", 1}, {"insufficient_stock", 63}});
    CHECK(s.stock_of(shirt) == "1/1");
    CHECK(s.number("SELECT count(*) FROM orders") == 1);
    s.check_books();
}

TEST_CASE("many orders over a few hot products leave the books right, and none is lost")
{
    shop s;
    std::vector<goods> hot;
    for (int i = 0; i < 5; ++i) hot.push_back(s.sells(1000 + i, 60));
    std::vector<order_draft> drafts;
    for (int i = 0; i < 300; ++i) {
        std::vector<wanted_line> lines;
        for (int l = 0; l < 3; ++l)
            lines.push_back(shop::line(hot[system_random().below(hot.size())],
                                       1 + static_cast<std::int64_t>(system_random().below(2))));
        drafts.push_back(s.draft(std::move(lines)));
    }
    std::vector<std::future<result<store::written>>> answers;
    for (const auto& one : drafts) {
        answers.push_back(s.io.start([&s, &one]() -> task<result<store::written>> {
            auto key = shop::key_of(one);
            co_return co_await s.parts->service().place(std::move(key), one);
        }));
    }
    int taken = 0;
    for (auto& answer : answers) {
        const auto got = answer.get();
        if (got.has_value())
            ++taken;
        else
            CHECK(got.error().code == errc::insufficient_stock);
    }
    CHECK(taken > 0);
    CHECK(s.number("SELECT count(*) FROM orders") == taken);
    CHECK(
        s.number(
            "SELECT count(*) FROM (SELECT variant_id, sum(quantity) AS n FROM order_lines GROUP BY 1) l "
            "JOIN stock s USING (variant_id) WHERE s.reserved <> l.n") == 0);
    CHECK(
        s.number(
            "SELECT count(*) FROM orders o WHERE total <> (SELECT sum(unit_price * quantity) FROM order_lines WHERE order_id = o.id)") ==
        0);
    s.check_books();
}

TEST_CASE("what nobody counts is sold without end, and a backorder beyond the book")
{
    shop s;
    const auto service = s.sells(1000, 1), ordered = s.sells(1000, 1);
    s.sql("UPDATE stock SET track_inventory = false WHERE variant_id = '" + service.variant_id +
          "'");
    s.sql("UPDATE stock SET backorder = true WHERE variant_id = '" + ordered.variant_id + "'");
    CHECK(s.place(s.draft({shop::line(service, 500), shop::line(ordered, 3)})).has_value());
    CHECK(s.stock_of(service) == "1/0");
    CHECK(s.stock_of(ordered) == "1/3");
}

#include "node/inventory/testing.hpp"

#include <algorithm>

using namespace kieng;
using namespace kieng::inventory;
using kieng::inventory::testing::json;
using kieng::inventory::testing::shop;
using texts = std::vector<std::string>;

namespace {

catalog::page<stock_line> levels(shop& at, const stock_query& query)
{
    auto got = at.io.wait([&]() -> task<result<inventory_service::seen_page<stock_line>>> {
        return at.stock.levels(query);
    });
    REQUIRE(got.has_value());
    return std::move(got->value);
}

texts names(const catalog::page<stock_line>& of)
{
    texts out;
    for (const auto& item : of.items) out.push_back(item.what.name);
    return out;
}

catalog::page<movement> movements(shop& at, const movement_query& query)
{
    auto got = at.io.wait([&]() -> task<result<inventory_service::seen_page<movement>>> {
        return at.stock.movements(query);
    });
    REQUIRE(got.has_value());
    return std::move(got->value);
}

catalog::page<reservation> reservations(shop& at, const reservation_query& query)
{
    auto got = at.io.wait([&]() -> task<result<inventory_service::seen_page<reservation>>> {
        return at.stock.reservations(query);
    });
    REQUIRE(got.has_value());
    return std::move(got->value);
}

catalog::page<document> documents(shop& at, const document_query& query)
{
    auto got = at.io.wait([&]() -> task<result<store::seen<catalog::page<document>>>> {
        return at.documents.list(query);
    });
    REQUIRE(got.has_value());
    return std::move(got->value);
}

std::string second_place(shop& at)
{
    location_change wanted;
    wanted.name = "Kho";
    const auto made = at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.create({}, shop::key(), wanted);
    });
    REQUIRE(made.has_value());
    return json::parse(made->what.body)["id"].get<std::string>();
}

}  // namespace

TEST_CASE("all goods are listed, the newest first, with zeros where nothing ever lay")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk"), rice = at.goods("rice");
    at.received(tea, 20);
    at.received(milk, 4);
    const auto all = levels(at, {});
    CHECK(names(all) == texts{"rice", "milk", "tea"});
    CHECK(all.items[0].level() == "out");
    CHECK(all.items[1].level() == "low");
    CHECK(all.items[2].level() == "enough");
    CHECK(!all.items[0].location_id.empty());
    stock_query query;
    query.variant_id = tea;
    CHECK(names(levels(at, query)) == texts{"tea"});
    query = {};
    query.product_id = at.product_of(milk);
    CHECK(names(levels(at, query)) == texts{"milk"});
    query = {};
    query.q = "RIC";
    CHECK(names(levels(at, query)) == texts{"rice"});
    query.q = "?!";
    CHECK(levels(at, query).items.empty());
    query = {};
    query.at_least = shortness::low;
    CHECK(names(levels(at, query)) == texts{"milk"});
    query.at_least = shortness::out;
    CHECK(levels(at, query).items.empty());
    REQUIRE(at.hold(shop::id(), milk, 4).empty());
    CHECK(names(levels(at, query)) == texts{"milk"});
    REQUIRE(at.rules(milk, R"({"version":1,"trackInventory":false})").has_value());
    CHECK(levels(at, query).items.empty());
}

TEST_CASE("pages of stock follow each other over goods and places")
{
    shop at;
    const auto kho = second_place(at);
    texts expected;
    for (int i = 0; i < 5; ++i) {
        const auto one = at.goods("p" + std::to_string(i));
        at.received(one, 1);
        at.posted(document_kind::receipt, R"({"locationId":")" + kho +
                                              R"(","lines":[{"variantId":")" + one +
                                              R"(","quantity":2}]})");
        for (int n = 0; n < 2; ++n) expected.insert(expected.begin(), "p" + std::to_string(i));
    }
    texts seen;
    stock_query query;
    query.limit = 3;
    while (true) {
        const auto page = levels(at, query);
        for (const auto& name : names(page)) seen.push_back(name);
        if (!page.next) break;
        query.after_variant = page.items.back().what.variant_id;
        query.after_location = page.items.back().location_id;
    }
    CHECK(seen == expected);
    query = {};
    query.location_id = kho;
    const auto there = levels(at, query);
    CHECK(there.items.size() == 5);
    CHECK(std::all_of(there.items.begin(), there.items.end(), [&](const stock_line& one) {
        return one.location_id == kho && one.quantity == 2;
    }));
}

TEST_CASE("movements are told newest first, of goods, of a place, of a kind, of a time")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk");
    at.received(tea, 10);
    at.received(milk, 10);
    at.posted(document_kind::destruction, shop::line(tea, 1));
    const auto order = shop::id();
    REQUIRE(at.hold(order, tea, 2).empty());
    const auto all = movements(at, {});
    REQUIRE(all.items.size() == 4);
    CHECK(all.items[0].kind == movement_kind::reserve);
    CHECK(all.items[0].order_id == order);
    CHECK(all.items[0].reserved_delta == 2);
    CHECK(all.items[1].document_id.has_value());
    CHECK(all.items[3].what.sku == "tea");
    movement_query query;
    query.variant_id = milk;
    CHECK(movements(at, query).items.size() == 1);
    query = {};
    query.product_id = at.product_of(tea);
    CHECK(movements(at, query).items.size() == 3);
    query.kind = movement_kind::destroy;
    CHECK(movements(at, query).items.size() == 1);
    query = {};
    query.location_id = all.items[0].location_id;
    CHECK(movements(at, query).items.size() == 4);
    query.location_id = shop::id();
    CHECK(movements(at, query).items.empty());
    query = {};
    query.from = all.items[1].at;
    CHECK(movements(at, query).items.size() == 2);
    query = {};
    query.to = all.items[1].at;
    CHECK(movements(at, query).items.size() == 2);
    query = {};
    query.limit = 3;
    const auto first = movements(at, query);
    REQUIRE(first.next.has_value());
    query.before_at = first.items.back().at;
    query.before_id = first.items.back().id;
    const auto rest = movements(at, query);
    REQUIRE(rest.items.size() == 1);
    CHECK(rest.items[0].id == all.items[3].id);
}

TEST_CASE("held goods are told by when they end, an order's whatever became of them")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk");
    at.received(tea, 10);
    at.received(milk, 10);
    const auto late = shop::id(), soon = shop::id(), sold = shop::id();
    REQUIRE(at.hold(late, tea, 1, "now() + interval '2 hours'").empty());
    REQUIRE(at.hold(soon, milk, 2, "now() + interval '1 hour'").empty());
    REQUIRE(at.hold(sold, tea, 3, "NULL").empty());
    const auto held = reservations(at, {});
    REQUIRE(held.items.size() == 2);
    CHECK(held.items[0].order_id == soon);
    CHECK(held.items[1].order_id == late);
    reservation_query query;
    query.variant_id = tea;
    CHECK(reservations(at, query).items.size() == 1);
    query = {};
    query.order_id = sold;
    const auto gone = reservations(at, query);
    REQUIRE(gone.items.size() == 1);
    CHECK(gone.items[0].state == reservation_state::committed);
    CHECK(!gone.items[0].expires_at);
    query = {};
    query.limit = 1;
    const auto first = reservations(at, query);
    REQUIRE(first.next.has_value());
    query.after_time = first.items[0].expires_at;
    query.after_order = first.items[0].order_id;
    query.after_variant = first.items[0].what.variant_id;
    CHECK(reservations(at, query).items.at(0).order_id == late);
}

TEST_CASE("papers are found by kind, number, state, place and day")
{
    shop at;
    const auto tea = at.goods("tea");
    const auto receipt = at.received(tea, 10);
    const auto broken = at.posted(document_kind::destruction, shop::line(tea, 1));
    const auto count = at.posted(document_kind::count, "{}");
    const auto ids = [&](const document_query& query) {
        texts out;
        for (const auto& one : documents(at, query).items) out.push_back(one.id);
        return out;
    };
    const auto id_of = [](const json& of) { return of["id"].get<std::string>(); };
    CHECK(ids({}) == texts{id_of(count), id_of(broken), id_of(receipt)});
    document_query query;
    query.kind = document_kind::destruction;
    CHECK(ids(query) == texts{id_of(broken)});
    query = {};
    query.number = receipt["number"].get<std::string>();
    CHECK(ids(query) == texts{id_of(receipt)});
    query = {};
    query.status = document_status::open;
    CHECK(ids(query) == texts{id_of(count)});
    query = {};
    query.location_id = shop::id();
    CHECK(ids(query).empty());
    query = {};
    query.from = system_clock().wall() + std::chrono::hours(1);
    CHECK(ids(query).empty());
    query = {};
    query.to = system_clock().wall() + std::chrono::hours(1);
    query.limit = 2;
    const auto page = documents(at, query);
    REQUIRE(page.next.has_value());
    query.before = page.items.back().id;
    CHECK(ids(query) == texts{id_of(receipt)});
}

TEST_CASE("what is about to expire is told, the first to go first")
{
    shop at;
    const auto milk = at.goods("milk");
    REQUIRE(at.rules(milk, R"({"version":1,"lotTracked":true})").has_value());
    for (const auto* lot : {"B", "A"})
        at.posted(document_kind::receipt,
                  shop::line(milk, 2,
                             R"(,"lot":")" + std::string(lot) + R"(","expiresOn":"2099-01-01")"));
    at.database.sql(
        "UPDATE stock_lots SET expires_on = shop_today() + CASE code WHEN 'A' THEN 3 ELSE 9 END");
    const auto within = [&](int days) {
        lot_query query;
        query.days = days;
        auto got = at.io.wait([&]() -> task<result<inventory_service::seen_page<expiring_lot>>> {
            return at.stock.expiring(query);
        });
        REQUIRE(got.has_value());
        texts out;
        for (const auto& one : got->value.items) out.push_back(one.lot.code);
        return out;
    };
    CHECK(within(2).empty());
    CHECK(within(3) == texts{"A"});
    CHECK(within(30) == texts{"A", "B"});
}

TEST_CASE("a word that many goods answer to pages through all of them")
{
    shop at;
    at.database.sql(
        "WITH p AS (INSERT INTO products (id, status, price, variant_count, currency, sku, slug, name) "
        "SELECT gen_random_uuid(), 2, 1, 1, 'VND', 'm' || i, 'm' || i, 'Áo ' || i FROM generate_series(1, 1050) i RETURNING id, sku) "
        "INSERT INTO variants (id, product_id, position, sku) SELECT gen_random_uuid(), id, 0, sku FROM p");
    at.goods("rice");
    stock_query query;
    query.q = "ao";
    query.limit = 200;
    std::size_t found = 0;
    while (true) {
        const auto page = levels(at, query);
        found += page.items.size();
        if (!page.next) break;
        query.after_variant = page.items.back().what.variant_id;
        query.after_location = page.items.back().location_id;
    }
    CHECK(found == 1050);
    query = {};
    query.q = "ao 1050";
    CHECK(names(levels(at, query)) == texts{"Áo 1050"});
}

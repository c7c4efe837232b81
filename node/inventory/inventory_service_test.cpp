#include "node/inventory/ledger_audit_store.hpp"
#include "node/inventory/testing.hpp"
#include "node/inventory/upkeep_store.hpp"

using namespace kieng;
using namespace kieng::inventory;
using kieng::inventory::testing::json;
using kieng::inventory::testing::shop;

namespace {

// Every difference between counters and ledger, as text.
std::string differences(shop& at)
{
    auto got = at.io.wait([&]() -> task<result<store::seen<ledger_report>>> {
        std::function<ledger_report(store::tx&)> look = [](store::tx& on) {
            return audit_ledger(on);
        };
        return at.db.read(std::move(look));
    });
    REQUIRE(got.has_value());
    std::string out;
    for (const auto& one : got->value.differences)
        out +=
            one.what + " " + std::to_string(one.counter) + "/" + std::to_string(one.ledger) + ";";
    return out;
}

std::string code_of(const result<store::written>& done)
{
    return done.has_value() ? std::string() : std::string(name_of(done.error().code));
}

std::string fault_of(const result<store::written>& done)
{
    REQUIRE(done.has_error());
    const failure why = done.error();
    REQUIRE(!why.fields.empty());
    return why.fields.front().pointer + " " + std::string(name_of(why.fields.front().code));
}

}  // namespace

TEST_CASE("a receipt moves stock, keeps its paper, and is announced once")
{
    shop at;
    const auto tea = at.goods("tea");
    const auto paper =
        at.posted(document_kind::receipt, R"({"supplier":"Hoa","lines":[{"productId":")" +
                                              at.product_of(tea) +
                                              R"(","quantity":12,"unitCost":5},{"variantId":")" +
                                              tea + R"(","quantity":3,"unitCost":7}]})");
    CHECK(at.counters(tea) == "15 0 15");
    CHECK(paper["number"].get<std::string>().starts_with("PN-"));
    CHECK(paper["totalCost"] == 81);
    CHECK(paper["lines"][0]["sku"] == "tea");
    CHECK(paper["status"] == "done");
    const auto told = at.events("InventoryUpdatedEvent");
    REQUIRE(told.size() == 1);
    CHECK(json::parse(told[0].data)["items"][0]["available"] == 15);
    CHECK(told[0].entity_id == tea);
    CHECK(std::find(told[0].tags.begin(), told[0].tags.end(), "stock:" + tea) !=
          told[0].tags.end());
    CHECK(at.database.sql("SELECT count(*) FROM audit_log WHERE action = 'stock.post'") == "1");
    CHECK(differences(at).empty());
}

TEST_CASE("a document moves all its lines or nothing")
{
    shop at;
    const auto a = at.goods("a"), b = at.goods("b");
    at.received(a, 5);
    at.received(b, 5);
    const auto both = [&](int first, int second) {
        return at.post(document_kind::destruction,
                       R"({"lines":[{"variantId":")" + a + R"(","quantity":)" +
                           std::to_string(first) + R"(},{"variantId":")" + b + R"(","quantity":)" +
                           std::to_string(second) + "}]}");
    };
    const auto refused = both(2, 6);
    CHECK(code_of(refused) == "insufficient_stock");
    const auto items = json::parse("{" + refused.error().members + "}")["items"];
    CHECK(
        items ==
        json::parse(
            R"([{"line":1,"variantId":")" + b +
            R"(","locationId":"01900000-0000-7000-8000-000000000001","wanted":6,"available":5}])"));
    CHECK(at.counters(a) == "5 0 5");
    CHECK(both(2, 5).has_value());
    CHECK(at.counters(a) == "3 0 3");
    CHECK(at.counters(b) == "0 0 0");
    CHECK(fault_of(at.post(document_kind::receipt, shop::line(shop::id(), 1))) ==
          "/lines/0/variantId unknown_variant");
    CHECK(fault_of(at.post(document_kind::receipt,
                           R"({"locationId":")" + shop::id() + R"(","lines":[{"variantId":")" + a +
                               R"(","quantity":1}]})")) == "/locationId unknown_location");
    CHECK(differences(at).empty());
}

TEST_CASE("reserved goods cannot be destroyed, returned or counted away")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 10);
    REQUIRE(at.hold(shop::id(), tea, 7).empty());
    CHECK(code_of(at.post(document_kind::destruction, shop::line(tea, 4))) == "insufficient_stock");
    CHECK(code_of(at.post(document_kind::supplier_return, shop::line(tea, 4))) ==
          "insufficient_stock");
    CHECK(at.post(document_kind::supplier_return, shop::line(tea, 3)).has_value());
    CHECK(at.counters(tea) == "7 7 0");
    CHECK(differences(at).empty());
}

TEST_CASE("low stock is told once per crossing")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 14);
    const auto destroy = [&](int n) {
        REQUIRE(at.post(document_kind::destruction, shop::line(tea, n)).has_value());
    };
    destroy(3);
    CHECK(at.events("LowStock").empty());
    destroy(1);
    REQUIRE(at.events("LowStock").size() == 1);
    const auto data = json::parse(at.events("LowStock")[0].data);
    CHECK(data["available"] == 10);
    CHECK(data["threshold"] == 10);
    CHECK(data["sku"] == "tea");
    destroy(4);
    CHECK(at.events("LowStock").size() == 1);
    at.received(tea, 20);
    destroy(20);
    CHECK(at.events("LowStock").size() == 2);
}

TEST_CASE("goods go from one place to another with their lot and its last day")
{
    shop at;
    const auto milk = at.goods("milk");
    REQUIRE(at.rules(milk, R"({"version":1,"lotTracked":true})").has_value());
    at.posted(document_kind::receipt,
              shop::line(milk, 6, R"(,"lot":"A","expiresOn":"2099-01-01")"));
    location_change wanted;
    wanted.name = "Kho Thủ Đức";
    const auto made = at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.create({}, shop::key(), wanted);
    });
    REQUIRE(made.has_value());
    const auto place = json::parse(made->what.body);
    CHECK(place["code"] == "kho-thu-duc");
    const auto to = place["id"].get<std::string>();
    const auto body = [&](int n) {
        return R"({"toLocationId":")" + to + R"(","lines":[{"variantId":")" + milk +
               R"(","lot":"A","quantity":)" + std::to_string(n) + "}]}";
    };
    CHECK(code_of(at.post(document_kind::transfer, body(7))) == "insufficient_stock");
    at.posted(document_kind::transfer, body(4));
    const auto card = at.card(milk);
    REQUIRE(card.lots.size() == 2);
    CHECK(card.lots[0].expires_on == "2099-01-01");
    CHECK(card.lots[1].expires_on == "2099-01-01");
    CHECK(card.lots[0].quantity + card.lots[1].quantity == 6);
    const auto removed = at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.remove({}, shop::key(), to, std::nullopt);
    });
    CHECK(code_of(removed) == "location_in_use");
    CHECK(differences(at).empty());
}

TEST_CASE("the first to expire is sold first, and what has expired is not sold")
{
    shop at;
    const auto milk = at.goods("milk");
    REQUIRE(at.rules(milk, R"({"version":1,"lotTracked":true,"lowStockThreshold":0})").has_value());
    CHECK(fault_of(at.post(document_kind::receipt, shop::line(milk, 1))) ==
          "/lines/0/lot required");
    const auto lot = [&](const std::string& name, int n, const std::string& day) {
        at.posted(document_kind::opening,
                  shop::line(milk, n, R"(,"lot":")" + name + R"(","expiresOn":")" + day + "\""));
    };
    lot("late", 5, "2099-06-01");
    lot("soon", 3, "2099-01-01");
    lot("gone", 4, "2020-01-01");
    CHECK(at.counters(milk) == "12 0 8");
    CHECK(fault_of(at.post(document_kind::opening,
                           shop::line(milk, 1, R"(,"lot":"soon","expiresOn":"2099-01-02")"))) ==
          "/lines/0/expiresOn not_one_of");
    CHECK(at.hold(shop::id(), milk, 9) == "9 of 8");
    const auto order = shop::id();
    CHECK(at.hold(order, milk, 4).empty());
    CHECK(
        at.database.sql(
            "SELECT string_agg(k.code || l.qty, ',' ORDER BY k.code) FROM reservation_lots l JOIN stock_lots k ON k.id = l.lot_id") ==
        "late1,soon3");
    at.database.sql("SELECT stock_commit(ARRAY['" + order + "'::uuid], NULL, 'test')");
    CHECK(at.counters(milk) == "8 0 4");
    at.database.sql("SELECT stock_restock('" + order + "', ARRAY['" + milk +
                    "'::uuid], ARRAY[9::bigint], 2::smallint, NULL, 'test')");
    CHECK(at.counters(milk) == "12 0 8");
    at.posted(document_kind::destruction, shop::line(milk, 4, R"(,"lot":"gone")"));
    CHECK(at.counters(milk) == "8 0 8");
    CHECK(differences(at).empty());
}

TEST_CASE("a lot whose day is over leaves the sale and is told of, once")
{
    shop at;
    const auto milk = at.goods("milk");
    REQUIRE(at.rules(milk, R"({"version":1,"lotTracked":true,"lowStockThreshold":2})").has_value());
    at.posted(document_kind::receipt,
              shop::line(milk, 5, R"(,"lot":"A","expiresOn":"2099-01-01")"));
    at.database.sql("UPDATE stock_lots SET expires_on = shop_today() - 1");
    const auto sweep = [&] {
        auto done = at.io.wait([&]() -> task<result<store::written>> {
            store::unit_of_work::business what = [](store::tx& on) -> result<store::answer> {
                return store::answer{200, std::to_string(expire_lots(on)), {}};
            };
            return at.work.run(shop::key(), std::move(what));
        });
        REQUIRE(done.has_value());
        return done->what.body;
    };
    CHECK(at.counters(milk) == "5 0 5");
    CHECK(at.hold(shop::id(), milk, 1) == "1 of 0");
    CHECK(sweep() == "1");
    CHECK(sweep() == "0");
    CHECK(at.counters(milk) == "5 0 0");
    CHECK(at.events("LowStock").size() == 1);
    CHECK(differences(at).empty());
}

TEST_CASE("a count knows what moved since each line was counted")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk");
    at.received(tea, 10);
    at.received(milk, 10);
    const auto id = at.posted(document_kind::count, "{}")["id"].get<std::string>();
    const auto count = [&](const std::string& body) {
        const auto lines = read_count_lines(body, system_clock().wall());
        REQUIRE(lines.has_value());
        return at.io.wait([&]() -> task<result<store::written>> {
            return at.documents.count({}, shop::key(), id, *lines);
        });
    };
    const auto finish = [&] {
        return at.io.wait([&]() -> task<result<store::written>> {
            return at.documents.finish({}, shop::key(), id);
        });
    };
    REQUIRE(count(shop::line(tea, 9)).has_value());
    REQUIRE(count(shop::line(tea, 8)).has_value());  // counted again
    REQUIRE(count(shop::line(milk, 3)).has_value());
    const auto order = shop::id();
    REQUIRE(at.hold(order, tea, 2, "NULL").empty());  // sold after it was counted
    REQUIRE(at.hold(shop::id(), milk, 4).empty());
    const auto refused = finish();
    CHECK(code_of(refused) == "insufficient_stock");  // 3 are there, 4 are promised
    CHECK(fault_of(count(R"({"lines":[{"variantId":")" + tea + R"(","quantity":1},{"variantId":")" +
                         tea + R"(","quantity":2}]})")) == "/lines/1/variantId duplicate");
    REQUIRE(count(shop::line(milk, 11)).has_value());
    const auto done = finish();
    REQUIRE(done.has_value());
    const auto paper = json::parse(done->what.body);
    CHECK(paper["status"] == "done");
    CHECK(paper["lines"][0]["expected"] == 10);
    CHECK(paper["lines"][0]["difference"] == -2);
    CHECK(paper["lines"][1]["difference"] == 1);
    CHECK(at.counters(tea) == "6 0 6");
    CHECK(at.counters(milk) == "11 4 7");
    CHECK(code_of(finish()) == "document_closed");
    CHECK(code_of(count(shop::line(tea, 1))) == "document_closed");
    CHECK(differences(at).empty());
}

TEST_CASE("rules change under held goods without losing any")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 5);
    const auto order = shop::id();
    REQUIRE(at.hold(order, tea, 3).empty());
    REQUIRE(at.rules(tea, R"({"version":1,"lotTracked":true})").has_value());
    CHECK(at.card(tea).lots.at(0).code.empty());
    CHECK(at.card(tea).version == 2);
    CHECK(differences(at).empty());
    REQUIRE(at.rules(tea, R"({"version":2,"lotTracked":false,"backorder":true})").has_value());
    CHECK(at.hold(shop::id(), tea, 9).empty());
    CHECK(at.counters(tea) == "5 12 -7");
    CHECK(code_of(at.rules(tea, R"({"version":3,"backorder":false})")) == "insufficient_stock");
    CHECK(fault_of(at.rules(tea, R"({"version":3,"lotTracked":true})")) == "/lotTracked depends");
    CHECK(code_of(at.rules(tea, R"({"backorder":false})")) == "version_required");
    const auto stale = at.rules(tea, R"({"version":1,"lowStockThreshold":3})");
    CHECK(code_of(stale) == "version_conflict");
    CHECK(json::parse("{" + stale.error().members + "}")["conflicts"][0] ==
          json::parse(R"({"field":"lowStockThreshold","theirs":10,"yours":3})"));
    CHECK(code_of(at.rules(shop::id(), R"({"version":1,"backorder":true})")) == "not_found");
    CHECK(differences(at).empty());
}

TEST_CASE("what an order holds is sold, freed or given back once")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 20);
    const auto a = shop::id(), b = shop::id(), c = shop::id();
    REQUIRE(at.hold(a, tea, 5).empty());
    REQUIRE(at.hold(b, tea, 4).empty());
    REQUIRE(at.hold(c, tea, 3, "now() - interval '1 second'").empty());
    const auto run = [&](std::function<std::vector<std::string>(store::tx&)> what) {
        auto done = at.io.wait([&]() -> task<result<store::written>> {
            store::unit_of_work::business inside = [what](store::tx& on) -> result<store::answer> {
                return store::answer{200, std::to_string(what(on).size()), {}};
            };
            return at.work.run(shop::key(), std::move(inside));
        });
        REQUIRE(done.has_value());
        return done->what.body;
    };
    const identity::actor nobody;
    for (const auto* changed : {"1", "0"}) {
        CHECK(run([&](store::tx& on) { return at.stock.commit(on, {a}, nobody); }) == changed);
        CHECK(run([&](store::tx& on) { return at.stock.release(on, {b}, false, nobody); }) ==
              changed);
    }
    CHECK(run([&](store::tx& on) { return at.stock.expired_orders(on, 10); }) == "1");
    CHECK(run([&](store::tx& on) { return at.stock.release(on, {a, b, c}, true, nobody); }) == "1");
    CHECK(run([&](store::tx& on) { return at.stock.expired_orders(on, 10); }) == "0");
    CHECK(at.counters(tea) == "15 0 15");
    CHECK(run([&](store::tx& on) { return at.stock.restock(on, a, {tea}, {2}, nobody); }) == "1");
    CHECK(run([&](store::tx& on) {
              return at.stock.restock(on, a, {tea, tea}, {2, 9}, nobody);
          }) == "1");
    CHECK(run([&](store::tx& on) { return at.stock.restock(on, a, {tea}, {1}, nobody); }) == "0");
    CHECK(at.counters(tea) == "20 0 20");
    CHECK(differences(at).empty());
}

TEST_CASE("the audit names what does not add up")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 9);
    at.database.sql("UPDATE stock SET quantity = 8");
    CHECK(differences(at) == "quantity 8/9;");
    at.database.sql("UPDATE stock SET quantity = 9, reserved = 2");
    CHECK(differences(at) == "held 2/0;reserved 2/0;");
    at.database.sql("DELETE FROM stock");
    CHECK(differences(at) == "quantity 0/9;");
}

TEST_CASE("a repeated document is the same document")
{
    shop at;
    const auto tea = at.goods("tea");
    auto key = shop::key();
    key.key = "receipt-of-the-morning";
    const auto first = at.post(document_kind::receipt, shop::line(tea, 4), key);
    const auto again = at.post(document_kind::receipt, shop::line(tea, 4), key);
    REQUIRE(first.has_value());
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->what.body == first->what.body);
    CHECK(at.counters(tea) == "4 0 4");
}

TEST_CASE("goods with a past in the ledger stay, others may go")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk");
    at.received(tea, 1);
    const auto referenced = [&](const std::string& variant) {
        return at.database.sql("SELECT product_is_referenced('" + at.product_of(variant) + "')");
    };
    CHECK(referenced(tea) == "t");
    CHECK(referenced(milk) == "f");
}

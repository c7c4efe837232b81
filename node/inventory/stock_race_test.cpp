// Many at once: what is promised never exceeds what is there, nobody waits in a circle, and the ledger tells the same as the counters.
#include "node/inventory/testing.hpp"

#include <atomic>
#include <thread>

using namespace kieng;
using namespace kieng::inventory;
using kieng::inventory::testing::shop;

namespace {

constexpr const char* kDifferences =
    "SELECT count(*) FROM stock s WHERE s.quantity <> (SELECT sum(qty_delta) FROM stock_movements m WHERE m.variant_id = s.variant_id) "
    "OR s.reserved <> (SELECT coalesce(sum(qty), 0) FROM reservations r WHERE r.variant_id = s.variant_id AND r.state = 1) "
    "OR s.reserved <> (SELECT sum(reserved_delta) FROM stock_movements m WHERE m.variant_id = s.variant_id)";

// A batch of orders of one to three lines over `goods`, made by the database itself.
std::string batch(const std::vector<std::string>& goods, int orders)
{
    std::string list = "ARRAY[";
    for (const auto& one : goods) list += (list.back() == '[' ? "'" : ",'") + one + "'";
    list += "]::uuid[]";
    return "WITH o AS (SELECT i, gen_random_uuid() AS id, CASE WHEN random() < 0.5 THEN now() + interval '1 hour' END AS until "
           "FROM generate_series(1, " +
           std::to_string(orders) + ") i), l AS (SELECT o.i, (" + list + ")[1 + floor(random() * " +
           std::to_string(goods.size()) +
           ")::int] AS v, 1 + floor(random() * 3)::bigint AS n FROM o, generate_series(1, 3) k WHERE k = 1 OR random() < 0.7) "
           "SELECT count(*) FROM stock_hold((SELECT array_agg(i) FROM l), (SELECT array_agg(id ORDER BY i) FROM o), (SELECT array_agg(v) FROM l), "
           "(SELECT array_agg(n) FROM l), (SELECT id FROM locations WHERE is_default), (SELECT array_agg(until ORDER BY i) FROM o), "
           "(SELECT array_agg(NULL::uuid) FROM o), 'test')";
}

void at_once(int threads, const std::function<void(int)>& what)
{
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(what, i);
    for (auto& one : running) one.join();
}

}  // namespace

TEST_CASE("one unit and many buyers: one has it")
{
    shop at;
    const auto tea = at.goods("tea");
    at.received(tea, 1);
    std::atomic<int> held{0}, refused{0};
    at_once(8, [&](int) {
        for (int i = 0; i < 8; ++i) {
            if (at.hold(shop::id(), tea, 1).empty())
                ++held;
            else
                ++refused;
        }
    });
    CHECK(held == 1);
    CHECK(refused == 63);
    CHECK(at.counters(tea) == "1 1 0");
}

TEST_CASE("batches, single orders, settlements and receipts at once neither oversell nor deadlock")
{
    shop at;
    std::vector<std::string> goods;
    for (int i = 0; i < 6; ++i) {
        goods.push_back(at.goods("g" + std::to_string(i)));
        at.received(goods.back(), 150);
    }
    REQUIRE(at.rules(goods[5], R"({"version":1,"lotTracked":true})").has_value());
    std::atomic<int> broken{0};
    at_once(6, [&](int who) {
        try {
            for (int i = 0; i < 20; ++i) {
                if (who < 3) {
                    at.database.sql(batch(goods, who == 0 ? 16 : 1 + i % 4));
                } else if (who == 3) {
                    at.database.sql(
                        "SELECT stock_commit(ARRAY(SELECT DISTINCT order_id FROM reservations WHERE state = 1 LIMIT 4), NULL, 'test')");
                } else if (who == 4) {
                    at.database.sql(
                        "SELECT stock_release(ARRAY(SELECT DISTINCT order_id FROM reservations WHERE state = 1 LIMIT 4), false, NULL, 'test')");
                } else {
                    at.database.sql(
                        "SELECT stock_restock(r.order_id, array_agg(r.variant_id), array_agg(r.qty), 2::smallint, NULL, 'test') "
                        "FROM (SELECT * FROM reservations WHERE order_id = (SELECT order_id FROM reservations WHERE state = 2 "
                        "AND returned = 0 LIMIT 1)) r GROUP BY r.order_id");
                }
            }
        } catch (const std::exception&) {
            ++broken;
        }
    });
    CHECK(broken == 0);
    CHECK(at.database.sql(kDifferences) == "0");
    CHECK(at.database.sql("SELECT count(*) FROM stock WHERE reserved > quantity") == "0");
    CHECK(
        at.database.sql(
            "SELECT count(*) FROM stock_lots k WHERE k.quantity <> (SELECT sum(m.qty_delta) FROM stock_movements m WHERE "
            "m.lot_id = k.id)") == "0");
}

TEST_CASE("receipts of the same goods at once all arrive")
{
    shop at;
    const auto tea = at.goods("tea"), milk = at.goods("milk");
    std::vector<std::future<result<store::written>>> running;
    for (int i = 0; i < 24; ++i) {
        // In both orders: nobody waits in a circle.
        const auto& first = i % 2 == 0 ? tea : milk;
        const auto& second = i % 2 == 0 ? milk : tea;
        auto wanted =
            read_document(R"({"lines":[{"variantId":")" + first +
                              R"(","quantity":1},{"variantId":")" + second + R"(","quantity":2}]})",
                          document_kind::receipt, system_clock().wall());
        REQUIRE(wanted.has_value());
        running.push_back(at.io.start([&at, what = *wanted]() -> task<result<store::written>> {
            return at.documents.post({}, shop::key(), what);
        }));
    }
    for (auto& one : running) CHECK(one.get().has_value());
    CHECK(at.counters(tea) == "36 0 36");
    CHECK(at.counters(milk) == "36 0 36");
    CHECK(at.database.sql("SELECT count(DISTINCT number) FROM stock_documents") == "24");
}

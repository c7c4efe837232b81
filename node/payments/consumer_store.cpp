#include "node/payments/consumer_store.hpp"

#include "node/platform/store/tx.hpp"

namespace kieng::payments {
namespace {

using store::statement;

constexpr statement kBegin{
    "payments_begin_cursor",
    "INSERT INTO consumers (name, pos) SELECT 'payments', pos FROM cluster_head ON CONFLICT DO NOTHING"};
constexpr statement kAny{
    "payments_any_news",
    "SELECT EXISTS (SELECT FROM consumers c, cluster_head h WHERE c.name = 'payments' AND c.pos < h.pos)"};
// The head as of this statement's snapshot: all positions up to it are visible to the next one.
constexpr statement kWhere{
    "payments_cursor",
    "SELECT c.pos AS was, h.pos AS head FROM consumers c, cluster_head h WHERE c.name = 'payments'"};
constexpr statement kNext{
    "payments_news",
    "SELECT o.pos, o.entity_id FROM outbox o WHERE o.pos = (SELECT min(pos) FROM outbox WHERE pos > $1 AND pos <= $2 AND "
    "type IN ('OrderCancelledEvent', 'OrderRefundRequestedEvent')) AND "
    "o.type IN ('OrderCancelledEvent', 'OrderRefundRequestedEvent') GROUP BY o.pos, o.entity_id ORDER BY o.entity_id"};
constexpr statement kMove{
    "payments_move_cursor",
    "UPDATE consumers SET pos = $2 WHERE name = 'payments' AND pos = $1 RETURNING pos"};

}  // namespace

void begin_cursor(store::tx& on)
{
    on.exec(kBegin);
}

bool has_news(store::tx& on)
{
    return on.exec(kAny)[0][0].as<bool>();
}

order_news next_news(store::tx& on)
{
    order_news out;
    const auto where = on.exec(kWhere);
    if (where.empty()) return out;
    out.from = where[0]["was"].as<std::int64_t>();
    out.to = where[0]["head"].as<std::int64_t>();
    if (out.from == out.to) return out;
    for (const auto& row : on.exec(kNext, out.from, out.to)) {
        out.orders.push_back(row["entity_id"].as<std::string>());
        out.to = row["pos"].as<std::int64_t>();
    }
    return out;
}

bool move_cursor(store::tx& on, const order_news& what)
{
    return !on.exec(kMove, what.from, what.to).empty();
}

}  // namespace kieng::payments

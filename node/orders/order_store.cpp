#include "node/orders/order_store.hpp"

#include "node/inventory/stock_announcement.hpp"
#include "node/orders/order_row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::orders::order_store {
namespace {

using catalog::array_text;
using store::statement;

constexpr statement kLock{"orders_lock", "SELECT o.* FROM lock_order($1::uuid) o"};
constexpr statement kLines{"orders_lines", R"sql(
    SELECT line, product_id, variant_id, sku, name, image, attributes, quantity, unit_price, price_version, returned, offline_price
      FROM order_lines WHERE order_id = $1::uuid ORDER BY line)sql"};
constexpr statement kMove{"orders_move", R"sql(
    SELECT version, at FROM move_order($1::uuid, $2::smallint, $3::smallint, $4, $5::uuid, $6))sql"};
constexpr statement kMoney{"orders_money", R"sql(
    UPDATE orders SET paid = $2, refunded = $3, refund_due = $4, payment_status = $5::smallint, version = version + 1, updated_at = now(), updated_by = $6::uuid
     WHERE id = $1::uuid RETURNING version, updated_at)sql"};
constexpr statement kCommit{"orders_commit_goods",
                            "SELECT v FROM stock_commit(ARRAY[$1::uuid], $2::uuid, $3) v"};
constexpr statement kRelease{
    "orders_release_goods",
    "SELECT v FROM stock_release(ARRAY[$1::uuid], $2::boolean, $3::uuid, $4) v"};
// Goods a customer brings back are kind 2 of the movements.
constexpr statement kRestock{"orders_restock", R"sql(
    SELECT v FROM stock_restock($1::uuid, $2::uuid[], $3::bigint[], 2::smallint, $4::uuid, $5) v)sql"};
constexpr statement kShipment{"orders_ship", R"sql(
    INSERT INTO shipments (id, order_id, carrier, tracking_number, created_by, node) VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid, $6))sql"};
constexpr statement kReturn{"orders_return", R"sql(
    WITH r AS (INSERT INTO order_returns (id, order_id, value, reason, created_by, node) VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid, $6)),
    l AS (UPDATE order_lines o SET returned = o.returned + u.n FROM unnest($7::smallint[], $8::bigint[]) u(line, n)
           WHERE o.order_id = $2::uuid AND o.line = u.line)
    INSERT INTO order_return_lines (return_id, line, quantity, restock)
    SELECT $1::uuid, u.line, u.n, u.restock FROM unnest($7::smallint[], $8::bigint[], $9::boolean[]) u(line, n, restock))sql"};
constexpr statement kOverdue{"orders_overdue", R"sql(
    SELECT id FROM orders WHERE status = 2 AND expires_at <= clock_timestamp() ORDER BY expires_at, id LIMIT $1)sql"};
constexpr statement kLockOverdue{"orders_lock_overdue", R"sql(
    SELECT o.* FROM orders o WHERE o.id = $1::uuid AND o.status = 2 AND o.expires_at <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED)sql"};

std::optional<order> whole(store::tx& on, const pqxx::result& rows)
{
    if (rows.empty()) return std::nullopt;
    order out = order_of(rows[0]);
    for (const auto& row : on.exec(kLines, out.id)) out.lines.push_back(line_of(row));
    return out;
}

void announce_goods(store::tx& on, const pqxx::result& rows, std::string_view why, const order& of)
{
    std::vector<std::string> variants;
    for (const auto& row : rows) variants.push_back(text_of(row, "v"));
    inventory::announce_stock(on, variants, why, of.id);
}

}  // namespace

std::optional<order> lock(store::tx& on, const std::string& id)
{
    return whole(on, on.exec(kLock, id));
}

bool move(store::tx& on, order& of, status to, const std::optional<std::string>& why,
          const doer& by)
{
    const auto rows = on.exec(kMove, of.id, static_cast<int>(of.at), static_cast<int>(to),
                              nullable(why), null_if_empty(by.user), by.node);
    if (rows.empty()) return false;
    of.at = to;
    of.version = number_of(rows[0], "version");
    of.updated_at = time_of(rows[0], "at");
    if (to != status::pending) of.expires_at.reset();
    if (to == status::cancelled || to == status::failed) of.reason = why;
    if (to == status::shipped) of.fulfillment = fulfillment_status::shipped;
    if (to == status::returned) of.fulfillment = fulfillment_status::returned;
    if (to == status::delivered) {
        of.fulfillment = fulfillment_status::delivered;
        of.delivered_at = of.updated_at;
    }
    return true;
}

void write_money(store::tx& on, order& of, const doer& by)
{
    const auto rows = on.exec(kMoney, of.id, of.paid, of.refunded, of.refund_due,
                              static_cast<int>(of.payment), null_if_empty(by.user));
    of.version = number_of(rows.at(0), "version");
    of.updated_at = time_of(rows.at(0), "updated_at");
}

void commit_goods(store::tx& on, const order& of, const doer& by)
{
    const auto changed = on.exec(kCommit, of.id, null_if_empty(by.user), by.node);
    announce_goods(on, changed, "commit", of);
}

void release_goods(store::tx& on, const order& of, bool expired, const doer& by)
{
    const auto changed = on.exec(kRelease, of.id, expired, null_if_empty(by.user), by.node);
    announce_goods(on, changed, "release", of);
}

void restock(store::tx& on, const order& of, const std::vector<step_input::line>& lines,
             const doer& by)
{
    array_text variants, quantities;
    bool any = false;
    for (const auto& one : lines) {
        if (!one.restock) continue;
        variants.add(of.lines[static_cast<std::size_t>(one.line - 1)].variant_id);
        quantities.add(one.quantity);
        any = true;
    }
    if (!any) return;
    const auto changed = on.exec(kRestock, of.id, variants.text(), quantities.text(),
                                 null_if_empty(by.user), by.node);
    announce_goods(on, changed, "customer_return", of);
}

void add_shipment(store::tx& on, const std::string& id, const order& of, const step_input& with,
                  const doer& by)
{
    on.exec(kShipment, id, of.id, nullable(with.carrier), nullable(with.tracking_number),
            null_if_empty(by.user), by.node);
}

void add_return(store::tx& on, const order& of, const new_return& what, const doer& by)
{
    array_text lines, quantities, restock;
    for (const auto& one : what.lines) {
        lines.add(std::int64_t{one.line});
        quantities.add(one.quantity);
        restock.add(std::string_view(one.restock ? "t" : "f"));
    }
    on.exec(kReturn, what.id, of.id, what.value, nullable(what.reason), null_if_empty(by.user),
            by.node, lines.text(), quantities.text(), restock.text());
}

std::vector<std::string> overdue(store::tx& on, int most)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(kOverdue, most)) out.push_back(text_of(row, "id"));
    return out;
}

std::optional<order> lock_overdue(store::tx& on, const std::string& id)
{
    return whole(on, on.exec(kLockOverdue, id));
}

}  // namespace kieng::orders::order_store

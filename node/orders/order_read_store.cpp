#include "base/ids.hpp"
#include "base/json_text.hpp"
#include "node/orders/order_row.hpp"
#include "node/orders/order_store.hpp"
#include "node/platform/store/tx.hpp"

#include <chrono>
#include <cstdio>

namespace kieng::orders::order_store {
namespace {

using store::statement;

// An order with its lines, and what the goods are sold for today, in one statement. A row per line; without an order one with the position alone.
constexpr statement kRead{"orders_read", R"sql(
    SELECT h.pos, o.*, l.line, l.product_id, l.variant_id, l.sku, l.name, l.image, l.attributes, l.quantity, l.unit_price, l.price_version, l.returned,
           l.offline_price
      FROM cluster_head h LEFT JOIN orders o ON o.id = $1::uuid LEFT JOIN order_lines l ON l.order_id = o.id ORDER BY l.line)sql"};
constexpr statement kReadGoods{"orders_read_goods", R"sql(
    SELECT h.pos, o.*, l.line, l.product_id, l.variant_id, l.sku, l.name, l.image, l.attributes, l.quantity, l.unit_price, l.price_version, l.returned,
           l.offline_price, s.product_id AS now_id, s.name AS now_name, s.price AS now_price, s.currency AS now_currency, s.price_version AS now_version,
           s.image AS now_image, s.sellable
      FROM cluster_head h LEFT JOIN orders o ON o.id = $1::uuid LEFT JOIN order_lines l ON l.order_id = o.id
      LEFT JOIN LATERAL sellable(ARRAY[l.variant_id], ARRAY[l.product_id]) s ON l.line IS NOT NULL ORDER BY l.line)sql"};
constexpr statement kHistory{"orders_history", R"sql(
    SELECT seq, from_status, to_status, actor, node, reason, at FROM order_history WHERE order_id = $1::uuid ORDER BY seq)sql"};

// Both bounds of a time, because ids are made by clocks that are a little apart from the database's.
constexpr std::chrono::minutes kClocks{10};

template <class Row>
std::string product_of(const Row& row)
{
    if (row["now_id"].is_null()) return "null";
    std::string out = "{\"id\":" + json_string(text_of(row, "now_id"));
    out += ",\"name\":" + json_string(text_of(row, "now_name"));
    out += ",\"price\":" + std::to_string(number_of(row, "now_price"));
    out += ",\"currency\":" + json_string(text_of(row, "now_currency"));
    out += ",\"priceVersion\":" + std::to_string(number_of(row, "now_version"));
    out += ",\"image\":" + json_text(optional_text_of(row, "now_image"));
    return out + ",\"forSale\":" + json_bool(flag_of(row, "sellable")) + "}";
}

template <class Row>
history_entry entry_of(const Row& row)
{
    history_entry out;
    out.seq = small_of(row, "seq");
    if (!row["from_status"].is_null()) out.from = enum_of<status>(row, "from_status");
    out.to = enum_of<status>(row, "to_status");
    out.actor = optional_text_of(row, "actor");
    out.reason = optional_text_of(row, "reason");
    out.node = text_of(row, "node");
    out.at = time_of(row, "at");
    return out;
}

// The smallest UUIDv7 of a time: its first 48 bits are milliseconds.
std::string first_id_at(wall_time at)
{
    using std::chrono::milliseconds;
    const auto ms = std::max<std::int64_t>(
        std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count(), 0);
    char text[40];
    std::snprintf(text, sizeof text, "%08llx-%04llx-0000-0000-000000000000",
                  static_cast<unsigned long long>(ms >> 16) & 0xFFFFFFFFULL,
                  static_cast<unsigned long long>(ms) & 0xFFFFULL);
    return text;
}

// Conditions and their values, gathered as the filter asks for them.
class condition {
public:
    std::string add(std::string value, const char* cast)
    {
        values_.push_back(std::move(value));
        return "$" + std::to_string(values_.size()) + cast;
    }
    void require(const std::string& what) { text_ += " AND " + what; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

private:
    std::string text_;
    std::vector<std::string> values_;
};

void ask_times(condition& where, const order_filter& what)
{
    if (what.from) {
        where.require("o.created_at >= " + where.add(to_iso8601(*what.from), "::timestamptz"));
        where.require("o.id >= " + where.add(first_id_at(*what.from - kClocks), "::uuid"));
    }
    if (what.to) {
        where.require("o.created_at < " + where.add(to_iso8601(*what.to), "::timestamptz"));
        where.require("o.id < " + where.add(first_id_at(*what.to + kClocks), "::uuid"));
    }
}

condition conditions(const order_filter& what, const viewer& who)
{
    condition where;
    if (!who.all) {
        if (!who.customer_id.empty())
            where.require("o.customer_id = " + where.add(who.customer_id, "::uuid"));
        else
            where.require("o.guest_id = " + where.add(who.guest_id, "::uuid"));
    }
    if (what.customer_id)
        where.require("o.customer_id = " + where.add(*what.customer_id, "::uuid"));
    if (what.number) where.require("o.number = " + where.add(*what.number, "::text"));
    if (what.through)
        where.require("o.channel = " +
                      where.add(std::to_string(static_cast<int>(*what.through)), "::smallint"));
    if (!what.statuses.empty()) {
        std::string all;
        for (const status s : what.statuses)
            all += (all.empty() ? "{" : ",") + std::to_string(static_cast<int>(s));
        where.require("o.status = ANY (" + where.add(all + "}", "::smallint[]") + ")");
    }
    ask_times(where, what);
    if (!what.before.empty()) where.require("o.id < " + where.add(what.before, "::uuid"));
    return where;
}

}  // namespace

store::seen<std::optional<shown_order>> read(store::tx& on, const std::string& id,
                                             const order_expansion& with)
{
    const auto rows = with.product ? on.exec(kReadGoods, id) : on.exec(kRead, id);
    store::seen<std::optional<shown_order>> out;
    out.pos = number_of(rows.at(0), "pos");
    if (rows[0]["id"].is_null()) return out;
    shown_order shown;
    shown.what = order_of(rows[0]);
    for (const auto& row : rows) {
        shown.what.lines.push_back(line_of(row));
        if (with.product) shown.products.push_back(product_of(row));
    }
    if (with.history)
        for (const auto& row : on.exec(kHistory, id)) shown.history.push_back(entry_of(row));
    out.value = std::move(shown);
    return out;
}

store::seen<std::vector<order>> list(store::tx& on, const order_filter& what, const viewer& who)
{
    const auto where = conditions(what, who);
    const std::string sql =
        "SELECT h.pos, x.* FROM cluster_head h LEFT JOIN LATERAL (SELECT o.* FROM orders o WHERE true" +
        where.text() + " ORDER BY o.id DESC LIMIT " + std::to_string(what.limit + 1) +
        ") x ON true ORDER BY x.id DESC";
    const auto parameters =
        pqxx::prepare::make_dynamic_params(where.values().begin(), where.values().end());
    const auto rows = on.raw().exec_params(sql, parameters);
    store::seen<std::vector<order>> out;
    out.pos = number_of(rows.at(0), "pos");
    if (rows[0]["id"].is_null()) return out;
    for (const auto& row : rows) out.value.push_back(order_of(row));
    return out;
}

}  // namespace kieng::orders::order_store

#include "node/inventory/stock_store.hpp"

#include "node/inventory/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::inventory::stock_store {
namespace {

using catalog::array_text;
using store::statement;

// A connection's application_name is kieng/<node>/<boot>/<use>.
#define KIENG_NODE "split_part(current_setting('application_name'), '/', 2)"

constexpr statement kResolve{"stock_resolve",
                             "SELECT * FROM resolve_variants($1::uuid[], $2::uuid[])"};
constexpr statement kPost{
    "stock_post",
    "SELECT * FROM stock_post($1::uuid, 2::smallint, $2::int[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bigint[], $7::text[], "
    "$8::date[], $9::bigint[], normalize($10, NFC), $11::uuid, " KIENG_NODE ")"};
constexpr statement kLockRules{"stock_lock_rules", R"sql(
    SELECT v.variant_id, s.* FROM resolve_variants(ARRAY[$1::uuid], ARRAY[NULL::uuid]) v LEFT JOIN LATERAL (
        SELECT s.low_stock_threshold, s.track_inventory, s.backorder, s.lot_tracked, s.version
          FROM stock s WHERE s.variant_id = v.variant_id ORDER BY s.location_id FOR NO KEY UPDATE) s ON true)sql"};
constexpr statement kSetRules{
    "stock_set_rules",
    "SELECT stock_set_rules($1::uuid, $2::bigint, $3::boolean, $4::boolean, $5::boolean, $6::uuid, " KIENG_NODE
    ") AS done"};
constexpr statement kLotTracked{"stock_lot_tracked", R"sql(
    SELECT coalesce((SELECT s.lot_tracked FROM stock s WHERE s.variant_id = u.v LIMIT 1), false) AS lots
      FROM unnest($1::uuid[]) WITH ORDINALITY u(v, i) ORDER BY u.i)sql"};
constexpr statement kCommit{"stock_commit", "SELECT stock_commit($1::uuid[], $2::uuid, " KIENG_NODE
                                            ") AS variant_id"};
constexpr statement kRelease{"stock_release",
                             "SELECT stock_release($1::uuid[], $2::boolean, $3::uuid, " KIENG_NODE
                             ") AS variant_id"};
constexpr statement kRestock{
    "stock_restock",
    "SELECT stock_restock($1::uuid, $2::uuid[], $3::bigint[], $4::smallint, $5::uuid, " KIENG_NODE
    ") AS variant_id"};
constexpr statement kExpired{"stock_expired_orders", R"sql(
    SELECT order_id FROM (
        SELECT order_id, min(expires_at) AS since FROM reservations WHERE state = 1 AND expires_at <= clock_timestamp()
         GROUP BY order_id) r
     ORDER BY since, order_id LIMIT $1::int)sql"};

std::vector<std::string> variants_of(const pqxx::result& rows)
{
    std::vector<std::string> out;
    for (const auto& row : rows) out.push_back(text_of(row, "variant_id"));
    return out;
}

std::string numbers_literal(const std::vector<std::int64_t>& numbers)
{
    array_text out;
    for (const auto number : numbers) out.add(number);
    return out.text();
}

template <class Row>
refusal refusal_of(const Row& row)
{
    refusal out;
    out.why = static_cast<obstacle>(number_of(row, "problem"));
    out.line = number_of(row, "line");
    out.variant_id = text_of(row, "variant_id");
    out.location_id = text_of(row, "location_id");
    out.wanted = number_of(row, "wanted");
    out.available = optional_number_of(row, "available").value_or(0);
    out.expires_on = text_of(row, "expires_on");
    return out;
}

}  // namespace

std::vector<std::size_t> resolve(store::tx& on, std::vector<document_line>& lines)
{
    array_text variants, products;
    for (const auto& line : lines) {
        variants.add_or_null(line.what.variant_id);
        products.add_or_null(line.what.product_id);
    }
    std::vector<bool> found(lines.size(), false);
    for (const auto& row : on.exec(kResolve, variants.text(), products.text())) {
        const auto i = static_cast<std::size_t>(number_of(row, "ix") - 1);
        found[i] = true;
        lines[i].what.variant_id = text_of(row, "variant_id");
        lines[i].what.product_id = text_of(row, "product_id");
    }
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!found[i]) missing.push_back(i);
    }
    return missing;
}

posting post(store::tx& on, const std::string& document_id, const std::vector<piece>& pieces,
             const std::optional<std::string>& reason, const std::string& by)
{
    array_text lines, variants, places, kinds, deltas, lots, days, costs;
    for (const auto& p : pieces) {
        lines.add(p.line);
        variants.add(p.variant_id);
        places.add(p.location_id);
        kinds.add(static_cast<std::int64_t>(p.kind));
        deltas.add(p.delta);
        lots.add(p.lot);
        days.add(p.expires_on);
        costs.add(p.unit_cost);
    }
    posting out;
    for (const auto& row : on.exec(kPost, document_id, lines.text(), variants.text(), places.text(),
                                   kinds.text(), deltas.text(), lots.text(), days.text(),
                                   costs.text(), nullable(reason), null_if_empty(by))) {
        if (number_of(row, "problem") == 0)
            out.changed.push_back(
                {text_of(row, "variant_id"), text_of(row, "location_id"), flag_of(row, "fell")});
        else
            out.refused.push_back(refusal_of(row));
    }
    return out;
}

std::optional<held_rules> lock_rules(store::tx& on, const std::string& variant_id)
{
    const auto rows = on.exec(kLockRules, variant_id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    if (row["version"].is_null()) return held_rules{};
    return held_rules{rules_of(row), number_of(row, "version")};
}

bool set_rules(store::tx& on, const std::string& variant_id, const stock_rules& to,
               const std::string& by)
{
    return flag_of(on.exec(kSetRules, variant_id, to.low_stock_threshold, to.track_inventory,
                           to.backorder, to.lot_tracked, null_if_empty(by))
                       .front(),
                   "done");
}

std::vector<bool> lot_tracked(store::tx& on, const std::vector<std::string>& variants)
{
    std::vector<bool> out;
    for (const auto& row : on.exec(kLotTracked, store::array_literal(variants)))
        out.push_back(flag_of(row, "lots"));
    return out;
}

std::vector<std::string> commit(store::tx& on, const std::vector<std::string>& orders,
                                const std::string& by)
{
    return variants_of(on.exec(kCommit, store::array_literal(orders), null_if_empty(by)));
}

std::vector<std::string> release(store::tx& on, const std::vector<std::string>& orders,
                                 bool expired, const std::string& by)
{
    return variants_of(on.exec(kRelease, store::array_literal(orders), expired, null_if_empty(by)));
}

std::vector<std::string> restock(store::tx& on, const std::string& order,
                                 const std::vector<std::string>& variants,
                                 const std::vector<std::int64_t>& quantities, movement_kind kind,
                                 const std::string& by)
{
    return variants_of(on.exec(kRestock, order, store::array_literal(variants),
                               numbers_literal(quantities), static_cast<int>(kind),
                               null_if_empty(by)));
}

std::vector<std::string> expired_orders(store::tx& on, int most)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(kExpired, most)) out.push_back(text_of(row, "order_id"));
    return out;
}

}  // namespace kieng::inventory::stock_store

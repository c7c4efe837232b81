#include "node/catalog/fold.hpp"
#include "node/inventory/row.hpp"
#include "node/inventory/stock_list_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>

namespace kieng::inventory::stock_list_store {
namespace {

using store::statement;

// $1 location, $2 and $3 the last row of the page before, $4 how short, $5 how many. One statement per way to the rows, because a plan
// that serves all of them serves none; the inner limit tells the planner that a page is never longer than that.
#define KIENG_LEVELS(key, goods_from)                                                                                               \
    "SELECT h.pos, x.* FROM cluster_head h LEFT JOIN LATERAL (SELECT * FROM ("                                                      \
    "SELECT l.variant_id, l.product_id, l.sku, l.name, coalesce(s.location_id, $1::uuid, d.id) AS location_id,"                     \
    " coalesce(s.quantity, 0) AS quantity, coalesce(s.reserved, 0) AS reserved, coalesce(s.expired, 0) AS expired,"                 \
    " coalesce(s.low_stock_threshold, 10) AS low_stock_threshold, coalesce(s.track_inventory, true) AS track_inventory,"            \
    " coalesce(s.backorder, false) AS backorder, coalesce(s.lot_tracked, false) AS lot_tracked, coalesce(s.version, 1) AS version," \
    " s.updated_at" goods_from " AND " key                                                                                          \
    " <= coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"                                                                \
    " AND ($2::uuid IS NULL OR " key                                                                                                \
    " < $2::uuid OR coalesce(s.location_id, $1::uuid, d.id) > $3::uuid)"                                                            \
    " ORDER BY " key                                                                                                                \
    " DESC, coalesce(s.location_id, $1::uuid, d.id) LIMIT 201) y LIMIT $5::int) x ON true"
#define KIENG_ALL_GOODS(which)                                                                                 \
    KIENG_LEVELS(                                                                                              \
        "l.variant_id",                                                                                        \
        " FROM variant_labels l JOIN locations d ON d.is_default"                                              \
        " LEFT JOIN stock s ON s.variant_id = l.variant_id AND ($1::uuid IS NULL OR s.location_id = $1::uuid)" \
        " WHERE ($4::int = 0 OR s.level >= $4::int)" which)

constexpr statement kAll{"stock_levels", KIENG_ALL_GOODS("")};
constexpr statement kShort{
    "stock_levels_short",
    KIENG_LEVELS(
        "s.variant_id",
        " FROM stock s JOIN variant_labels l ON l.variant_id = s.variant_id JOIN locations d ON d.is_default"
        " WHERE s.level > 0 AND s.level >= $4::int AND ($1::uuid IS NULL OR s.location_id = $1::uuid)")};
constexpr statement kOfProduct{"stock_levels_of_product",
                               KIENG_ALL_GOODS(" AND l.product_id = $6::uuid")};
constexpr statement kOfVariant{"stock_levels_of_variant",
                               KIENG_ALL_GOODS(" AND l.variant_id = $6::uuid")};
constexpr statement kFound{"stock_levels_found",
                           KIENG_ALL_GOODS(" AND l.product_id = ANY ($6::uuid[])")};
constexpr statement kWalk{"stock_levels_walk",
                          KIENG_ALL_GOODS(" AND product_is_like(l.product_id, $6::text[])")};
constexpr int kFewMatches = 1000;
constexpr statement kMatch{
    "stock_match",
    "SELECT count(*) AS found, array_agg(id) AS ids FROM (SELECT id FROM products_like($1, $2::text[]) id LIMIT 1001) m"};

constexpr statement kCard{"stock_card", R"sql(
    SELECT h.pos, l.*, d.id AS default_location, s.location_id, s.quantity, s.reserved, s.expired, s.updated_at,
           coalesce(s.low_stock_threshold, 10) AS low_stock_threshold, coalesce(s.track_inventory, true) AS track_inventory,
           coalesce(s.backorder, false) AS backorder, coalesce(s.lot_tracked, false) AS lot_tracked, coalesce(s.version, 1) AS version
      FROM cluster_head h LEFT JOIN variant_labels l ON l.variant_id = $1::uuid LEFT JOIN locations d ON d.is_default
      LEFT JOIN stock s ON s.variant_id = l.variant_id
     ORDER BY s.location_id)sql"};
constexpr statement kLots{"stock_card_lots", R"sql(
    SELECT k.* FROM stock_lots k JOIN stock s USING (variant_id, location_id)
     WHERE k.variant_id = $1::uuid AND s.lot_tracked AND k.quantity <> 0 ORDER BY k.location_id, k.expires_on NULLS LAST, k.code)sql"};

template <class Row>
stock_line line_of(const Row& row)
{
    stock_line out;
    out.what = goods_of(row);
    out.location_id = text_of(row, "location_id");
    out.quantity = number_of(row, "quantity");
    out.reserved = number_of(row, "reserved");
    out.expired = number_of(row, "expired");
    out.rules = rules_of(row);
    out.version = number_of(row, "version");
    out.updated_at = optional_time_of(row, "updated_at");
    return out;
}

pqxx::result find_by_text(store::tx& on, const stock_query& query, const char* place,
                          const char* after_variant, const char* after_place)
{
    auto words = catalog::words_of(*query.q);
    std::sort(words.begin(), words.end(),
              [](const auto& a, const auto& b) { return a.size() > b.size(); });
    std::vector<std::string> patterns;
    for (const auto& word : words) patterns.push_back(catalog::word_part_pattern(word));
    const auto all = store::array_literal(patterns);
    const auto with = [&](const statement& what, const std::string& which) {
        return on.exec(what, place, after_variant, after_place, static_cast<int>(query.at_least),
                       query.limit + 1, which);
    };
    // A question without a letter or digit finds nothing.
    if (patterns.empty()) return with(kFound, "{}");
    const auto match = on.exec(kMatch, patterns.front(), all).front();
    if (number_of(match, "found") > kFewMatches) return with(kWalk, all);
    return with(kFound, match["ids"].is_null() ? "{}" : text_of(match, "ids"));
}

pqxx::result select(store::tx& on, const stock_query& query)
{
    const char* const place = nullable(query.location_id);
    const char* const variant = null_if_empty(query.after_variant);
    const char* const at = null_if_empty(query.after_location);
    const int level = static_cast<int>(query.at_least);
    const int rows = query.limit + 1;
    if (query.variant_id)
        return on.exec(kOfVariant, place, variant, at, level, rows, *query.variant_id);
    if (query.product_id)
        return on.exec(kOfProduct, place, variant, at, level, rows, *query.product_id);
    if (query.q) return find_by_text(on, query, place, variant, at);
    return on.exec(level > 0 ? kShort : kAll, place, variant, at, level, rows);
}

}  // namespace

store::seen<catalog::page<stock_line>> levels(store::tx& on, const stock_query& query)
{
    store::seen<catalog::page<stock_line>> out;
    for (const auto& row : select(on, query)) {
        out.pos = number_of(row, "pos");
        if (row["variant_id"].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(query.limit)) {
            out.value.next.emplace();
            break;
        }
        out.value.items.push_back(line_of(row));
    }
    return out;
}

store::seen<std::optional<stock_card>> card(store::tx& on, const std::string& variant_id)
{
    store::seen<std::optional<stock_card>> out;
    for (const auto& row : on.exec(kCard, variant_id)) {
        out.pos = number_of(row, "pos");
        if (row["variant_id"].is_null()) return out;
        if (!out.value)
            out.value.emplace(
                stock_card{goods_of(row), rules_of(row), number_of(row, "version"), {}, {}});
        if (!row["location_id"].is_null()) out.value->places.push_back(line_of(row));
    }
    for (const auto& row : on.exec(kLots, variant_id)) {
        lot_line lot;
        lot.id = text_of(row, "id");
        lot.code = text_of(row, "code");
        lot.location_id = text_of(row, "location_id");
        lot.expires_on = optional_text_of(row, "expires_on");
        lot.quantity = number_of(row, "quantity");
        lot.reserved = number_of(row, "reserved");
        lot.expired = flag_of(row, "expired");
        out.value->lots.push_back(std::move(lot));
    }
    return out;
}

}  // namespace kieng::inventory::stock_list_store

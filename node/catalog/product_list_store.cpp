#include "node/catalog/product_list_store.hpp"

#include "node/catalog/fold.hpp"
#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_list_sql.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>

namespace kieng::catalog::product_list_store {
namespace {

using store::statement;

constexpr int kCountedExactly = 10'000;
constexpr int kCommonLimit = 20;

// The lists everybody asks for (first pages of one status, 20 long) are prepared: parsing and planning would cost as much as reading.
#define KIENG_COMMON_LIST(NAME, KEY, BY)                                                                                          \
    statement                                                                                                                     \
    {                                                                                                                             \
        NAME,                                                                                                                     \
            "SELECT h.pos, x.* FROM cluster_head h LEFT JOIN LATERAL (SELECT 0, " KEY                                             \
            ", p.id, p.sku, p.slug, p.name, p.price, p.currency, p.compare_at_price, "                                            \
            "(SELECT slug FROM categories WHERE id = p.category_id), (SELECT slug FROM categories WHERE id = p.subcategory_id), " \
            "p.brand, p.tags, p.image_urls[p.primary_image], p.image_alts[p.primary_image], p.status, p.variant_count, "          \
            "p.price_version, p.version, p.created_at, p.updated_at FROM products p WHERE p.status = $1 ORDER BY " BY             \
            " LIMIT 21) x ON true"                                                                                                \
    }
constexpr statement kNewest = KIENG_COMMON_LIST("catalog_newest", "''::text", "p.id DESC");
constexpr statement kByName =
    KIENG_COMMON_LIST("catalog_by_name", "p.name_fold", "p.name_fold, p.id");
constexpr statement kByNameDown =
    KIENG_COMMON_LIST("catalog_by_name_down", "p.name_fold", "p.name_fold DESC, p.id DESC");
constexpr statement kByPrice =
    KIENG_COMMON_LIST("catalog_by_price", "p.price::text", "p.price, p.id");
constexpr statement kByPriceDown =
    KIENG_COMMON_LIST("catalog_by_price_down", "p.price::text", "p.price DESC, p.id DESC");
constexpr statement kByUpdate = KIENG_COMMON_LIST(
    "catalog_by_update", "(extract(epoch FROM p.updated_at) * 1000000)::bigint::text",
    "p.updated_at DESC, p.id DESC");
#undef KIENG_COMMON_LIST

// One index probe per name: from each name straight to the next, then a look whether goods of the statuses have it.
// ($2, $3) is where to start: the beginning asked for with no name, or the name the page before ended with.
constexpr statement kLabels{"catalog_labels", R"sql(
    WITH RECURSIVE names AS (
        (SELECT fold, name FROM product_labels
          WHERE kind = $1::smallint AND (fold, name) > ($2, $3) AND fold < $6 ORDER BY fold, name LIMIT 1)
        UNION ALL
        SELECT n.fold, n.name FROM names c CROSS JOIN LATERAL (
            SELECT l.fold, l.name FROM product_labels l
             WHERE l.kind = $1::smallint AND (l.fold, l.name) > (c.fold, c.name) AND l.fold < $6 ORDER BY l.fold, l.name LIMIT 1) n)
    SELECT h.pos, x.name FROM cluster_head h LEFT JOIN LATERAL (
        SELECT n.name FROM names n WHERE EXISTS (
            SELECT FROM unnest($4::smallint[]) s CROSS JOIN LATERAL (
                SELECT FROM product_labels l WHERE l.kind = $1::smallint AND l.fold = n.fold AND l.name = n.name AND l.status = s LIMIT 1) f)
         LIMIT $5) x ON true)sql"};

const statement& common_list(product_sort sort)
{
    switch (sort) {
    case product_sort::name: return kByName;
    case product_sort::name_down: return kByNameDown;
    case product_sort::price: return kByPrice;
    case product_sort::price_down: return kByPriceDown;
    case product_sort::updated: return kByUpdate;
    case product_sort::newest:
    case product_sort::oldest:
    case product_sort::relevance: return kNewest;
    }
    return kNewest;
}

bool is_common(const product_query& query)
{
    const auto& f = query.filter;
    return !f.q && !f.category && !f.tag && !f.brand && !f.min_price && !f.max_price &&
           !query.from && query.limit == kCommonLimit && f.statuses.size() == 1 &&
           query.sort != product_sort::relevance && query.sort != product_sort::oldest;
}

pqxx::result run(store::tx& on, const built_sql& what)
{
    return on.raw().exec_params(what.text, pqxx::prepare::make_dynamic_params(
                                               what.parameters.begin(), what.parameters.end()));
}

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

std::optional<std::string> text_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return std::string(view(f));
}

product_summary summary_of(const pqxx::row& r)
{
    product_summary p;
    int c = 3;  // behind position, tier and key
    p.id = r[c++].c_str();
    p.sku = view(r[c++]);
    p.slug = view(r[c++]);
    p.name = view(r[c++]);
    p.price = number_of(view(r[c++]));
    p.currency = view(r[c++]);
    if (!r[c].is_null()) p.compare_at_price = number_of(view(r[c]));
    ++c;
    p.category = text_or_none(r[c++]);
    p.subcategory = text_or_none(r[c++]);
    p.brand = text_or_none(r[c++]);
    p.tags = texts_of(view(r[c++]));
    p.image_url = text_or_none(r[c++]);
    p.image_alt = view(r[c++]);
    p.status = static_cast<status>(number_of(view(r[c++])));
    p.variant_count = number_of(view(r[c++]));
    p.price_version = number_of(view(r[c++]));
    p.version = number_of(view(r[c++]));
    p.created_at = time_of(view(r[c++]));
    p.updated_at = time_of(view(r[c]));
    return p;
}

// What the planner expects: "Plan Rows" of the topmost node comes first in the text.
std::int64_t estimated(store::tx& on, const product_filter& filter)
{
    const auto rows = run(on, estimate_sql(filter));
    const std::string plan = rows.front()[0].c_str();
    constexpr std::string_view kName = "\"Plan Rows\": ";
    const std::size_t at = plan.find(kName);
    if (at == std::string::npos) return 0;
    const std::size_t from = at + kName.size();
    return number_of(
        std::string_view(plan).substr(from, plan.find_first_not_of("0123456789", from) - from));
}

void count(store::tx& on, const product_filter& filter, page<product_summary>& out)
{
    const std::int64_t counted =
        number_of(view(run(on, count_sql(filter, kCountedExactly)).front()[0]));
    out.total = counted;
    if (counted <= kCountedExactly) return;
    out.total = std::max(counted, estimated(on, filter));
    out.total_is_estimate = true;
}

}  // namespace

store::seen<page<product_summary>> list(store::tx& on, const product_query& query)
{
    store::seen<page<product_summary>> out;
    const auto rows = is_common(query) ? on.exec(common_list(query.sort),
                                                 static_cast<int>(query.filter.statuses.front()))
                                       : run(on, list_sql(query));
    out.pos = number_of(view(rows.front()[0]));
    auto& items = out.value.items;
    for (const auto& r : rows) {
        if (r[3].is_null()) break;  // an empty page: the position alone
        if (items.size() == static_cast<std::size_t>(query.limit)) {
            const auto& last = rows[static_cast<pqxx::result::size_type>(items.size() - 1)];
            const cursor at{static_cast<int>(number_of(view(last[1]))), std::string(view(last[2])),
                            items.back().id};
            out.value.next = encode(at, fingerprint_of(query));
            break;
        }
        items.push_back(summary_of(r));
    }
    if (query.total) count(on, query.filter, out.value);
    return out;
}

store::seen<page<std::string>> labels(store::tx& on, const label_query& query)
{
    std::vector<std::string> statuses;
    for (const status s : query.statuses) statuses.push_back(std::to_string(static_cast<int>(s)));
    const std::string start = query.after.empty() ? query.begins : fold(query.after);
    const std::string end = query.begins + "\xF4\x8F\xBF\xBF";  // U+10FFFF
    const auto rows = on.exec(kLabels, static_cast<int>(query.kind), start, query.after,
                              store::array_literal(statuses), query.limit + 1, end);
    store::seen<page<std::string>> out;
    out.pos = number_of(view(rows.front()[0]));
    for (const auto& r : rows) {
        if (r[1].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(query.limit)) {
            out.value.next = out.value.items.back();
            break;
        }
        out.value.items.emplace_back(view(r[1]));
    }
    return out;
}

}  // namespace kieng::catalog::product_list_store

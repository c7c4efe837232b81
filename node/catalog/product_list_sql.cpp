#include "node/catalog/product_list_sql.hpp"

#include "node/catalog/product_list_order.hpp"
#include "node/catalog/product_search_sql.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <utility>

namespace kieng::catalog {
namespace {

// Columns of a product_summary, and where they come from. Joins: a page has few categories, each is looked up once.
constexpr const char* kColumns =
    "p.id, p.sku, p.slug, p.name, p.price, p.currency, p.compare_at_price, above.slug, below.slug, "
    "p.brand, p.tags, p.image_urls[p.primary_image], p.image_alts[p.primary_image], p.status, p.variant_count, "
    "p.price_version, p.version, p.created_at, p.updated_at";
constexpr const char* kCategories = " LEFT JOIN categories above ON above.id = p.category_id"
                                    " LEFT JOIN categories below ON below.id = p.subcategory_id";

// Newest goods of one tag or brand: its labels are in that order.
std::string label_lane(list_filter& f, const product_query& query, int take)
{
    const bool is_tag = query.filter.tag.has_value();
    const std::string name = f.add(is_tag ? *query.filter.tag : *query.filter.brand, "::text");
    const std::string from =
        query.from ? " AND l.product_id < " + f.add(query.from->id, "::uuid") : "";
    return "hits AS MATERIALIZED (SELECT x.id, ''::text AS key FROM unnest('{" + f.statuses() +
           "}'::smallint[]) s CROSS JOIN LATERAL (SELECT l.product_id AS id FROM product_labels l WHERE l.kind = " +
           (is_tag ? "1" : "2") + " AND l.fold = vn_fold(" + name + ") AND l.name = " + name +
           " AND l.status = s" + from + " ORDER BY l.product_id DESC LIMIT " +
           std::to_string(take) + ") x ORDER BY x.id DESC LIMIT " + std::to_string(take) + "),\n";
}

// Goods of a category in any order: one lane per category below it and status.
std::string category_lanes(const list_filter& f, const stretch& s)
{
    const std::string take = std::to_string(s.take);
    return "hits AS MATERIALIZED (SELECT x.id, x.key FROM leaves CROSS JOIN unnest('{" +
           f.statuses() + "}'::smallint[]) s CROSS JOIN LATERAL (SELECT p.id, " + s.in.key() +
           " AS key FROM products p WHERE p.leaf_id = leaves.id AND p.status = s" + s.after +
           " ORDER BY " + s.in.by_columns() + " LIMIT " + take + ") x ORDER BY " + s.in.by("x.") +
           " LIMIT " + take + "),\n";
}

// A list without a question.
std::string list_hits(list_filter& f, const product_query& query, int take)
{
    const auto& of = query.filter;
    const int filters =
        (of.tag ? 1 : 0) + (of.brand ? 1 : 0) + (of.min_price || of.max_price ? 1 : 0);
    if (query.sort == product_sort::newest && filters == 1 && (of.tag || of.brand) && !of.category)
        return label_lane(f, query, take);
    stretch s;
    s.in = ordering_of(query.sort);
    s.take = take;
    if (query.from) s.after = behind(f, s.in, *query.from);
    if (of.category && filters == 0) return category_lanes(f, s);
    s.rows = f.facets();
    if (s.rows.empty()) s.gathered_from = "products";
    // A price range is a stretch of the price order itself.
    const bool by_price =
        query.sort == product_sort::price || query.sort == product_sort::price_down;
    (by_price ? s.range : s.rows) += f.prices();
    return race(f, s, "hits");
}

// Where goods are counted, and which.
std::string counted(list_filter& f, const product_filter& filter)
{
    const bool is_found = filter.q || !f.facets().empty();
    return std::string(is_found ? "product_search" : "products") + " p WHERE " +
           f.status_condition() + f.facets() + f.prices() +
           (filter.q ? search_condition(filter, f) : "");
}

std::string with(std::string tables)
{
    if (tables.empty()) return "";
    tables.resize(tables.size() - 2);  // the comma behind the last
    return "WITH " + tables + "\n";
}

}  // namespace

bool is_plain(const product_query& query)
{
    const auto& f = query.filter;
    return !f.q && !f.category && !f.tag && !f.brand && !f.min_price && !f.max_price &&
           f.statuses.size() == 1 && query.sort != product_sort::relevance;
}

built_sql pages_sql(const std::vector<const product_query*>& queries)
{
    const product_query& like = *queries.front();
    const auto in = ordering_of(like.sort);
    const std::string column = in.column;
    const std::string page =
        cursor_key(in, in.key()) + ", " + kColumns + " FROM products p" + kCategories +
        " WHERE p.status = " + std::to_string(static_cast<int>(like.filter.statuses.front()));
    const std::string order =
        " ORDER BY " + in.by_columns() + " LIMIT " + std::to_string(like.limit + 1);
    const std::string head = "SELECT head.pos, x.* FROM cluster_head head LEFT JOIN LATERAL (";
    if (!like.from)
        return {head + "SELECT 1, " + page + order + ") x ON true", {}, built_sql::planning::once};
    std::vector<std::string> ids, keys;
    for (const auto* query : queries) {
        ids.push_back(query->from->id);
        keys.push_back(query->from->key);
    }
    built_sql out;
    out.plans = built_sql::planning::once;
    out.parameters.push_back(store::array_literal(ids));
    // Subqueries hide the arrays' lengths from the planner: see catalog_load.
    std::string from = "(SELECT $1)::uuid[]", names = "id, n";
    std::string behind = "p.id" + std::string(in.down ? " < " : " > ") + "k.id";
    if (*in.column) {
        out.parameters.push_back(store::array_literal(keys));
        const bool is_text =
            like.sort == product_sort::name || like.sort == product_sort::name_down;
        from += is_text ? ", (SELECT $2)::text[]" : ", (SELECT $2)::bigint[]";
        names = "id, key, n";
        const std::string key = like.sort == product_sort::updated
                                    ? "timestamptz 'epoch' + k.key * interval '1 microsecond'"
                                    : "k.key" + std::string(in.cast);
        behind = "(" + column + ", p.id)" + (in.down ? " < " : " > ") + "(" + key + ", k.id)";
    }
    out.text = head + "SELECT k.n, y.* FROM unnest(" + from + ") WITH ORDINALITY k (" + names +
               ") CROSS JOIN LATERAL (SELECT " + page + " AND " + behind + order + ") y) x ON true";
    return out;
}

built_sql list_sql(const product_query& query)
{
    list_filter f(query.filter);
    const int take = query.limit + 1;
    const bool is_relevance = query.sort == product_sort::relevance;
    std::string tables = f.leaves();
    const std::string hits =
        query.filter.q ? search_hits(query, f, take) : list_hits(f, query, take);
    const bool lanes_only = !query.filter.q && hits.find("hits_walk") == std::string::npos;
    // The length of the page stands in the text: only the usual ones are kept prepared.
    const bool usual = query.limit == 20 || query.limit == 50 || query.limit == 100;
    const auto plans = lanes_only ? built_sql::planning::once
                       : usual    ? built_sql::planning::once_for_any
                                  : built_sql::planning::each_time;
    const auto in = ordering_of(query.sort);
    const std::string order =
        is_relevance
            ? "h.tier, CASE WHEN h.tier IN (1, 4) THEN h.key END COLLATE \"C\", CASE WHEN h.tier IN (0, 1, 4) THEN h.id END, h.id DESC"
            : in.by("h.");
    std::string text = with(tables + hits) +
                       "SELECT head.pos, x.* FROM cluster_head head LEFT JOIN LATERAL (SELECT " +
                       (query.filter.q ? "h.tier" : "0") + ", " + cursor_key(in, "h.key") + ", " +
                       kColumns + " FROM hits h JOIN products p ON p.id = h.id" + kCategories +
                       " ORDER BY " + order + " LIMIT " + std::to_string(take) + ") x ON true";
    return {std::move(text), f.take(), plans};
}

built_sql count_sql(const product_filter& filter, product_sort in, int most)
{
    list_filter f(filter);
    std::string text = with(f.leaves());
    if (filter.q)
        text += search_count(filter, in, f, most + 1);
    else
        text += "SELECT count(*) FROM (SELECT FROM " + counted(f, filter) + " LIMIT " +
                std::to_string(most + 1) + ") n";
    return {std::move(text), f.take(), built_sql::planning::each_time};
}

built_sql estimate_sql(const product_filter& filter)
{
    list_filter f(filter);
    std::string text = "EXPLAIN (FORMAT JSON) " + with(f.leaves()) + "SELECT FROM ";
    text += counted(f, filter);
    return {std::move(text), f.take(), built_sql::planning::each_time};
}

}  // namespace kieng::catalog

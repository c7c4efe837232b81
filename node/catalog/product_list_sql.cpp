#include "node/catalog/product_list_sql.hpp"

#include "node/catalog/fold.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <algorithm>
#include <utility>

namespace kieng::catalog {
namespace {

// How many goods a walk looks at: filters are in the indexes themselves, a search's words are in the rows, which lie side by side in the
// order of creation and anywhere in another.
constexpr int kWalk = 16'000;
constexpr int kSearchWalk = 8'000;
constexpr int kDescriptionWalk = 4'000;
constexpr int kFarWalk = 1'000;
// The index is asked for so many of the longest words, which are the rarest as a rule; the others are looked for in the rows it finds. Every
// further word would cost the reading of its lists.
constexpr std::size_t kIndexedWords = 6;

// Columns of a product_summary, and where they come from. Joins: a page has few categories, each is looked up once.
constexpr const char* kColumns =
    "p.id, p.sku, p.slug, p.name, p.price, p.currency, p.compare_at_price, above.slug, below.slug, "
    "p.brand, p.tags, p.image_urls[p.primary_image], p.image_alts[p.primary_image], p.status, p.variant_count, "
    "p.price_version, p.version, p.created_at, p.updated_at";
constexpr const char* kCategories = " LEFT JOIN categories above ON above.id = p.category_id"
                                    " LEFT JOIN categories below ON below.id = p.subcategory_id";

// An order: the column in front of the id, if any, and its direction.
struct ordering {
    const char* column;  // of products p, empty: the id alone
    const char* cast;
    bool down;
    [[nodiscard]] std::string by(const std::string& of) const
    {
        const std::string way = down ? " DESC" : "";
        return (*column ? of + "key" + way + ", " : "") + of + "id" + way;
    }
};

ordering ordering_of(product_sort sort)
{
    switch (sort) {
    case product_sort::newest: return {"", "", true};
    case product_sort::name: return {"p.name_fold", "::text COLLATE \"C\"", false};
    case product_sort::name_down: return {"p.name_fold", "::text COLLATE \"C\"", true};
    case product_sort::price: return {"p.price", "::bigint", false};
    case product_sort::price_down: return {"p.price", "::bigint", true};
    case product_sort::updated: return {"p.updated_at", "", true};
    case product_sort::relevance: return {"", "", true};
    case product_sort::oldest: return {"", "", false};
    }
    return {"", "", true};
}

class builder {
public:
    explicit builder(const product_filter& filter) : filter_(filter)
    {
        std::string numbers;
        for (const status s : filter.statuses)
            numbers += (numbers.empty() ? "" : ",") + std::to_string(static_cast<int>(s));
        statuses_ = numbers;
        if (filter.q) {
            folded_ = fold(*filter.q);
            words_ = words_of(*filter.q);
        }
    }

    std::string add(std::string value, const char* cast)
    {
        parameters_.push_back(std::move(value));
        return "$" + std::to_string(parameters_.size()) + cast;
    }

    [[nodiscard]] std::vector<std::string> take() { return std::move(parameters_); }
    [[nodiscard]] const std::string& folded() const { return folded_; }
    [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
    [[nodiscard]] std::string lexemes() const { return lexeme_query(words_); }
    [[nodiscard]] bool one_status() const { return filter_.statuses.size() == 1; }
    [[nodiscard]] const std::string& statuses() const { return statuses_; }

    // The category and what is below it, as a CTE that others use.
    std::string leaves()
    {
        if (!filter_.category) return "";
        const bool is_id = parse_uuid(*filter_.category).has_value();
        const std::string root = is_id ? "r.id = " + add(*filter_.category, "::uuid")
                                       : "r.slug = " + add(*filter_.category, "::text");
        return "leaves AS MATERIALIZED (SELECT c.id FROM categories r JOIN categories c "
               "ON c.id = r.id OR (c.path > r.path || '/' AND c.path < r.path || '0') WHERE " +
               root + "),\n";
    }

    // All filters but the prices and the search, on columns that every order's index holds: a walk asks them without fetching rows, and the facets'
    // own index gathers by them.
    const std::string& conditions()
    {
        if (!conditions_.empty() || plain()) return conditions_;
        std::string all;
        if (filter_.tag) all += "product_facet('t:', " + add(*filter_.tag, "::text") + ")";
        if (filter_.brand)
            all += (all.empty() ? "" : ", ") +
                   ("product_facet('b:', " + add(*filter_.brand, "::text") + ")");
        if (!all.empty()) conditions_ += " AND p.facets @> ARRAY[" + all + "]";
        if (filter_.category)
            conditions_ +=
                " AND p.facets && (SELECT array_agg(product_facet('c:', id::text)) FROM leaves)";
        return conditions_;
    }
    const std::string& prices()
    {
        if (!prices_.empty()) return prices_;
        if (filter_.min_price)
            prices_ += " AND p.price >= " + add(std::to_string(*filter_.min_price), "::bigint");
        if (filter_.max_price)
            prices_ += " AND p.price <= " + add(std::to_string(*filter_.max_price), "::bigint");
        return prices_;
    }
    [[nodiscard]] bool plain() const { return !filter_.category && !filter_.tag && !filter_.brand; }

    // All words, anywhere in name, brand, tags and codes.
    std::string contains()
    {
        if (contains_.empty()) {
            auto longest = words_;
            std::stable_sort(longest.begin(), longest.end(),
                             [](const auto& a, const auto& b) { return a.size() > b.size(); });
            for (std::size_t i = 0; i < longest.size(); ++i) {
                const std::string column = i < kIndexedWords ? "p.search" : "(p.search || '')";
                contains_ += " AND " + column + " LIKE " + add(like_pattern(longest[i]), "::text");
            }
        }
        return contains_;
    }
    std::string name_begins()
    {
        if (begins_.empty()) {
            const std::string from = add(folded_, "::text");
            begins_ =
                " AND p.name_fold >= " + from + " AND p.name_fold < " + from + " || U&'\\+10FFFF'";
        }
        return begins_;
    }
    std::string has_words()
    {
        if (has_words_.empty())
            has_words_ = " AND p.words @@ " + add(lexemes(), "::text") + "::tsquery";
        return has_words_;
    }
    // What a search finds, whatever its order.
    std::string found()
    {
        std::string out =
            " AND (p.id = ANY (ARRAY(SELECT v.product_id FROM variants v WHERE " + code() + "))";
        if (!words_.empty()) out += " OR (true" + contains() + ")";
        if (!lexemes().empty()) out += " OR (true" + has_words() + ")";
        return out + ")";
    }
    std::string code()
    {
        if (code_.empty()) code_ = add(std::string(trim(*filter_.q)), "::text");
        return "v.sku = " + code_ + " OR v.barcode = " + code_;
    }

    [[nodiscard]] std::string status_condition() const
    {
        return one_status() ? "p.status = " + statuses_ : "p.status = ANY ('{" + statuses_ + "}')";
    }

private:
    const product_filter& filter_;
    std::string statuses_, folded_;
    std::vector<std::string> words_, parameters_;
    std::string conditions_, prices_, contains_, begins_, has_words_, code_;
};

// One way of reading goods in one order: what of them, from where on, how many.
struct stretch {
    ordering in;
    std::string after;  // condition of the cursor, " AND ..." or empty
    std::string
        rows;  // conditions looked at row by row, or gathered by their own indexes, " AND ..." or empty
    std::string range;    // conditions the order's index has itself
    std::string only_if;  // " AND (...)": condition without columns that gates the whole
    int walk = kWalk;
    int take = 21;
};

std::string key_column(const ordering& in)
{
    return *in.column ? in.column : "''::text";
}

// Goods in the order of an index, lane by lane where there are several statuses.
std::string ordered(const builder& b, const stretch& s, const std::string& columns, int most)
{
    const std::string limit = std::to_string(most);
    const std::string by =
        (*s.in.column ? std::string(s.in.column) + (s.in.down ? " DESC" : "") + ", " : "") +
        "p.id" + (s.in.down ? " DESC" : "");
    const std::string rest = s.range + s.after + s.only_if + " ORDER BY " + by + " LIMIT " + limit;
    if (b.one_status())
        return "SELECT " + columns + " FROM products p WHERE p.status = " + b.statuses() + rest;
    return "SELECT x.* FROM unnest('{" + b.statuses() +
           "}'::smallint[]) s CROSS JOIN LATERAL (SELECT " + columns +
           " FROM products p WHERE p.status = s" + rest + ") x ORDER BY " + s.in.by("x.") +
           " LIMIT " + limit;
}

// CTEs <name>_walk and <name>_all, and <name> with the rows found.
std::string race(const builder& b, const stretch& s, const std::string& name)
{
    const std::string take = std::to_string(s.take);
    const std::string columns = "p.id, " + key_column(s.in) + " AS key";
    std::string out;
    if (s.rows.empty())
        return name + " AS MATERIALIZED (" + ordered(b, s, columns, s.take) + "),\n";
    out += name + "_walk AS MATERIALIZED (SELECT w.id, w.key FROM (" +
           ordered(b, s, columns + ", (true" + s.rows + ") AS ok", s.walk) +
           ") w WHERE w.ok LIMIT " + take + "),\n";
    const std::string empty = "(SELECT count(*) FROM " + name + "_walk) < " + take;
    out += name + "_all AS MATERIALIZED (SELECT g.id, g.key FROM (SELECT " + columns +
           " FROM products p WHERE " + b.status_condition() + s.rows + s.range + s.after +
           s.only_if + " AND " + empty + " OFFSET 0) g ORDER BY " + s.in.by("g.") + " LIMIT " +
           take + "),\n";
    out += name + " AS (SELECT id, key FROM " + name + "_walk WHERE NOT " + empty +
           " UNION ALL SELECT id, key FROM " + name + "_all),\n";
    return out;
}

std::string after(builder& b, const ordering& in, const cursor& at)
{
    const std::string sign = in.down ? " < " : " > ";
    const std::string id = b.add(at.id, "::uuid");
    if (!*in.column) return " AND p.id" + sign + id;
    const std::string key =
        in.column == std::string_view("p.updated_at")
            ? "(timestamptz 'epoch' + " + b.add(at.key, "::bigint") + " * interval '1 microsecond')"
            : b.add(at.key, in.cast);
    return " AND (" + std::string(in.column) + ", p.id)" + sign + "(" + key + ", " + id + ")";
}

// The key as a cursor carries it.
std::string cursor_key(const ordering& in, const std::string& of)
{
    if (in.column == std::string_view("p.updated_at"))
        return "(extract(epoch FROM " + of + ") * 1000000)::bigint::text";
    return of + "::text";
}

// Newest goods of one tag or brand: its labels are in that order.
std::string label_lane(builder& b, const product_query& query, int take)
{
    const bool is_tag = query.filter.tag.has_value();
    const std::string name = b.add(is_tag ? *query.filter.tag : *query.filter.brand, "::text");
    const std::string from =
        query.from ? " AND l.product_id < " + b.add(query.from->id, "::uuid") : "";
    return "hits AS MATERIALIZED (SELECT x.id, ''::text AS key FROM unnest('{" + b.statuses() +
           "}'::smallint[]) s CROSS JOIN LATERAL (SELECT l.product_id AS id FROM product_labels l WHERE l.kind = " +
           (is_tag ? "1" : "2") + " AND l.fold = vn_fold(" + name + ") AND l.name = " + name +
           " AND l.status = s" + from + " ORDER BY l.product_id DESC LIMIT " +
           std::to_string(take) + ") x ORDER BY x.id DESC LIMIT " + std::to_string(take) + "),\n";
}

// Goods of a category in any order: one lane per category below it and status.
std::string category_lanes(const builder& b, const stretch& s)
{
    const std::string by =
        (*s.in.column ? std::string(s.in.column) + (s.in.down ? " DESC" : "") + ", " : "") +
        "p.id" + (s.in.down ? " DESC" : "");
    const std::string take = std::to_string(s.take);
    return "hits AS MATERIALIZED (SELECT x.id, x.key FROM leaves CROSS JOIN unnest('{" +
           b.statuses() + "}'::smallint[]) s CROSS JOIN LATERAL (SELECT p.id, " + key_column(s.in) +
           " AS key FROM products p WHERE p.leaf_id = leaves.id AND p.status = s" + s.after +
           " ORDER BY " + by + " LIMIT " + take + ") x ORDER BY " + s.in.by("x.") + " LIMIT " +
           take + "),\n";
}

// A list, or a search in another order than relevance.
std::string sorted_hits(builder& b, const product_query& query, int take)
{
    const auto& f = query.filter;
    const int filters =
        (f.tag ? 1 : 0) + (f.brand ? 1 : 0) + (f.min_price || f.max_price ? 1 : 0) + (f.q ? 1 : 0);
    stretch s;
    s.in = ordering_of(query.sort);
    s.take = take;
    if (query.sort == product_sort::newest && filters == 1 && (f.tag || f.brand) && !f.category)
        return label_lane(b, query, take);
    if (query.from) s.after = after(b, s.in, *query.from);
    if (f.category && filters == 0) return category_lanes(b, s);
    s.rows = b.conditions();
    if (f.q) {
        s.rows += b.found();
        // In the order of creation rows lie side by side; in any other each is a page of its own.
        s.walk = *s.in.column ? kFarWalk : kSearchWalk;
    }
    // A price range is a stretch of the price order itself.
    const bool by_price =
        query.sort == product_sort::price || query.sort == product_sort::price_down;
    (by_price ? s.range : s.rows) += b.prices();
    return race(b, s, "hits");
}

// Relevance: the tiers 0 to 3 in this order.
std::string tiers(builder& b, const product_query& query, int take)
{
    const int from = query.from ? query.from->tier : 0;
    const ordering by_name{"p.name_fold", "::text COLLATE \"C\"", false};
    const ordering by_age{"", "", true};
    const std::string filters = b.conditions() + b.prices();
    const std::string not_a_code = " AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
    const auto cursor_of = [&](int tier, const ordering& in) {
        return from == tier && query.from ? after(b, in, *query.from) : std::string();
    };
    const auto fewer = [&](const char* tables) {
        return " AND (SELECT count(*) FROM (" + std::string(tables) + ") t) < " +
               std::to_string(take);
    };

    std::string out =
        "codes AS MATERIALIZED (SELECT DISTINCT v.product_id AS id FROM variants v WHERE " +
        b.code() + "),\n";
    if (from == 0) {
        const std::string later =
            query.from ? " AND p.id > " + b.add(query.from->id, "::uuid") : "";
        out +=
            "t0 AS MATERIALIZED (SELECT p.id, ''::text AS key FROM products p WHERE p.id IN (SELECT id FROM codes) AND " +
            b.status_condition() + filters + later + " ORDER BY p.id LIMIT " +
            std::to_string(take) + "),\n";
    } else {
        out += "t0 AS (SELECT NULL::uuid AS id, NULL::text AS key WHERE false),\n";
    }
    if (b.words().empty()) {
        return out + "hits AS (SELECT 0 AS tier, id, key FROM t0),\n";
    }
    // One word with a digit that is somebody's code means that one.
    const bool like_a_code =
        b.words().size() == 1 && b.words().front().find_first_of("0123456789") != std::string::npos;
    const std::string alone = like_a_code ? " AND NOT EXISTS (SELECT FROM codes)" : "";
    // The conditions of a tier beyond those of its order; a gated tier is not read at all.
    const auto tier = [&](int number, const ordering& in, const std::string& range,
                          const std::string& rest, const char* before) {
        if (from > number)
            return "t" + std::to_string(number) +
                   " AS (SELECT NULL::uuid AS id, NULL::text AS key WHERE false),\n";
        stretch s;
        s.in = in;
        s.after = cursor_of(number, in);
        s.range = range + (number == 1 ? not_a_code : "");
        s.rows = filters + rest + (number > 1 ? not_a_code : "");
        s.only_if = fewer(before) + alone;
        s.take = take;
        if (number > 1) s.walk = number == 2 ? kSearchWalk : kDescriptionWalk;
        return race(b, s, "t" + std::to_string(number));
    };
    const std::string begins = b.name_begins();
    const std::string not_begins = " AND NOT (true" + begins + ")";
    const std::string contains = b.contains();
    out += tier(1, by_name, begins, "", "SELECT FROM t0");
    out += tier(2, by_age, "", contains + not_begins, "SELECT FROM t0 UNION ALL SELECT FROM t1");
    out += b.lexemes().empty()
               ? "t3 AS (SELECT NULL::uuid AS id, NULL::text AS key WHERE false),\n"
               : tier(3, by_age, "", b.has_words() + " AND NOT (true" + contains + ")" + not_begins,
                      "SELECT FROM t0 UNION ALL SELECT FROM t1 UNION ALL SELECT FROM t2");
    return out +
           "hits AS (SELECT 0 AS tier, id, key FROM t0 UNION ALL SELECT 1, id, key FROM t1 "
           "UNION ALL SELECT 2, id, ''::text FROM t2 UNION ALL SELECT 3, id, ''::text FROM t3),\n";
}

std::string all_conditions(builder& b, const product_filter& filter)
{
    std::string out = b.status_condition() + b.conditions() + b.prices();
    if (filter.q) out += b.found();
    return out;
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
    const std::string column = in.column, way = in.down ? " DESC" : "";
    const std::string page =
        cursor_key(in, key_column(in)) + ", " + kColumns + " FROM products p" + kCategories +
        " WHERE p.status = " + std::to_string(static_cast<int>(like.filter.statuses.front()));
    const std::string order = " ORDER BY " + (*in.column ? column + way + ", " : "") + "p.id" +
                              way + " LIMIT " + std::to_string(like.limit + 1);
    const std::string head = "SELECT head.pos, x.* FROM cluster_head head LEFT JOIN LATERAL (";
    if (!like.from) return {head + "SELECT 1, " + page + order + ") x ON true", {}, true};
    std::vector<std::string> ids, keys;
    for (const auto* query : queries) {
        ids.push_back(query->from->id);
        keys.push_back(query->from->key);
    }
    built_sql out;
    out.lasting = true;
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
    builder b(query.filter);
    const int take = query.limit + 1;
    std::string text = "WITH " + b.leaves();
    std::string order;
    bool lasting = false;
    if (query.sort == product_sort::relevance) {
        text += tiers(b, query, take);
        order =
            "h.tier, CASE WHEN h.tier = 1 THEN h.key END COLLATE \"C\", CASE WHEN h.tier < 2 THEN h.id END, h.id DESC";
    } else {
        const std::string hits = sorted_hits(b, query, take);
        lasting = hits.find("hits_walk") == std::string::npos;  // no race: lanes only
        text += hits;
        order = ordering_of(query.sort).by("h.");
    }
    text.resize(text.size() - 2);  // the comma behind the last CTE
    const auto in =
        query.sort == product_sort::relevance ? ordering{"", "", true} : ordering_of(query.sort);
    text += "\nSELECT head.pos, x.* FROM cluster_head head LEFT JOIN LATERAL (SELECT " +
            std::string(query.sort == product_sort::relevance ? "h.tier" : "0") + ", " +
            cursor_key(in, "h.key") + ", " + kColumns +
            " FROM hits h JOIN products p ON p.id = h.id" + kCategories + " ORDER BY " + order +
            " LIMIT " + std::to_string(take) + ") x ON true";
    return {std::move(text), b.take(), lasting};
}

built_sql count_sql(const product_filter& filter, int most)
{
    builder b(filter);
    std::string with = b.leaves();
    if (!with.empty()) with = "WITH " + with.substr(0, with.size() - 2) + "\n";
    std::string text = with + "SELECT count(*) FROM (SELECT FROM products p WHERE " +
                       all_conditions(b, filter) + " LIMIT " + std::to_string(most + 1) + ") n";
    return {std::move(text), b.take(), false};
}

built_sql estimate_sql(const product_filter& filter)
{
    builder b(filter);
    std::string with = b.leaves();
    if (!with.empty()) with = "WITH " + with.substr(0, with.size() - 2) + "\n";
    std::string text = "EXPLAIN (FORMAT JSON) " + with + "SELECT FROM products p WHERE " +
                       all_conditions(b, filter);
    return {std::move(text), b.take(), false};
}

}  // namespace kieng::catalog

#include "node/catalog/product_search_sql.hpp"

#include "node/catalog/product_list_order.hpp"
#include "node/catalog/product_search_terms.hpp"

namespace kieng::catalog {
namespace {

constexpr int kFirstPart = 4;
// How many goods a walk looks at. Rows of product_search lie side by side in the order of creation, and anywhere in another.
constexpr int kWordWalk = 3'000;
constexpr int kDescriptionWalk = 2'000;
constexpr int kFarWalk = 1'500;
constexpr int kNameWalk = 4'000;

// Asked for only where it is used: a value that no text names is refused.
using condition = std::string (search_terms::*)();

const ordering kByName{"p.name_fold", "::text COLLATE \"C\"", false};
const ordering kNewest{"", "", true};

// What one statement is made of.
struct search {
    const product_query& query;
    list_filter& values;
    search_terms terms;
    int take;
    [[nodiscard]] std::string filters() const { return values.facets() + values.prices(); }
    [[nodiscard]] bool is_behind(int tier) const { return query.from && query.from->tier == tier; }
    [[nodiscard]] std::string after(int tier, const ordering& in) const
    {
        return is_behind(tier) ? behind(values, in, *query.from) : "";
    }
};

// An empty table whose keys are of the order's type.
std::string nothing(const std::string& name, const ordering& in)
{
    return name + " AS (SELECT p.id, " + in.key() + " AS key FROM products p WHERE false),\n";
}

// A walk over product_search itself, in the order of ids.
std::string walk_by_id(const search& s, const stretch& of)
{
    return "SELECT p.id, ''::text AS key, (" + s.values.status_condition() + of.rows +
           ") AS ok FROM product_search p WHERE true" + of.after + of.only_if + " ORDER BY " +
           of.in.by_columns() + " LIMIT " + std::to_string(of.walk);
}

// A walk along another order's index, whose goods are looked up in product_search one by one.
std::string walk_by_key(const search& s, const stretch& of)
{
    return "SELECT w.id, w.key, x.ok FROM (" +
           in_order(s.values, of, "p.id, " + of.in.key() + " AS key", of.walk) +
           ") w CROSS JOIN LATERAL (SELECT (true" + of.rows +
           ") AS ok FROM product_search p WHERE p.id = w.id OFFSET 0) x";
}

// --- relevance ---

std::string tier_table(int tier)
{
    return "t" + std::to_string(tier);
}

std::string found_before(int tier, int first)
{
    std::string out = "(SELECT count(*) FROM (";
    for (int t = first; t < tier; ++t)
        out += (t > first ? " UNION ALL SELECT FROM " : "SELECT FROM ") + tier_table(t);
    return out + ") f)";
}

// What tells whether a tier is read at all.
std::string gate(const search& s, int tier)
{
    std::string out;
    if (tier < kFirstPart) {
        if (tier > 0) out = " AND " + found_before(tier, 0) + " < " + std::to_string(s.take);
        return s.terms.is_like_a_code() ? out + " AND NOT EXISTS (SELECT FROM codes)" : out;
    }
    if (!s.query.from) out = " AND " + found_before(kFirstPart, 0) + " = 0";
    if (tier > kFirstPart)
        out += " AND " + found_before(tier, kFirstPart) + " < " + std::to_string(s.take);
    return out;
}

stretch tier_stretch(search& s, int tier, const ordering& in)
{
    stretch out;
    out.in = in;
    out.take = s.take;
    out.after = s.after(tier, in);
    out.only_if = gate(s, tier);
    return out;
}

std::string code_tier(search& s)
{
    const std::string later =
        s.is_behind(0) ? " AND p.id > " + s.values.add(s.query.from->id, "::uuid") : "";
    return "t0 AS MATERIALIZED (SELECT p.id, ''::text AS key FROM products p WHERE p.id IN (SELECT id FROM codes) AND " +
           s.values.status_condition() + s.filters() + later + " ORDER BY p.id LIMIT " +
           std::to_string(s.take) + "),\n";
}

// Names are a range of their index: without facets all of them are there, and prices too.
std::string name_tier(search& s, int tier, const std::string& range, condition gathered)
{
    auto of = tier_stretch(s, tier, kByName);
    of.range = range + " AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
    if (s.values.facets().empty()) {
        of.range += s.values.prices();
        return race(s.values, of, tier_table(tier));
    }
    of.rows = s.filters();
    of.gathered_by = of.rows + (s.terms.*gathered)();
    of.walk = kNameWalk;
    return race(s.values, of, tier_table(tier));
}

std::string word_tier(search& s, int tier, int walk, const std::string& rows,
                      const std::string& gathered, const std::string& rest)
{
    auto of = tier_stretch(s, tier, kNewest);
    const std::string others =
        s.filters() + rest + " AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
    of.rows = rows + others;
    of.gathered_by = gathered + others;
    of.walk = walk;
    return race_with(s.values, of, tier_table(tier), walk_by_id(s, of));
}

// Conditions of all tiers of words.
std::string other_than_names(search& s)
{
    return s.filters() + " AND NOT (true" + s.terms.begins_whole() +
           ") AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
}

// Tiers 2 and 3 in one: if neither walk fills the page, one gathering serves both. Only if the description's walk does, so that far too much would
// be gathered, the labels' goods are gathered alone.
std::string whole_word_tiers(search& s)
{
    const std::string take = std::to_string(s.take), others = other_than_names(s);
    auto labels = tier_stretch(s, 2, kNewest), rest = tier_stretch(s, 3, kNewest);
    labels.walk = kWordWalk, rest.walk = kDescriptionWalk;
    labels.rows = s.terms.in_labels() + others;
    rest.rows = s.terms.anywhere() + " AND NOT (true" + s.terms.in_labels() + ")" + others;
    const std::string few_labels =
        "(SELECT count(*) FROM (SELECT FROM t0 UNION ALL SELECT FROM t1 UNION ALL SELECT FROM t2_walk) f) < " +
        take;
    rest.only_if = labels.only_if + " AND " + few_labels;
    const std::string few_rest = "(SELECT count(*) FROM t3_walk) < " + take;
    const std::string more_labels =
        "(SELECT count(*) FROM t2_seen) >= " + std::to_string(kWordWalk);
    const std::string more_rest =
        "(SELECT count(*) FROM t3_seen) >= " + std::to_string(kDescriptionWalk);
    const std::string both =
        few_labels + " AND " + few_rest + " AND (" + more_labels + " OR " + more_rest + ")";
    const std::string alone = few_labels + " AND NOT " + few_rest + " AND " + more_labels;
    const auto walked = [&](const char* seen) {
        return "SELECT id, key FROM " + std::string(seen) + " WHERE ok LIMIT " + take;
    };
    const auto gathered = [&](const std::string& from) {
        return "(SELECT p.id, ''::text AS key FROM " + from + labels.after +
               " ORDER BY p.id DESC LIMIT " + take + ")";
    };
    const std::string where = "product_search p WHERE " + s.values.status_condition();
    std::string out = "t2_seen AS MATERIALIZED (" + walk_by_id(s, labels) +
                      "),\nt2_walk AS MATERIALIZED (" + walked("t2_seen") +
                      "),\nt3_seen AS MATERIALIZED (" + walk_by_id(s, rest) +
                      "),\nt3_walk AS MATERIALIZED (" + walked("t3_seen") + "),\n";
    out += "found_any AS MATERIALIZED (SELECT p.id, (true" + s.terms.in_labels() +
           ") AS of_labels FROM " + where + s.terms.gather_anywhere() + others + labels.only_if +
           " AND " + both + " OFFSET 0),\nfound_labels AS MATERIALIZED (SELECT p.id FROM " + where +
           s.terms.gather_in_labels() + others + labels.only_if + " AND " + alone + " OFFSET 0),\n";
    out += "t2 AS (SELECT id, key FROM t2_walk WHERE NOT (" + both + ") AND NOT (" + alone +
           ") UNION ALL " + gathered("found_any p WHERE p.of_labels") + " UNION ALL " +
           gathered("found_labels p WHERE true") + "),\n";
    labels.after.clear();
    return out + "t3 AS (SELECT id, key FROM t3_walk WHERE NOT (" + both + ") UNION ALL " +
           gathered("found_any p WHERE NOT p.of_labels") + "),\n";
}

std::string tier(search& s, int number)
{
    auto& terms = s.terms;
    switch (number) {
    case 0: return code_tier(s);
    case 1: return name_tier(s, 1, terms.begins_whole(), &search_terms::gather_begins_whole);
    case 2: return whole_word_tiers(s);
    case 3:
        // With tier 2, unless a cursor is behind that.
        if (!s.is_behind(3)) return "";
        return word_tier(s, 3, kDescriptionWalk, terms.anywhere(), terms.gather_anywhere(),
                         " AND NOT (true" + terms.in_labels() + ")" + " AND NOT (true" +
                             terms.begins_whole() + ")");
    case 4: return name_tier(s, 4, terms.begins(), &search_terms::gather_in_part);
    default:
        return word_tier(s, 5, kWordWalk, terms.in_part(), terms.gather_in_part(),
                         " AND NOT (true" + terms.begins() + ")");
    }
}

std::string relevant_hits(search& s)
{
    const int from = s.query.from ? s.query.from->tier : 0;
    const bool has_whole = from < kFirstPart, has_parts = !s.query.from || !has_whole;
    std::string out = "codes AS MATERIALIZED (" + s.terms.codes() + "),\n";
    std::string hits;
    const int tiers = s.terms.has_words() ? 6 : 1;
    for (int t = 0; t < tiers; ++t) {
        const bool is_read = t >= from && (t < kFirstPart ? has_whole : has_parts);
        out += is_read ? tier(s, t)
                       : nothing(tier_table(t), t == 1 || t == kFirstPart ? kByName : kNewest);
        hits += (t == 0 ? "SELECT " : " UNION ALL SELECT ") + std::to_string(t) +
                " AS tier, id, key FROM " + tier_table(t);
    }
    return out + "hits AS (" + hits + "),\n";
}

// --- other orders ---

// All names that begin with the question stand together, far from where a walk begins: they are a range of their own, and the others are
// gathered without them.
std::string whole_hits_by_name(search& s, const stretch& of, const std::string& walk)
{
    const std::string take = std::to_string(s.take), columns = "p.id, " + of.in.key() + " AS key";
    const std::string too_few = "(SELECT count(*) FROM whole_walk) < " + take;
    stretch range = of;
    range.range = s.terms.begins_whole() + s.values.prices();
    range.only_if = " AND " + too_few;
    return "whole_seen AS MATERIALIZED (" + walk +
           "),\nwhole_walk AS MATERIALIZED (SELECT id, key FROM whole_seen WHERE ok LIMIT " + take +
           "),\nwhole_names AS MATERIALIZED (" + in_order(s.values, range, columns, s.take) +
           "),\nwhole_others AS MATERIALIZED (SELECT g.id, g.key FROM (SELECT " + columns +
           " FROM product_search p WHERE " + s.values.status_condition() +
           s.terms.gather_all_but_beginning() + s.values.prices() + of.after + " AND " + too_few +
           " OFFSET 0) g ORDER BY " + of.in.by("g.") + " LIMIT " + take +
           "),\nwhole AS (SELECT id, key FROM whole_walk WHERE NOT " + too_few +
           " UNION ALL SELECT id, key FROM whole_names UNION ALL SELECT id, key FROM whole_others),\n";
}

std::string sorted_part(search& s, const std::string& name, const std::string& rows,
                        condition gathered, const std::string& only_if)
{
    stretch of;
    of.in = ordering_of(s.query.sort);
    of.take = s.take;
    if (s.query.from) of.after = behind(s.values, of.in, *s.query.from);
    of.only_if = only_if;
    of.rows = rows + s.filters();
    of.walk = *of.in.column ? kFarWalk : kWordWalk;
    if (of.in.column == std::string_view("p.price")) of.range = s.values.prices();
    const auto walk = *of.in.column ? walk_by_key(s, of) : walk_by_id(s, of);
    if (name == "whole" && of.in.column == std::string_view("p.name_fold") &&
        s.values.facets().empty() && s.terms.is_beginning_kept())
        return whole_hits_by_name(s, of, walk);
    of.gathered_by = (s.terms.*gathered)() + s.filters();
    return race_with(s.values, of, name, walk);
}

std::string sorted_hits(search& s)
{
    const bool is_whole = !s.query.from || s.query.from->tier < kFirstPart;
    const bool has_parts = s.terms.has_words() && (!s.query.from || !is_whole);
    const auto in = ordering_of(s.query.sort);
    std::string out;
    if (!is_whole) {
        out += nothing("whole", in);
    } else if (s.terms.has_words()) {
        out += sorted_part(s, "whole", s.terms.anywhere(), &search_terms::gather_anywhere, "");
    } else {
        out += "whole AS MATERIALIZED (SELECT p.id, " + in.key() +
               " AS key FROM products p WHERE p.id = ANY (ARRAY(" + s.terms.codes() + ")) AND " +
               s.values.status_condition() + s.filters() +
               (s.query.from ? behind(s.values, in, *s.query.from) : "") + " ORDER BY " +
               in.by_columns() + " LIMIT " + std::to_string(s.take) + "),\n";
    }
    const std::string gate = s.query.from ? "" : " AND NOT EXISTS (SELECT FROM whole)";
    out += has_parts
               ? sorted_part(s, "parts", s.terms.in_part(), &search_terms::gather_in_part, gate)
               : nothing("parts", in);
    return out + "hits AS (SELECT 0 AS tier, id, key FROM whole UNION ALL SELECT " +
           std::to_string(kFirstPart + 1) + ", id, key FROM parts),\n";
}

}  // namespace

std::string search_hits(const product_query& query, list_filter& values, int take)
{
    search s{query, values, search_terms(query.filter, values), take};
    return query.sort == product_sort::relevance ? relevant_hits(s) : sorted_hits(s);
}

std::string search_condition(const product_filter& of, list_filter& values)
{
    search_terms terms(of, values);
    return terms.has_words() ? terms.gather_anywhere()
                             : " AND p.id = ANY (ARRAY(" + terms.codes() + "))";
}

std::string search_count(const product_filter& of, list_filter& values, int most)
{
    search_terms terms(of, values);
    const std::string filters = values.status_condition() + values.facets() + values.prices();
    const auto counted = [&](const std::string& rest) {
        return "(SELECT count(*) AS n FROM (SELECT FROM product_search p WHERE " + filters + rest +
               " LIMIT " + std::to_string(most) + ") f)";
    };
    if (!terms.has_words())
        return "SELECT n FROM " + counted(" AND p.id = ANY (ARRAY(" + terms.codes() + "))") + " w";
    return "SELECT w.n + (CASE WHEN w.n = 0 THEN " + counted(terms.gather_in_part()) +
           " ELSE 0 END) FROM " + counted(terms.gather_anywhere()) + " w";
}

}  // namespace kieng::catalog

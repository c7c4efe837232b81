#include "node/catalog/product_search_parts.hpp"

#include <string_view>

namespace kieng::catalog {
namespace {

// How many goods a walk looks at: their rows in product_search lie anywhere.
constexpr int kFarWalk = 1'500;

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
                        search_condition_of gathered, const std::string& only_if)
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

}  // namespace

std::string sorted_hits(search& s)
{
    const bool is_whole = !s.query.from || s.query.from->tier < kFirstPart;
    const bool has_parts = s.terms.has_words() && (!s.query.from || !is_whole);
    const auto in = ordering_of(s.query.sort);
    std::string out;
    if (!is_whole) {
        out += no_hits("whole", in);
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
               : no_hits("parts", in);
    return out + "hits AS (SELECT 0 AS tier, id, key FROM whole UNION ALL SELECT " +
           std::to_string(kFirstPart + 1) + ", id, key FROM parts),\n";
}

}  // namespace kieng::catalog

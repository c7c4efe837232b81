#include "node/catalog/product_list_order.hpp"

#include <string_view>

namespace kieng::catalog {
namespace {

bool is_time(const ordering& in)
{
    return in.column == std::string_view("p.updated_at");
}

}  // namespace

std::string ordering::by(const std::string& of) const
{
    const std::string way = down ? " DESC" : "";
    return (*column ? of + "key" + way + ", " : "") + of + "id" + way;
}

std::string ordering::by_columns() const
{
    const std::string way = down ? " DESC" : "";
    return (*column ? column + way + ", " : "") + "p.id" + way;
}

std::string ordering::key() const
{
    return *column ? column : "''::text";
}

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

std::string behind(list_filter& f, const ordering& in, const cursor& at)
{
    const std::string sign = in.down ? " < " : " > ";
    const std::string id = f.add(at.id, "::uuid");
    if (!*in.column) return " AND p.id" + sign + id;
    const std::string key = is_time(in) ? "(timestamptz 'epoch' + " + f.add(at.key, "::bigint") +
                                              " * interval '1 microsecond')"
                                        : f.add(at.key, in.cast);
    return " AND (" + std::string(in.column) + ", p.id)" + sign + "(" + key + ", " + id + ")";
}

std::string cursor_key(const ordering& in, const std::string& of)
{
    return is_time(in) ? "(extract(epoch FROM " + of + ") * 1000000)::bigint::text" : of + "::text";
}

std::string in_order(const list_filter& f, const stretch& s, const std::string& columns, int most)
{
    const std::string limit = std::to_string(most);
    const std::string rest =
        s.range + s.after + s.only_if + " ORDER BY " + s.in.by_columns() + " LIMIT " + limit;
    if (f.has_one_status())
        return "SELECT " + columns + " FROM products p WHERE p.status = " + f.statuses() + rest;
    return "SELECT x.* FROM unnest('{" + f.statuses() +
           "}'::smallint[]) s CROSS JOIN LATERAL (SELECT " + columns +
           " FROM products p WHERE p.status = s" + rest + ") x ORDER BY " + s.in.by("x.") +
           " LIMIT " + limit;
}

std::string race(const list_filter& f, const stretch& s, const std::string& name)
{
    const std::string columns = "p.id, " + s.in.key() + " AS key";
    if (s.rows.empty())
        return name + " AS MATERIALIZED (" + in_order(f, s, columns, s.take) + "),\n";
    return race_with(f, s, name, in_order(f, s, columns + ", (true" + s.rows + ") AS ok", s.walk));
}

std::string race_with(const list_filter& f, const stretch& s, const std::string& name,
                      const std::string& walk)
{
    const std::string take = std::to_string(s.take);
    const std::string too_few = "(SELECT count(*) FROM " + name + "_walk) < " + take;
    // Whether there was more to look at. Only asked if the first is true: then the walk has come to its end.
    const std::string is_gathered =
        too_few + " AND (SELECT count(*) FROM " + name + "_seen) >= " + std::to_string(s.walk);
    return name + "_seen AS MATERIALIZED (" + walk + "),\n" + name +
           "_walk AS MATERIALIZED (SELECT id, key FROM " + name + "_seen WHERE ok LIMIT " + take +
           "),\n" + name + "_all AS MATERIALIZED (SELECT g.id, g.key FROM (SELECT p.id, " +
           s.in.key() + " AS key FROM " + s.gathered_from + " p WHERE " + f.status_condition() +
           (s.gathered_by.empty() ? s.rows : s.gathered_by) + s.range + s.after + s.only_if +
           " AND " + is_gathered + " OFFSET 0) g ORDER BY " + s.in.by("g.") + " LIMIT " + take +
           "),\n" + name + " AS (SELECT id, key FROM " + name + "_walk WHERE NOT (" + is_gathered +
           ") UNION ALL SELECT id, key FROM " + name + "_all),\n";
}

}  // namespace kieng::catalog

#include "node/catalog/product_search_parts.hpp"

namespace kieng::catalog {

std::string no_hits(const std::string& name, const ordering& in)
{
    return name + " AS (SELECT p.id, " + in.key() + " AS key FROM products p WHERE false),\n";
}

std::string walk_by_id(const search& s, const stretch& of)
{
    return "SELECT p.id, ''::text AS key, (" + s.values.status_condition() + of.rows +
           ") AS ok FROM product_search p WHERE true" + of.after + of.only_if + " ORDER BY " +
           of.in.by_columns() + " LIMIT " + std::to_string(of.walk);
}

std::string walk_by_key(const search& s, const stretch& of)
{
    return "SELECT w.id, w.key, x.ok FROM (" +
           in_order(s.values, of, "p.id, " + of.in.key() + " AS key", of.walk) +
           ") w CROSS JOIN LATERAL (SELECT (true" + of.rows +
           ") AS ok FROM product_search p WHERE p.id = w.id OFFSET 0) x";
}

}  // namespace kieng::catalog

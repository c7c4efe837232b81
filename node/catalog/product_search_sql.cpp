#include "node/catalog/product_search_sql.hpp"

#include "node/catalog/product_search_parts.hpp"

namespace kieng::catalog {

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

std::string search_count(const product_filter& of, product_sort in, list_filter& values, int most)
{
    search_terms terms(of, values);
    const std::string filters = values.status_condition() + values.facets() + values.prices();
    const auto counted = [&](const std::string& rest) {
        return "(SELECT count(*) AS n FROM (SELECT FROM product_search p WHERE " + filters + rest +
               " LIMIT " + std::to_string(most) + ") f)";
    };
    if (!terms.has_words())
        return "SELECT n FROM " + counted(" AND p.id = ANY (ARRAY(" + terms.codes() + "))") + " w";
    const bool both = in == product_sort::relevance;
    std::string parts = terms.gather_in_part();
    if (both) parts += " AND NOT (true" + terms.anywhere() + ")";
    const std::string when = both ? "w.n < " + std::to_string(most) : "w.n = 0";
    const std::string unless =
        both && terms.is_like_a_code() ? " AND NOT EXISTS (" + terms.codes() + ")" : "";
    return "SELECT w.n + (CASE WHEN " + when + unless + " THEN " + counted(parts) +
           " ELSE 0 END) FROM " + counted(terms.gather_anywhere()) + " w";
}

}  // namespace kieng::catalog

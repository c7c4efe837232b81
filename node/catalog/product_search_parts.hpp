// What the statements of searches are made of; product_search_sql.hpp says what they find. Pure.
#pragma once

#include "node/catalog/product_list_order.hpp"
#include "node/catalog/product_search_terms.hpp"

#include <string>

namespace kieng::catalog {

// The first tier of those that take the last word as a part of one.
constexpr int kFirstPart = 4;
// How many goods a walk along product_search looks at: its rows lie side by side in the order of creation.
constexpr int kWordWalk = 3'000;

// A condition of the terms: asked for only where it is used, since a value that no text names is refused.
using search_condition_of = std::string (search_terms::*)();

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
[[nodiscard]] std::string no_hits(const std::string& name, const ordering& in);
// A walk over product_search itself, in the order of ids: for race_with.
[[nodiscard]] std::string walk_by_id(const search& s, const stretch& of);
// A walk along another order's index, whose goods are looked up in product_search one by one.
[[nodiscard]] std::string walk_by_key(const search& s, const stretch& of);

// CTEs that end in `hits`.
[[nodiscard]] std::string relevant_hits(search& s);
[[nodiscard]] std::string sorted_hits(search& s);

}  // namespace kieng::catalog

// The orders of a list, and the ways of reading goods in one of them: text of CTEs. Pure.
#pragma once

#include "node/catalog/product_list_filter.hpp"

#include <string>

namespace kieng::catalog {

// How many entries of an order's index a walk looks at. The filters lie in the indexes themselves; words are asked of rows.
constexpr int kWalk = 10'000;

// An order: the column in front of the id, if any, and its direction.
struct ordering {
    const char* column;  // of p; empty: the id alone
    const char* cast;
    bool down;
    // Its ORDER BY over columns `key` and `id` of a table: "h.key DESC, h.id DESC".
    [[nodiscard]] std::string by(const std::string& of) const;
    // The same over those of p.
    [[nodiscard]] std::string by_columns() const;
    [[nodiscard]] std::string key() const;
};
[[nodiscard]] ordering ordering_of(product_sort sort);

// The condition of what stands behind a cursor, " AND ...".
[[nodiscard]] std::string behind(list_filter& f, const ordering& in, const cursor& at);
// A key as a cursor carries it.
[[nodiscard]] std::string cursor_key(const ordering& in, const std::string& of);

// Goods in one order: which of them, from where on, how many.
struct stretch {
    ordering in;
    std::string after;    // condition of the cursor, " AND ..." or empty, like those below
    std::string rows;     // looked at entry by entry, or gathered by
    std::string range;    // the order's index has it itself
    std::string only_if;  // without columns: gates the whole
    // Where what matches is gathered: product_search by facets and words, products by prices.
    const char* gathered_from = "product_search";
    std::string gathered_by;  // narrower than `rows` for the index's sake, or empty
    int walk = kWalk;
    int take = 21;
};

// `columns` of products in the order of its index, lane by lane where there are several statuses, without `rows`.
[[nodiscard]] std::string in_order(const list_filter& f, const stretch& s,
                                   const std::string& columns, int most);
// A CTE <name> (id, key) with the first `take` that match: first a walk over `walk` goods of the order; if it finds too few and there are
// more, all that match are gathered by their own index and sorted.
[[nodiscard]] std::string race(const list_filter& f, const stretch& s, const std::string& name);
// The same with a given walk: text of a query (id, key, ok) of at most `walk` goods in order.
[[nodiscard]] std::string race_with(const list_filter& f, const stretch& s, const std::string& name,
                                    const std::string& walk);

}  // namespace kieng::catalog

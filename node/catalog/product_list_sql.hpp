// Builds the statement of a list or search: SQL text with numbered parameters. Pure, tested without a database.
//
// How a page is found (measured on 1,000,000 products, docs/CATALOG-PLANS.md):
//   lane    filters that an index has in front (status, category, or newest of a tag or brand): read each lane in order, at
//           most a page of each, and merge. The cost does not depend on how many goods there are.
//   race    other filters: first walk the order's index over at most kWalk goods and keep those that match; if that does not
//           fill the page the filter is rare (or far away), and then all that match are gathered by the filter's own index
//           and sorted. A plain LIMIT leaves this choice to estimates, which fail when filters depend on each other.
//   tiers   relevance: codes, then names that begin so, then texts that contain all words, then descriptions; each is read only
//           if those before did not fill the page.
#pragma once

#include "node/catalog/product_query.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::catalog {

struct built_sql {
    std::string text;
    std::vector<std::string> parameters;
    // How its plan is made: anew for each use; once, as there is only one; or once although values would suggest others: the shape of
    // the statement bounds what it costs, and planning for the values cost up to a third of it.
    enum class planning : std::uint8_t { each_time = 1, once, once_for_any };
    planning plans = planning::each_time;
};

// Pages without filters of one status, one order and one length, all at once: those that begin behind the cursors of `queries`
// (all have one), or the first page. Columns: the head's position, which of the queries (from 1), then as in list_sql.
[[nodiscard]] built_sql pages_sql(const std::vector<const product_query*>& queries);
// Whether a page is of that kind.
[[nodiscard]] bool is_plain(const product_query& query);

// One page and one row more, which says whether there is a next page. Columns: the head's position, tier,
// key, then those of a product_summary; an empty page is one row with the position alone.
[[nodiscard]] built_sql list_sql(const product_query& query);
// Counts what the filters find, up to `most` + 1.
[[nodiscard]] built_sql count_sql(const product_filter& filter, product_sort in, int most);
// EXPLAIN (FORMAT JSON) of the same without a bound.
[[nodiscard]] built_sql estimate_sql(const product_filter& filter);

}  // namespace kieng::catalog

// The part of a list's statement that finds what a search asks for: CTEs that end in `hits` (tier, id, key), in the query's order but for its
// ORDER BY. Pure.
//
// Relevance reads tier by tier, each only if those before did not fill the page:
//   0 the exact SKU or barcode; 1 names that begin so; 2 all words in name, brand, tags and codes; 3 those or the description have all words;
//   4 names that begin so within a word; 5 all words in name, brand, tags and codes, the last one as a part.
// Names are in their order, the others newest first. Other orders sort what 0 to 3 find, or, if that is nothing, what 4 and 5 do: to sort both
// together, parts of words would have to be gathered for every question.
#pragma once

#include "node/catalog/product_list_filter.hpp"
#include "node/catalog/product_query.hpp"

#include <string>

namespace kieng::catalog {

// REQUIRES: a query with a question.
[[nodiscard]] std::string search_hits(const product_query& query, list_filter& values, int take);

// Text of a query with one number: how many goods a search finds in that order, up to about `most`.
[[nodiscard]] std::string search_count(const product_filter& of, product_sort in,
                                       list_filter& values, int most);
// The condition of whole words.
[[nodiscard]] std::string search_condition(const product_filter& of, list_filter& values);

}  // namespace kieng::catalog

// Lists, searches, and the tags and brands in use. Functions run on a pool thread; database errors throw.
#pragma once

#include "node/catalog/product_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/read_batcher.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <string>
#include <vector>

namespace kieng::catalog::product_list_store {

// A page, and the position of the snapshot it was read in. The next cursor is made for `query`'s fingerprint.
[[nodiscard]] store::seen<page<product_summary>> list(store::tx& on, const product_query& query);

// The same page as it goes out, written straight from the rows.
struct written_page {
    std::string body;              // JSON
    std::vector<std::string> ids;  // of the goods on it, in their order
};
[[nodiscard]] store::seen<written_page> write_page(store::tx& on, const product_query& query);

// Whether a page can be read with others in one statement: one status, no filter, no total, not too long.
[[nodiscard]] bool is_shareable(const product_query& query);
// Shareable pages, in the order of the queries. For store::read_batcher.
[[nodiscard]] store::loaded<written_page> write_pages(store::tx& on,
                                                      const std::vector<product_query>& queries);

enum class label_kind : std::uint8_t { tag = 1, brand };

// Names in use by goods of these statuses, in folded order behind (after_fold, after_name), whose folded form begins so.
struct label_query {
    label_kind kind = label_kind::tag;
    std::string begins;  // folded; may be empty
    std::vector<status> statuses;
    int limit = 20;
    std::string after;  // the name the page before ended with; empty: from the start
};
// The next cursor is the last name, as it is.
[[nodiscard]] store::seen<page<std::string>> labels(store::tx& on, const label_query& query);

}  // namespace kieng::catalog::product_list_store

// All SQL of stock documents. Functions take the caller's transaction and run on a pool thread; database errors throw.
#pragma once

#include "node/catalog/product_query.hpp"
#include "node/inventory/stock_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory::document_store {

// Writes it with its lines and fills in number, times, node and the texts in NFC.
void insert(store::tx& on, document& what, const std::string& by);
// With its lines and their labels.
[[nodiscard]] std::optional<document> find(store::tx& on, const std::string& id);
[[nodiscard]] store::seen<std::optional<document>> read(store::tx& on, const std::string& id);
[[nodiscard]] store::seen<catalog::page<document>> list(store::tx& on, const document_query& query);

// Locks it until the end of the transaction; without its lines.
[[nodiscard]] std::optional<document> lock(store::tx& on, const std::string& id);
void set_status(store::tx& on, const std::string& id, document_status to, const std::string& by);

// Adds lines to a count, or counts them anew; each variant and lot may stand there once. False: it would have too many.
[[nodiscard]] bool count(store::tx& on, const std::string& id,
                         const std::vector<document_line>& lines, const std::string& by);
// Fills in what the book said when each line was counted, and holds that stock until the end of the transaction.
void expect(store::tx& on, const std::string& id);

}  // namespace kieng::inventory::document_store

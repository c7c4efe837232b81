// Reading stock in pages: all SQL of its lists. Each page shows one snapshot and says its position. Functions take the caller's
// connection and run on a pool thread; database errors throw.
#pragma once

#include "node/catalog/product_query.hpp"
#include "node/inventory/stock_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>

namespace kieng::inventory::stock_list_store {

// The newest goods first. Goods that never lay anywhere have a row of zeros at the location asked for, or the default one; among
// those that are short they are not. A page's `next` is set to something when there is more: the caller makes the cursor of its last row.
[[nodiscard]] store::seen<catalog::page<stock_line>> levels(store::tx& on,
                                                            const stock_query& query);
// The newest first.
[[nodiscard]] store::seen<catalog::page<movement>> movements(store::tx& on,
                                                             const movement_query& query);
// By their last day.
[[nodiscard]] store::seen<catalog::page<expiring_lot>> expiring(store::tx& on,
                                                                const lot_query& query);
// What is held, by the time it ends; of an order, whatever became of it.
[[nodiscard]] store::seen<catalog::page<reservation>> reservations(store::tx& on,
                                                                   const reservation_query& query);
// A variant at all its places; nothing if the catalogue has no such variant.
[[nodiscard]] store::seen<std::optional<stock_card>> card(store::tx& on,
                                                          const std::string& variant_id);

}  // namespace kieng::inventory::stock_list_store

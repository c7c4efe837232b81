// What other nodes, caches and browsers hear of a change of a product.
#pragma once

#include "node/catalog/product.hpp"
#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

namespace kieng::catalog {

// The event of a product created (`before` null), changed, or deleted (`after` null). Its tags are those of the answers that showed the
// product before or will show it: the product, the lists, and the slugs and codes that began or ended to lead to it. Pure.
[[nodiscard]] store::event product_event(const product* before, const product* after);

// Announces it inside a unit of work.
void announce_product(store::tx& on, const product* before, const product* after);
void announce_category(store::tx& on, const std::string& id, std::int64_t version,
                       std::vector<std::string> tags);

}  // namespace kieng::catalog

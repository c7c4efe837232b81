// What orders are refused with, and the members that tell a till or a page what to show. Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/orders/order.hpp"
#include "node/orders/order_draft.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::orders {

// "items":[{productId, variantId, expectedPrice, currentPrice, priceVersion, currentPriceVersion}]
struct changed_price {
    int line = 1;
    std::string product_id, variant_id, name;
    std::int64_t expected = 0, current = 0, version = 0, current_version = 0;
};
[[nodiscard]] failure price_changed(const std::vector<changed_price>& items);

// "items":[{productId, variantId, sku, name, requested, available}]
struct short_line {
    std::string product_id, variant_id, sku, name;
    std::int64_t wanted = 0, available = 0;
};
[[nodiscard]] failure insufficient_stock(const std::vector<short_line>& items);

// "items":[{line, productId, variantId}]
struct missing_line {
    int line = 1;
    std::string product_id, variant_id;
};
[[nodiscard]] failure product_unavailable(const std::vector<missing_line>& items);

// "from","to","allowed":[...]
[[nodiscard]] failure invalid_transition(status from, status to);
// "currentVersion"
[[nodiscard]] failure other_version(std::int64_t current);

}  // namespace kieng::orders

// Tells nodes, caches and listeners that stock changed. Inside a unit of work, behind the change.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::inventory {

// InventoryUpdatedEvent with what these variants have now, wherever they lie. `why` is a kind of movement or document, `reference`
// the order or document behind it (empty: none). Nothing is announced for no variants.
void announce_stock(store::tx& on, const std::vector<std::string>& variants, std::string_view why,
                    const std::string& reference);

// LowStock for each (variant, location) that fell to its threshold or below.
void announce_low(store::tx& on, const std::vector<std::pair<std::string, std::string>>& which);

// LocationUpdatedEvent.
void announce_location(store::tx& on, const std::string& id, std::int64_t version);

}  // namespace kieng::inventory

// All SQL of locations. Functions take the caller's transaction and run on a pool thread; database errors throw.
#pragma once

#include "node/inventory/location.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory::location_store {

[[nodiscard]] store::seen<std::optional<location>> read(store::tx& on, const std::string& id);
// The default one first, then by code.
[[nodiscard]] store::seen<std::vector<location>> list(store::tx& on);

// These locations as far as they are open, with an empty id the default one, kept from being changed until the end of the transaction; in
// the order of ids, as whoever changes them locks them.
[[nodiscard]] std::vector<location> keep(store::tx& on, const std::string& id,
                                         const std::optional<std::string>& other = {});

// Locks all locations, so that the one default and what lies where stand still, and reads them.
[[nodiscard]] std::vector<location> lock_all(store::tx& on);
// Holds goods, reservations or open documents.
[[nodiscard]] bool in_use(store::tx& on, const std::string& id);
// Appears in the ledger or on documents.
[[nodiscard]] bool has_history(store::tx& on, const std::string& id);

// Texts are stored in NFC. Each returns the row as it is now. At most one may be the default: clear the old one first.
[[nodiscard]] location insert(store::tx& on, const location& what, const std::string& by);
[[nodiscard]] location update(store::tx& on, const location& what, const std::string& by);
void clear_default(store::tx& on, const std::string& by);
void remove(store::tx& on, const std::string& id);

}  // namespace kieng::inventory::location_store

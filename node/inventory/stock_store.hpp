// Changing stock: the SQL functions of V006__inventory.sql as C++ calls. Functions take the caller's transaction, inside a unit of
// work, and run on a pool thread; database errors throw.
#pragma once

#include "node/inventory/document.hpp"
#include "node/inventory/stock.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory::stock_store {

// Fills in both ids of each line by the one it names, and holds the goods against deletion. Returns the indices of lines that name
// goods that are not there.
[[nodiscard]] std::vector<std::size_t> resolve(store::tx& on, std::vector<document_line>& lines);

// What stands against a movement.
enum class obstacle : std::uint8_t { lot_needed = 1, lot_not_wanted, other_last_day, not_enough };
struct refusal {
    obstacle why = obstacle::not_enough;
    std::int64_t line = 0;
    std::string variant_id, location_id;
    std::int64_t wanted = 0, available = 0;
    std::string expires_on;
};
struct moved {
    std::string variant_id, location_id;
    bool fell = false;  // to the threshold or below, by this
};
struct posting {
    std::vector<refusal> refused;  // not empty: nothing was moved
    std::vector<moved> changed;
};
[[nodiscard]] posting post(store::tx& on, const std::string& document_id,
                           const std::vector<piece>& pieces,
                           const std::optional<std::string>& reason, const std::string& by);

// The rules of a variant as they are now, locked with all its stock; nothing if the catalogue has no such variant.
struct held_rules {
    stock_rules rules;
    std::int64_t version = 1;
};
[[nodiscard]] std::optional<held_rules> lock_rules(store::tx& on, const std::string& variant_id);
// False: more is promised than is there, and the new rules would forbid that.
[[nodiscard]] bool set_rules(store::tx& on, const std::string& variant_id, const stock_rules& to,
                             const std::string& by);
// Which of the variants go by lots, in the order asked.
[[nodiscard]] std::vector<bool> lot_tracked(store::tx& on,
                                            const std::vector<std::string>& variants);

// What is held becomes sold, or free. Each returns the variants whose stock changed; a second call finds nothing to do.
std::vector<std::string> commit(store::tx& on, const std::vector<std::string>& orders,
                                const std::string& by);
std::vector<std::string> release(store::tx& on, const std::vector<std::string>& orders,
                                 bool expired, const std::string& by);
// Never more of an order's goods than were taken.
std::vector<std::string> restock(store::tx& on, const std::string& order,
                                 const std::vector<std::string>& variants,
                                 const std::vector<std::int64_t>& quantities, movement_kind kind,
                                 const std::string& by);
// Orders with goods held beyond their time, the longest first. Locks nothing.
[[nodiscard]] std::vector<std::string> expired_orders(store::tx& on, int most);

}  // namespace kieng::inventory::stock_store

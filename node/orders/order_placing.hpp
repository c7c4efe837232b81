// Places orders inside a unit of work: prices compared, goods held, rows written, for all of them in one call of the database. Each is placed
// wholly or refused without a trace, and none harms another.
//
// Runs on a pool thread inside its transaction; database errors throw. It is the first that takes locks there.
#pragma once

#include "base/result.hpp"
#include "node/orders/order_draft.hpp"
#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kieng::orders {

// A variant that fell to its threshold by what was placed together.
struct low_stock {
    std::string product_id, variant_id;
    std::int64_t threshold = 0, available = 0;
};

struct placed_order {
    order what;
    std::vector<low_stock> low;  // of the whole call, with one of its orders
};
// There is an order of this caller and key already.
struct known_order {
    std::string id;
    bool same_request = false;
};
// Errors: price_changed, product_unavailable, insufficient_stock, currency_mixed, money_overflow, with their members.
using placing_outcome = std::variant<placed_order, known_order, failure>;

// One outcome per draft, in the same order. `node` is noted with everything.
[[nodiscard]] std::vector<placing_outcome> place(store::tx& on,
                                                 std::span<const order_draft* const> drafts,
                                                 const std::string& node);

}  // namespace kieng::orders

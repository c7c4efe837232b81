// What happens to an order that exists, each step with its effects, inside a unit of work: goods are sold, let go or taken back, money that
// came in is owed back, the history is written, and it is announced. One table says which steps there are (order.hpp).
//
// Runs on a pool thread. The caller has locked the order (order_store::lock), so each effect happens once: who comes second finds the order
// elsewhere. Database errors throw.
#pragma once

#include "base/result.hpp"
#include "node/orders/order_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::orders {

struct change {
    status to = status::pending;
    std::optional<std::string> why;
    std::vector<step_input::line> back;  // to returned: which goods
    bool expired = false;                // to cancelled: because its time is over
};

// Takes one step. Errors: invalid_transition, also where the way is open but its condition does not hold.
[[nodiscard]] result<void> take_step(store::tx& on, order& of, const change& what,
                                     const order_store::doer& by);

// Money that is to go back: owed from now on, and asked for. Errors: refund_too_large.
[[nodiscard]] result<void> owe_back(store::tx& on, order& of, std::int64_t amount,
                                    const std::optional<std::string>& why,
                                    const order_store::doer& by);

}  // namespace kieng::orders

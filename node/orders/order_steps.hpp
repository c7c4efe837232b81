// The steps that people take an order through, one function each. Thread safe; calls come from coroutines on an io_context.
//
// All may also fail with not_found, version_conflict (the order is not the one that was looked at), invalid_transition, and as
// unit_of_work::run does.
#pragma once

#include "base/async.hpp"
#include "node/identity/actor.hpp"
#include "node/orders/order_changes.hpp"
#include "node/orders/order_service.hpp"

#include <string>

namespace kieng::orders {

enum class step : std::uint8_t { confirm = 1, process, ship, deliver, cancel, give_back, refund };

// Goods may come back for so long after they were delivered.
inline constexpr std::chrono::hours kReturnWindow{24 * 30};

class order_steps {
public:
    explicit order_steps(order_service::surroundings in) : in_(std::move(in)) {}

    // Errors besides: forbidden (a customer cancels what is no longer pending), return_too_large, return_window_closed, refund_too_large.
    task<result<store::written>> take(store::write_key key, step what, std::string id,
                                      step_input with, viewer who, std::string user);

private:
    result<void> in_transaction(store::tx& on, order& of, step what, const step_input& with,
                                bool staff, const order_store::doer& by) const;
    result<void> cancel(store::tx& on, order& of, const step_input& with, bool staff,
                        const order_store::doer& by) const;
    result<void> ship(store::tx& on, order& of, const step_input& with,
                      const order_store::doer& by) const;
    result<void> give_back(store::tx& on, order& of, const step_input& with,
                           const order_store::doer& by) const;
    result<void> refund(store::tx& on, order& of, const step_input& with,
                        const order_store::doer& by) const;

    const order_service::surroundings in_;
};

}  // namespace kieng::orders

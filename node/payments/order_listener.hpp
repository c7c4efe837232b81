// What payments do when an order ends or owes money back: open attempts are cancelled, refunds begin. Driven by the outbox, with a cursor of
// its own; any node does it, each event has its effect once. Used by one coroutine at a time.
#pragma once

#include "base/async.hpp"
#include "node/payments/context.hpp"
#include "node/payments/payment_service.hpp"

#include <functional>

namespace kieng::payments {

class order_listener {
public:
    order_listener(const context& in, const payment_service& refunds) : in_(in), refunds_(refunds)
    {}

    // Acts upon what has happened since the last time, a position at a time. Whether there may be more.
    task<bool> listen();

private:
    void order_changed(store::tx& on, const std::string& order_id) const;

    const context& in_;
    const payment_service& refunds_;
    bool begun_ = false;  // the caretaker's coroutine only
};

}  // namespace kieng::payments

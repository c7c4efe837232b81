// What other nodes, browsers and consumers hear of payments. Events of the topic `payment-outcomes` tell how an attempt ended.
// Pure; announce() works inside a unit of work.
#pragma once

#include "node/payments/payment.hpp"
#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <string_view>

namespace kieng::payments {

// PaymentCompletedEvent {orderId, status: SUCCESS|FAILED, ...}. `final`: no further attempt is possible.
[[nodiscard]] store::event outcome_event(const payment& of, bool success, bool final);
[[nodiscard]] store::event payment_event(const payment& of);
[[nodiscard]] store::event refund_event(const payment& of, const refund& what);
[[nodiscard]] store::event cash_event(const std::string& session, std::int64_t version,
                                      std::string_view what);

void announce(store::tx& on, store::event what);

}  // namespace kieng::payments

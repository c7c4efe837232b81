// What other nodes, caches, browsers and consumers hear of orders. The names of events and topics are fixed (docs/ORDERS.md).
#pragma once

#include "node/orders/order.hpp"
#include "node/orders/order_placing.hpp"
#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::orders {

// Pure: OrderPlacedEvent of an order that holds goods. Its tags are those of all that shows the order, and what it took goods from.
[[nodiscard]] store::event placed_event(const order& of);
// Pure: LowStock of each variant that fell to its threshold by the order.
[[nodiscard]] std::vector<store::event> low_events(const placed_order& of);
// Pure: OrderConfirmedEvent, OrderCancelledEvent, or OrderUpdatedEvent for all other steps and for money that moved.
[[nodiscard]] store::event step_event(const order& of, std::optional<status> from);
// Pure: ShipmentUpdated.
[[nodiscard]] store::event shipment_event(const order& of,
                                          const std::optional<std::string>& carrier,
                                          const std::optional<std::string>& tracking_number);
// Pure: OrderRefundRequestedEvent, which payments act upon.
[[nodiscard]] store::event refund_event(const order& of, std::int64_t amount,
                                        const std::optional<std::string>& reason);

// Announces inside a unit of work.
void announce(store::tx& on, store::event what);

}  // namespace kieng::orders

// The rows of payments in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/orders/guest_token.hpp"
#include "node/payments/cash_service.hpp"
#include "node/payments/payment_service.hpp"
#include "node/payments/webhook_service.hpp"
#include "node/platform/http/route.hpp"

#include <string>
#include <vector>

namespace kieng::payments {

// What the handlers use; all of it outlives the routes.
struct payment_desk {
    payment_service& payments;
    webhook_service& webhooks;
    const orders::guest_tokens& guests;
};
[[nodiscard]] std::vector<http::route> payment_routes(const payment_desk& desk);
// `currency`: of a drawer whose opening names none.
[[nodiscard]] std::vector<http::route> cash_routes(cash_service& drawers, std::string currency);

// What providers call.
[[nodiscard]] std::vector<http::route> webhook_routes(webhook_service& webhooks);

}  // namespace kieng::payments

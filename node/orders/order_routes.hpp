// The rows of orders in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/orders/guest_token.hpp"
#include "node/orders/order_service.hpp"
#include "node/orders/order_steps.hpp"
#include "node/platform/http/route.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::orders {

// What the handlers use; all of it must outlive the routes.
struct placing_desk {
    const guest_tokens& guests;
    order_service& service;
    const clock& now;
    random& bits;
};
struct order_desk {
    const guest_tokens& guests;
    order_service& service;
    order_steps& steps;
};

// POST /orders and POST /pos/sales.
[[nodiscard]] std::vector<http::route> placing_routes(const placing_desk& desk);
// What is done with orders that exist.
[[nodiscard]] std::vector<http::route> order_routes(const order_desk& desk);

// The guest of the header Kieng-Guest: nothing without one. Errors: token_invalid.
[[nodiscard]] result<std::optional<std::string>> guest_of(const http::request& from,
                                                          const guest_tokens& guests);

}  // namespace kieng::orders

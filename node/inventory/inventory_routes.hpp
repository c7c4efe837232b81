// The rows of this capability in the route table. Contract: docs/openapi.yaml. What is handed over must outlive the routes.
#pragma once

#include "base/clock.hpp"
#include "node/inventory/document_service.hpp"
#include "node/inventory/inventory_service.hpp"
#include "node/inventory/location_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::inventory {

[[nodiscard]] std::vector<http::route> stock_routes(inventory_service& stock);
[[nodiscard]] std::vector<http::route> location_routes(location_service& locations);
[[nodiscard]] std::vector<http::route> document_routes(document_service& documents,
                                                       const clock& now);

}  // namespace kieng::inventory

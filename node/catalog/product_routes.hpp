// The rows of products, tags and brands in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/catalog/product_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::catalog {

// `products` must outlive the routes.
[[nodiscard]] std::vector<http::route> product_routes(product_service& products);

}  // namespace kieng::catalog

// The rows of products, tags and brands in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/catalog/product_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::catalog {

// `products` must outlive the routes.
[[nodiscard]] std::vector<http::route> product_routes(product_service& products);

// The filters of the query string that lists and the export share.
// A caller without catalog.read_all sees active goods only. Errors: unauthenticated, forbidden for another status.
[[nodiscard]] result<void> read_filter(http::query_reader& in, const http::caller& who, product_filter& out);

}  // namespace kieng::catalog

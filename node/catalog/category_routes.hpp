// The rows of categories in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/catalog/category_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::catalog {

// `categories` must outlive the routes.
[[nodiscard]] std::vector<http::route> category_routes(category_service& categories);

}  // namespace kieng::catalog

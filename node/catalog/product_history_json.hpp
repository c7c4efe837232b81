// The wire form of a product's past. Schemas: docs/openapi.yaml (PriceChangeList, ProductVersionList). Pure functions.
#pragma once

#include "node/catalog/product_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog {

void append_page(std::string& out, const std::vector<product_store::price_change>& items,
                 const std::optional<std::string>& next);
void append_page(std::string& out, const std::vector<product_store::kept_version>& items,
                 const std::optional<std::string>& next);

}  // namespace kieng::catalog

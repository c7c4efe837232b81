// The wire form of stock, its movements, lots and reservations. Schemas: docs/openapi.yaml. Pure functions.
#pragma once

#include "node/catalog/product_query.hpp"
#include "node/inventory/stock.hpp"

#include <string>
#include <string_view>

namespace kieng::inventory {

// Errors: malformed_json, validation_failed.
[[nodiscard]] result<rules_change> read_rules(std::string_view body);

void append_card(std::string& out, const stock_card& of);
void append_page(std::string& out, const catalog::page<stock_line>& of);
// `costs`: whether the reader may see what goods cost the shop.
void append_page(std::string& out, const catalog::page<movement>& of, bool costs);
void append_page(std::string& out, const catalog::page<expiring_lot>& of);
void append_page(std::string& out, const catalog::page<reservation>& of);

}  // namespace kieng::inventory

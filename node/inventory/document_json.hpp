// The wire form of stock documents. Schemas: docs/openapi.yaml (StockDocument, NewReceipt and its siblings). Pure functions.
#pragma once

#include "base/clock.hpp"
#include "node/catalog/product_query.hpp"
#include "node/inventory/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::inventory {

// A new document of this kind; `now` decides what has expired already. Errors: malformed_json, validation_failed.
[[nodiscard]] result<document> read_document(std::string_view body, document_kind kind,
                                             wall_time now);
// Lines of an open count, each with the time it was counted at where it names one.
// Errors: malformed_json, validation_failed.
[[nodiscard]] result<std::vector<document_line>> read_count_lines(std::string_view body,
                                                                  wall_time now);

// `costs`: whether the reader may see what goods cost the shop.
void append_document(std::string& out, const document& of, bool costs);
// Without their lines.
void append_documents(std::string& out, const catalog::page<document>& of, bool costs);

// The shop's day of a moment: "2026-11-21".
[[nodiscard]] std::string shop_day(wall_time at);

}  // namespace kieng::inventory

// From a request's query to what a list is asked, and from the last row of a page to the cursor behind it. Pure functions.
#pragma once

#include "node/inventory/stock_query.hpp"
#include "node/platform/http/request.hpp"

#include <string>

namespace kieng::inventory {

// Errors of all: invalid_parameter, cursor_invalid.
[[nodiscard]] result<stock_query> read_stock_query(const http::request& from);
// Of /inventory/low-stock: the same without asking how short.
[[nodiscard]] result<stock_query> read_low_query(const http::request& from);
[[nodiscard]] result<movement_query> read_movement_query(const http::request& from);
[[nodiscard]] result<lot_query> read_lot_query(const http::request& from);
[[nodiscard]] result<reservation_query> read_reservation_query(const http::request& from);
[[nodiscard]] result<document_query> read_document_query(const http::request& from);

[[nodiscard]] std::string cursor_behind(const stock_line& last, const stock_query& of);
[[nodiscard]] std::string cursor_behind(const movement& last, const movement_query& of);
[[nodiscard]] std::string cursor_behind(const expiring_lot& last, const lot_query& of);
[[nodiscard]] std::string cursor_behind(const reservation& last, const reservation_query& of);
[[nodiscard]] std::string cursor_behind(const document& last, const document_query& of);

}  // namespace kieng::inventory

// What a caller asks of the lists of stock, and where a page ended. Plain values.
#pragma once

#include "node/inventory/document.hpp"
#include "node/inventory/stock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory {

// How short of goods.
enum class shortness : std::uint8_t { any = 0, low, out };  // low includes out

struct stock_query {
    std::optional<std::string> product_id, variant_id, location_id, q;
    shortness at_least = shortness::any;
    int limit = 20;
    std::string after_variant,
        after_location;  // the last row of the page before; empty: the first page
};

struct movement_query {
    std::optional<std::string> product_id, variant_id, location_id;
    std::optional<movement_kind> kind;
    std::optional<wall_time> from, to;  // `to` exclusive
    int limit = 20;
    std::optional<wall_time> before_at;
    std::int64_t before_id = 0;
};

struct lot_query {
    std::optional<std::string> location_id;
    int days = 30;  // from today on; what has expired is always among them
    int limit = 20;
    std::string after_day, after_id;
};

struct reservation_query {
    std::optional<std::string> order_id, variant_id, location_id;
    int limit = 20;
    std::optional<wall_time> after_time;
    std::string after_order, after_variant;
};

struct document_query {
    std::optional<document_kind> kind;
    std::optional<document_status> status;
    std::optional<std::string> location_id, number;
    std::optional<wall_time> from, to;  // `to` exclusive
    int limit = 20;
    std::string before;  // id of the last one of the page before
};

}  // namespace kieng::inventory

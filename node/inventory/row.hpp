// Reading columns of this capability's rows. Included by *_store.cpp files only.
#pragma once

#include "base/clock.hpp"
#include "node/catalog/pg_text.hpp"
#include "node/inventory/stock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::inventory {

template <class Row>
std::string text_of(const Row& row, const char* column)
{
    const auto field = row[column];
    return {field.c_str(), field.size()};
}

template <class Row>
std::optional<std::string> optional_text_of(const Row& row, const char* column)
{
    if (row[column].is_null()) return std::nullopt;
    return text_of(row, column);
}

template <class Row>
std::int64_t number_of(const Row& row, const char* column)
{
    return row[column].template as<std::int64_t>();
}

template <class Row>
std::optional<std::int64_t> optional_number_of(const Row& row, const char* column)
{
    if (row[column].is_null()) return std::nullopt;
    return number_of(row, column);
}

template <class Row>
bool flag_of(const Row& row, const char* column)
{
    return std::string_view(row[column].c_str()) == "t";
}

template <class Row>
wall_time time_of(const Row& row, const char* column)
{
    const auto field = row[column];
    return catalog::time_of({field.c_str(), field.size()});
}

template <class Row>
std::optional<wall_time> optional_time_of(const Row& row, const char* column)
{
    if (row[column].is_null()) return std::nullopt;
    return time_of(row, column);
}

// Columns variant_id, product_id, sku, name; the last three may be null.
template <class Row>
goods goods_of(const Row& row)
{
    return {text_of(row, "variant_id"), text_of(row, "product_id"), text_of(row, "sku"),
            text_of(row, "name")};
}

// Columns low_stock_threshold, track_inventory, backorder, lot_tracked.
template <class Row>
stock_rules rules_of(const Row& row)
{
    return {number_of(row, "low_stock_threshold"), flag_of(row, "track_inventory"),
            flag_of(row, "backorder"), flag_of(row, "lot_tracked")};
}

// A parameter that may be NULL.
inline const char* nullable(const std::optional<std::string>& text) noexcept
{
    return text ? text->c_str() : nullptr;
}
inline const char* null_if_empty(const std::string& text) noexcept
{
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace kieng::inventory

// Reading columns of this capability's rows, and giving what may be NULL. Included by *_store.cpp files only.
#pragma once

#include "base/clock.hpp"
#include "node/catalog/pg_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::orders {

template <class Row>
std::string text_of(const Row& row, const char* column)
{
    const auto field = row[column];
    return {field.c_str(), field.size()};  // empty for NULL
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
    const auto field = row[column];
    return catalog::number_of({field.c_str(), field.size()});
}

template <class Row>
int small_of(const Row& row, const char* column)
{
    return static_cast<int>(number_of(row, column));
}

// An enumerator stored by its number.
template <class Enum, class Row>
Enum enum_of(const Row& row, const char* column)
{
    return static_cast<Enum>(number_of(row, column));
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

inline const char* nullable(const std::optional<std::string>& text) noexcept
{
    return text ? text->c_str() : nullptr;
}
inline const char* null_if_empty(const std::string& text) noexcept
{
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace kieng::orders

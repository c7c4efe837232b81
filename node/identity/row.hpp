// Reading columns of this capability's rows. Included by *_store.cpp files only.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kieng::identity {

template <class Row>
std::string text_of(const Row& row, const char* column)
{
    return row[column].template as<std::string>();
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
bool flag_of(const Row& row, const char* column)
{
    return row[column].template as<bool>();
}

// A column selected as microseconds since 1970.
template <class Row>
wall_time time_of(const Row& row, const char* column)
{
    return wall_time(std::chrono::microseconds(number_of(row, column)));
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

inline std::int64_t microseconds(wall_time at) noexcept
{
    return at.time_since_epoch().count();
}

}  // namespace kieng::identity

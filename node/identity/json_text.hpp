// Small pieces of JSON text that this capability's writers share. Pure functions, thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/encoding.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kieng::identity {

[[nodiscard]] inline std::string json_text(const std::optional<std::string>& text)
{
    return text ? json_string(*text) : "null";
}

[[nodiscard]] inline std::string json_bool(bool value)
{
    return value ? "true" : "false";
}

// "2026-11-20T12:00:00.000Z": times are shown in milliseconds.
[[nodiscard]] inline std::string time_text(wall_time at)
{
    return to_wire_time(at);
}

[[nodiscard]] inline std::string json_time(wall_time at)
{
    return '"' + time_text(at) + '"';
}

}  // namespace kieng::identity

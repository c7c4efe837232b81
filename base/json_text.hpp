// Writing JSON by hand: what goes out often is written straight into one string, which costs a third of building a tree.
// Pure functions, thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/encoding.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng {

inline void append_number(std::string& out, std::int64_t value)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

// "2026-11-20T12:00:00.000Z": milliseconds, as all times on the wire.
inline void append_time(std::string& out, wall_time at)
{
    out += '"';
    out += to_wire_time(at);
    out += '"';
}

inline void append_optional(std::string& out, const std::optional<std::string>& text)
{
    if (text)
        append_json_string(out, *text);
    else
        out += "null";
}

inline void append_optional(std::string& out, const std::optional<std::int64_t>& number)
{
    if (number)
        append_number(out, *number);
    else
        out += "null";
}

// A text where empty means none.
inline void append_text_or_null(std::string& out, std::string_view text)
{
    if (text.empty())
        out += "null";
    else
        append_json_string(out, text);
}

template <class Texts>
void append_texts(std::string& out, const Texts& texts)
{
    out += '[';
    bool first = true;
    for (const auto& text : texts) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, text);
    }
    out += ']';
}

// The same as values, for texts put together by +.
[[nodiscard]] inline std::string json_text(const std::optional<std::string>& text)
{
    return text ? json_string(*text) : "null";
}

[[nodiscard]] inline std::string json_bool(bool value)
{
    return value ? "true" : "false";
}

[[nodiscard]] inline std::string json_time(wall_time at)
{
    return '"' + to_wire_time(at) + '"';
}

}  // namespace kieng

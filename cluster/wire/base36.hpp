// Numbers of the stream lines: base 36, lower case, no sign, no leading zero. One form per number, so that what is signed has one reading.
// Pure, thread safe.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

inline void append_base36(std::string& out, std::uint64_t value)
{
    char text[16];
    const auto end = std::to_chars(text, text + sizeof text, value, 36);
    out.append(text, end.ptr);
}

[[nodiscard]] inline std::optional<std::uint64_t> read_base36(std::string_view text,
                                                              std::uint64_t most) noexcept
{
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    for (const char c : text)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) return std::nullopt;
    std::uint64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value, 36);
    if (end.ec != std::errc() || value > most) return std::nullopt;
    return value;
}

}  // namespace kieng::cluster::wire

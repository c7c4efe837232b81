// Character classes of RFC 9110 and small text helpers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kieng::http {

namespace detail {
inline constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
constexpr std::array<bool, 256> token_table()
{
    std::array<bool, 256> t{};
    for (int c = '0'; c <= '9'; ++c) t[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) t[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) t[static_cast<std::size_t>(c)] = true;
    for (const char c : kTokenMarks) t[static_cast<unsigned char>(c)] = true;
    return t;
}
inline constexpr auto kToken = token_table();
}  // namespace detail

constexpr bool is_token_char(char c) noexcept
{
    return detail::kToken[static_cast<unsigned char>(c)];
}
constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_visible(char c) noexcept
{
    return c > ' ' && c < '\x7f';
}
constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr int hex_value(char c) noexcept
{
    if (is_digit(c)) return c - '0';
    const char l = to_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr bool is_token(std::string_view text) noexcept
{
    if (text.empty()) return false;
    for (const char c : text)
        if (!is_token_char(c)) return false;
    return true;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

constexpr std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The next element of a list separated by `mark`, trimmed; shortens `rest`. Empty elements come too.
constexpr std::string_view next_element(std::string_view& rest, char mark = ',') noexcept
{
    const auto at = rest.find(mark);
    const auto element = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return trim(element);
}

}  // namespace kieng::http

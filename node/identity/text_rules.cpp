#include "node/identity/text_rules.hpp"

#include <algorithm>
#include <array>

namespace kieng::identity {
namespace {

// Unicode's White_Space beyond ASCII, and the byte order mark, as UTF-8.
constexpr std::array<std::string_view, 19> kWideSpaces{
    "\xC2\xA0",     "\xC2\x85",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE3\x80\x80", "\xEF\xBB\xBF"};

bool is_ascii_space(char c) noexcept
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

// Bytes of the white space the text starts with; 0 if it starts with none.
std::size_t leading_space(std::string_view text) noexcept
{
    if (text.empty()) return 0;
    if (is_ascii_space(text.front())) return 1;
    for (const auto space : kWideSpaces) {
        if (text.starts_with(space)) return space.size();
    }
    return 0;
}

std::size_t trailing_space(std::string_view text) noexcept
{
    if (text.empty()) return 0;
    if (is_ascii_space(text.back())) return 1;
    for (const auto space : kWideSpaces) {
        if (text.ends_with(space)) return space.size();
    }
    return 0;
}

// Whether an address names a host: "https://shop.example/a.jpg", but not "https://", "https:///a.jpg" or "https://:80".
bool names_host(std::string_view url) noexcept
{
    if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
    url.remove_prefix(url.find("//") + 2);
    url = url.substr(0, url.find_first_of("/?#\\"));
    const auto user = url.rfind('@');
    if (user != std::string_view::npos) url.remove_prefix(user + 1);
    if (url.starts_with('[')) return url.find(']') > 2 && url.find(']') != std::string_view::npos;
    url = url.substr(0, url.find(':'));
    return !url.empty() && url.front() != '.' && url.find("..") == std::string_view::npos;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept
{
    while (const auto n = leading_space(text)) text.remove_prefix(n);
    while (const auto n = trailing_space(text)) text.remove_suffix(n);
    return text;
}

bool has_space(std::string_view text) noexcept
{
    for (; !text.empty(); text.remove_prefix(1)) {
        if (leading_space(text) > 0) return true;
    }
    return false;
}

bool is_email(std::string_view text) noexcept
{
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos && !has_space(text);
}

bool is_phone(std::string_view text) noexcept
{
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.size() < 6 || text.size() > 19 || !is_digit(text.front()) || !is_digit(text.back()))
        return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || c == ' ' || c == '.' || c == '-'; });
}

bool is_link(std::string_view text) noexcept
{
    const bool here = text.size() > 1 && text[0] == '/' && text[1] != '/' && text[1] != '\\';
    return (here || names_host(text)) && !has_space(text);
}

bool is_country(std::string_view text) noexcept
{
    return text.size() == 2 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_postal_code(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' ||
               c == '-';
    });
}

}  // namespace kieng::identity

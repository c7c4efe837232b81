#include "node/catalog/field_rules.hpp"

#include "base/encoding.hpp"
#include "base/money.hpp"
#include "node/catalog/fold.hpp"
#include "node/identity/text_rules.hpp"

#include <algorithm>

namespace kieng::catalog {
namespace {

verdict fault(fault_code code, std::string allowed)
{
    return value_fault{code, std::move(allowed)};
}

bool is_lower_or_digit(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

verdict check_text(std::string_view text, length_rule rule)
{
    const std::size_t length = utf8_length(text);
    const auto range = [&] { return std::to_string(rule.min) + ".." + std::to_string(rule.max); };
    if (length < rule.min) return fault(fault_code::too_short, range());
    if (length > rule.max) return fault(fault_code::too_long, range());
    const bool control = std::any_of(text.begin(), text.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) return false;
        return !(rule.lines && (c == '\n' || c == '\r' || c == '\t'));
    });
    if (control) return fault(fault_code::bad_format, "no control characters");
    if (rule.min > 0 && !has_visible(text))
        return fault(fault_code::bad_format, "at least one visible character");
    return std::nullopt;
}

verdict check_tag(std::string_view text)
{
    if (auto wrong = check_text(text, kTagRule)) return wrong;
    if (text.find('|') != std::string_view::npos) return fault(fault_code::bad_format, "!= |");
    return std::nullopt;
}

verdict check_code(std::string_view text)
{
    if (text.empty()) return fault(fault_code::too_short, "1..64");
    if (text.size() > 64) return fault(fault_code::too_long, "1..64");
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable || text.front() == ' ' || text.back() == ' ')
        return fault(fault_code::bad_format, "printable ASCII, no space at the ends");
    return std::nullopt;
}

verdict check_slug(std::string_view text)
{
    if (text.empty()) return fault(fault_code::too_short, "1..200");
    if (text.size() > 200) return fault(fault_code::too_long, "1..200");
    const bool letters = std::all_of(text.begin(), text.end(),
                                     [](char c) { return is_lower_or_digit(c) || c == '-'; });
    if (!letters || text.front() == '-' || text.back() == '-' ||
        text.find("--") != std::string_view::npos)
        return fault(fault_code::bad_format, "a-z, 0-9 and single hyphens between them");
    return std::nullopt;
}

verdict check_currency(std::string_view text)
{
    const bool capitals = text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) {
                              return c >= 'A' && c <= 'Z';
                          });
    if (!capitals) return fault(fault_code::bad_format, "ISO 4217 (VND)");
    if (!currency_exponent(text))
        return fault(fault_code::unknown_currency, "VND|JPY|KRW|USD|EUR|GBP|CNY|THB|SGD");
    return std::nullopt;
}

verdict check_link(std::string_view text)
{
    if (auto wrong = check_text(text, {1, 2048})) return wrong;
    if (!identity::is_link(text))
        return fault(fault_code::bad_format, "http://... | https://... | /...");
    return std::nullopt;
}

}  // namespace kieng::catalog

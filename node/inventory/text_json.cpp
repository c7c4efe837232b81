#include "node/inventory/text_json.hpp"

#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"

#include <charconv>
#include <chrono>
#include <limits>

namespace kieng::inventory {
namespace {

using need = object_reader::need;

std::optional<int> digits(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string> read_text(object_reader& from, std::string_view name, need n,
                                     std::size_t max, bool lines)
{
    const auto raw = from.text(name, n, {0, std::numeric_limits<std::size_t>::max(), true});
    if (!raw) return std::nullopt;
    std::string value(catalog::trim(*raw));
    if (const auto wrong = catalog::check_text(value, {1, max, lines})) {
        from.fault(name, wrong->code, wrong->allowed);
        return std::nullopt;
    }
    return value;
}

bool is_day(std::string_view text) noexcept
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
               day = digits(text.substr(8, 2));
    if (!year || !month || !day || *year < 1970) return false;
    return std::chrono::year_month_day(std::chrono::year(*year),
                                       std::chrono::month(static_cast<unsigned>(*month)),
                                       std::chrono::day(static_cast<unsigned>(*day)))
        .ok();
}

std::optional<std::string> read_day(object_reader& from, std::string_view name)
{
    auto text = from.text(name, need::optional, {0, 40, false});
    if (!text) return std::nullopt;
    if (!is_day(*text)) {
        from.fault(name, fault_code::bad_format, "YYYY-MM-DD");
        return std::nullopt;
    }
    return text;
}

std::optional<std::int64_t> read_version(object_reader& from)
{
    if (from.is_null("version")) from.fault("version", fault_code::not_null);
    return from.integer("version", need::optional, 1, 9'007'199'254'740'991);
}

}  // namespace kieng::inventory

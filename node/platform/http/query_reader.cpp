#include "base/ids.hpp"
#include "node/platform/http/request.hpp"

#include <algorithm>
#include <charconv>

namespace kieng::http {
namespace {

std::string joined(const std::vector<std::string_view>& words)
{
    std::string text;
    for (const auto word : words) {
        if (!text.empty()) text += '|';
        text += word;
    }
    return text;
}

std::string range(std::int64_t min, std::int64_t max)
{
    return std::to_string(min) + ".." + std::to_string(max);
}

}  // namespace

query_reader::query_reader(const request& from, std::vector<field_fault>& faults)
    : from_(from),
      faults_(faults)
{}

void query_reader::fault(std::string_view name, fault_code code, std::string allowed)
{
    faults_.push_back({"query:" + std::string(name), code, std::move(allowed)});
}

std::optional<std::string_view> query_reader::value(std::string_view name)
{
    asked_.emplace_back(name);
    std::optional<std::string_view> found;
    for (const auto& [key, text] : from_.query) {
        if (key != name) continue;
        if (found) {
            fault(name, fault_code::duplicate);
            return std::nullopt;
        }
        found = text;
    }
    return found;
}

bool query_reader::flag(std::string_view name)
{
    return value(name).has_value();
}

std::optional<std::string> query_reader::text(std::string_view name, std::size_t max)
{
    const auto given = value(name);
    if (!given) return std::nullopt;
    const auto length = utf8_length(*given);
    if (length == 0) {
        fault(name, fault_code::too_short, range(1, static_cast<std::int64_t>(max)));
        return std::nullopt;
    }
    if (length > max) {
        fault(name, fault_code::too_long, range(1, static_cast<std::int64_t>(max)));
        return std::nullopt;
    }
    const bool control = std::any_of(given->begin(), given->end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
    });
    if (control) {
        fault(name, fault_code::bad_format);
        return std::nullopt;
    }
    return std::string(*given);
}

std::optional<std::int64_t> query_reader::integer(std::string_view name, std::int64_t min,
                                                  std::int64_t max)
{
    const auto given = value(name);
    if (!given) return std::nullopt;
    std::int64_t number = 0;
    const auto* end = given->data() + given->size();
    const auto read = std::from_chars(given->data(), end, number);
    if (read.ec == std::errc::result_out_of_range && read.ptr == end) {
        fault(name, fault_code::out_of_range, range(min, max));
        return std::nullopt;
    }
    if (read.ec != std::errc() || read.ptr != end) {
        fault(name, fault_code::wrong_type, range(min, max));
        return std::nullopt;
    }
    if (number < min || number > max) {
        fault(name, fault_code::out_of_range, range(min, max));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> query_reader::boolean(std::string_view name)
{
    const auto given = value(name);
    if (!given) return std::nullopt;
    if (*given == "true") return true;
    if (*given == "false") return false;
    fault(name, fault_code::wrong_type, "true|false");
    return std::nullopt;
}

std::optional<std::string> query_reader::choice(std::string_view name,
                                                const std::vector<std::string_view>& allowed)
{
    const auto given = value(name);
    if (!given) return std::nullopt;
    if (std::find(allowed.begin(), allowed.end(), *given) != allowed.end())
        return std::string(*given);
    fault(name, fault_code::not_one_of, joined(allowed));
    return std::nullopt;
}

std::optional<std::string> query_reader::uuid(std::string_view name)
{
    const auto given = value(name);
    if (!given) return std::nullopt;
    auto canonical = parse_uuid(*given);
    if (!canonical) fault(name, fault_code::bad_format, "UUID");
    return canonical;
}

void query_reader::finish()
{
    std::vector<std::string_view> reported;
    for (const auto& [key, text] : from_.query) {
        if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
        if (std::find(reported.begin(), reported.end(), key) != reported.end()) continue;
        reported.push_back(key);
        fault(key, fault_code::unknown);
    }
}

}  // namespace kieng::http

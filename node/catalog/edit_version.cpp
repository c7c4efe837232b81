#include "node/catalog/edit_version.hpp"

#include <algorithm>
#include <charconv>

namespace kieng::catalog {

result<std::int64_t> version_in_if_match(std::string_view header)
{
    const auto refused = [] {
        std::vector<field_fault> faults;
        faults.push_back({"header:If-Match", fault_code::bad_format, "\"<version>\""});
        return failure(errc::invalid_parameter, std::move(faults));
    };
    if (header.size() < 3 || header.front() != '"' || header.back() != '"') return refused();
    const std::string_view inside = header.substr(1, header.size() - 2);
    const std::string_view number = inside.substr(0, inside.find('.'));
    const std::string_view rest = inside.substr(number.size());
    const bool sane = std::all_of(rest.begin(), rest.end(), [](char c) { return c == '!' || (c >= '#' && c <= '~'); });
    std::int64_t version = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
    if (!sane || number.empty() || number.size() > 16 || number.front() == '0' || error != std::errc{} ||
        end != number.data() + number.size() || version < 1)
        return refused();
    return version;
}

result<std::optional<std::int64_t>> stated_version(std::optional<std::string_view> if_match, std::optional<std::int64_t> in_body)
{
    if (!if_match) return in_body;
    const auto header = version_in_if_match(*if_match);
    if (!header) return header.error();
    if (in_body && *in_body != *header) return failure(errc::version_ambiguous);
    return std::optional<std::int64_t>(*header);
}

}  // namespace kieng::catalog

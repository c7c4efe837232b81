#include "node/platform/http/target.hpp"

#include "base/encoding.hpp"
#include "node/platform/http/characters.hpp"

#include <algorithm>
#include <array>

namespace kieng::http {
namespace {

constexpr std::size_t kPlainParts = 16;

// Sorts the parts as they stand; for queries without escapes and few parts, which is nearly all of them.
bool append_plain(std::string_view query, std::string& out)
{
    std::array<std::string_view, kPlainParts> parts;
    std::size_t count = 0;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto part = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (part.empty()) continue;
        if (count == parts.size()) return false;
        parts[count++] = part;
    }
    std::sort(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) out += '&';
        out += parts[i];
    }
    return true;
}

}  // namespace

std::optional<std::string> decode_component(std::string_view text, bool plus)
{
    auto decoded = percent_decode(text, plus);
    if (!decoded || decoded->find('\0') != std::string::npos || !is_utf8(*decoded))
        return std::nullopt;
    return decoded;
}

std::optional<query_pairs> decode_query(std::string_view query)
{
    query_pairs pairs;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto part = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto name = decode_component(part.substr(0, equals), true);
        auto value = decode_component(
            equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
        if (!name || !value) return std::nullopt;
        pairs.emplace_back(*std::move(name), *std::move(value));
    }
    return pairs;
}

bool append_normalised_query(std::string_view query, std::string& out)
{
    if (query.empty()) return true;
    const auto before = out.size();
    if (query.find_first_of("%+") == std::string_view::npos && append_plain(query, out))
        return true;
    out.resize(before);
    auto pairs = decode_query(query);
    if (!pairs) return false;
    std::stable_sort(pairs->begin(), pairs->end());
    for (const auto& [name, value] : *pairs) {
        if (out.size() > before) out += '&';
        out += percent_encode(name);
        out += '=';
        out += percent_encode(value);
    }
    return true;
}

}  // namespace kieng::http

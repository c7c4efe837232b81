#include "node/catalog/product_query.hpp"

#include "base/encoding.hpp"
#include "base/json_text.hpp"

#include <array>

namespace kieng::catalog {
namespace {

constexpr std::size_t kMarkBytes = 6;
constexpr int kParts = 5;
constexpr std::array kSorts{
    product_sort::newest,     product_sort::name,    product_sort::name_down, product_sort::price,
    product_sort::price_down, product_sort::updated, product_sort::relevance};

std::string mark_of(std::string_view query)
{
    return std::string(as_text(sha256(query)).substr(0, kMarkBytes));
}

void add(std::string& out, const std::optional<std::string>& part)
{
    if (part) out += std::to_string(part->size()) + ":" + *part;
    out += ';';
}

}  // namespace

std::string_view name_of(product_sort s) noexcept
{
    switch (s) {
    case product_sort::newest: return "newest";
    case product_sort::name: return "name";
    case product_sort::name_down: return "-name";
    case product_sort::price: return "price";
    case product_sort::price_down: return "-price";
    case product_sort::updated: return "updated";
    case product_sort::relevance: return "relevance";
    case product_sort::oldest: return "oldest";
    }
    return "";
}

std::optional<product_sort> sort_named(std::string_view name) noexcept
{
    for (const auto s : kSorts) {
        if (name_of(s) == name) return s;
    }
    return std::nullopt;
}

std::string encode(const cursor& at, std::string_view query)
{
    return to_base64url(mark_of(query) + static_cast<char>('0' + at.tier) + at.id + at.key);
}

result<cursor> decode_cursor(std::string_view text, std::string_view query)
{
    constexpr std::size_t kUuid = 36;
    const auto refused = [] { return failure(errc::cursor_invalid); };
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() < kMarkBytes + 1 + kUuid ||
        !is_utf8(std::string_view(*bytes).substr(kMarkBytes)))
        return refused();
    if (std::string_view(*bytes).substr(0, kMarkBytes) != mark_of(query)) return refused();
    cursor out;
    out.tier = (*bytes)[kMarkBytes] - '0';
    auto id = parse_uuid(std::string_view(*bytes).substr(kMarkBytes + 1, kUuid));
    out.key = bytes->substr(kMarkBytes + 1 + kUuid);
    if (!id || out.tier < 0 || out.tier > kParts || out.key.find('\0') != std::string::npos)
        return refused();
    out.id = *std::move(id);
    return out;
}

std::string encode_place(std::string_view place, std::string_view query)
{
    return to_base64url(mark_of(query) + std::string(place));
}

result<std::string> decode_place(std::string_view text, std::string_view query)
{
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() < kMarkBytes ||
        std::string_view(*bytes).substr(0, kMarkBytes) != mark_of(query))
        return failure(errc::cursor_invalid);
    std::string place = bytes->substr(kMarkBytes);
    if (!is_utf8(place) || place.find('\0') != std::string::npos)
        return failure(errc::cursor_invalid);
    return place;
}

bool fits(const cursor& at, product_sort sort) noexcept
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(at.key.data(), at.key.data() + at.key.size(), number);
    const bool is_number = error == std::errc{} && end == at.key.data() + at.key.size();
    const bool is_sorted = at.tier == 0 || at.tier == kParts;
    switch (sort) {
    case product_sort::newest:
    case product_sort::oldest: return is_sorted && at.key.empty();
    case product_sort::name:
    case product_sort::name_down: return is_sorted;
    case product_sort::price:
    case product_sort::price_down: return is_sorted && is_number;
    case product_sort::updated:
        return is_sorted && is_number && number >= 0 &&
               number < 253'402'300'800'000'000;  // year 10000
    case product_sort::relevance: return at.tier == 1 || at.tier == 4 || at.key.empty();
    }
    return false;
}

std::string fingerprint_of(const product_query& query)
{
    const auto& f = query.filter;
    std::string out = "products;";
    out += name_of(query.sort);
    out += ';';
    add(out, f.q);
    add(out, f.category);
    add(out, f.tag);
    add(out, f.brand);
    out += f.min_price ? std::to_string(*f.min_price) : "-";
    out += ';';
    out += f.max_price ? std::to_string(*f.max_price) : "-";
    for (const status s : f.statuses) out += name_of(s);
    return out;
}

void append_end(std::string& out, const page_end& of)
{
    out += ']';
    if (of.next) {
        out += R"(,"nextCursor":)";
        append_json_string(out, *of.next);
    }
    if (of.total) {
        out += R"(,"total":)";
        append_number(out, *of.total);
        if (of.total_is_estimate) out += R"(,"totalIsEstimate":true)";
    }
    out += '}';
}

void append_page(std::string& out, const page<std::string>& of)
{
    out += R"({"items":[)";
    bool first = true;
    for (const auto& name : of.items) {
        out += first ? R"({"name":)" : R"(,{"name":)";
        first = false;
        append_json_string(out, name);
        out += '}';
    }
    append_end(out, of);
}

}  // namespace kieng::catalog

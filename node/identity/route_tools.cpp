#include "node/identity/route_tools.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"

#include <algorithm>
#include <charconv>

namespace kieng::identity {
namespace {

constexpr std::size_t kMarkBytes = 8;
constexpr std::size_t kUuidLength = 36;

std::optional<std::int64_t> parse_number(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "<version>", or an ETag that begins with it: "<version>.<anything>".
std::optional<std::int64_t> parse_tag(std::string_view tag)
{
    if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
    tag = tag.substr(1, tag.size() - 2);
    const auto visible = [](char c) { return c == '!' || (c >= '#' && c <= '~'); };
    if (!std::all_of(tag.begin(), tag.end(), visible)) return std::nullopt;
    const auto digits = tag.substr(0, tag.find('.'));
    if (digits.empty() || digits.size() > 16 || digits.front() < '1' || digits.front() > '9')
        return std::nullopt;
    return parse_number(digits);
}

failure wrong(std::string pointer, fault_code code, std::string allowed)
{
    std::vector<field_fault> faults;
    faults.push_back({std::move(pointer), code, std::move(allowed)});
    return failure(errc::invalid_parameter, std::move(faults));
}

std::string mark_of(std::string_view query)
{
    return std::string(as_text(sha256(query)).substr(0, kMarkBytes));
}

}  // namespace

http::response to_response(store::written what)
{
    http::response out;
    out.status = what.what.status;
    out.body = std::move(what.what.body);
    out.headers = std::move(what.what.headers);
    if (what.replayed) out.headers.emplace_back("Idempotency-Replayed", "true");
    out.pos = what.pos;
    return out;
}

result<void> no_query(const http::request& from)
{
    return read_query(from, [](http::query_reader&) {});
}

result<void> read_query(const http::request& from,
                        const std::function<void(http::query_reader&)>& read)
{
    std::vector<field_fault> faults;
    http::query_reader in(from, faults);
    read(in);
    in.finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    return {};
}

result<std::string> id_of(const http::request& from)
{
    auto id = parse_uuid(from.param("id"));
    if (!id) return failure(errc::not_found);
    return *std::move(id);
}

result<std::optional<std::int64_t>> version_of(const http::request& from,
                                               std::optional<std::int64_t> in_body)
{
    const auto times = std::count_if(from.headers.begin(), from.headers.end(),
                                     [](const auto& h) { return h.first == "if-match"; });
    if (times == 0) return in_body;
    if (times > 1) return wrong("header:If-Match", fault_code::duplicate, "\"<version>\"");
    const auto named = parse_tag(*from.header("if-match"));
    if (!named) return wrong("header:If-Match", fault_code::bad_format, "\"<version>\"");
    if (in_body && *in_body != *named) return failure(errc::version_ambiguous);
    return named;
}

std::string to_cursor(const place& where, std::string_view query)
{
    const auto at = std::to_string(where.at.time_since_epoch().count());
    return to_base64url(mark_of(query) + where.id + at);
}

result<place> read_cursor(std::string_view cursor, std::string_view query)
{
    const auto bytes = from_base64url(cursor);
    if (!bytes || bytes->size() <= kMarkBytes + kUuidLength) return failure(errc::cursor_invalid);
    const std::string_view text(*bytes);
    if (text.substr(0, kMarkBytes) != mark_of(query)) return failure(errc::cursor_invalid);
    auto id = parse_uuid(text.substr(kMarkBytes, kUuidLength));
    const auto at = parse_number(text.substr(kMarkBytes + kUuidLength));
    // Years 1970 to 9999: what a time stamp can hold.
    constexpr std::int64_t latest = 253'402'300'799'999'999;
    if (!id || !at || *at < 0 || *at > latest) return failure(errc::cursor_invalid);
    return place{wall_time(std::chrono::microseconds(*at)), *std::move(id)};
}

}  // namespace kieng::identity

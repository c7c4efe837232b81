#include "node/platform/http/answer_head.hpp"

#include <charconv>
#include <ctime>

namespace kieng::http {
namespace {

void append_number(std::string& out, std::uint64_t number)
{
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// A header value of ours never breaks the line: what could is left out.
void append_safe(std::string& out, std::string_view value)
{
    for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') out += c;
}

constexpr std::string_view kEverywhere =
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
constexpr std::string_view kApiPolicy =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

}  // namespace

std::string_view reason_of(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

answer_head::answer_head(const clock& now, const position_source& positions,
                         const rate_limiter& by_address, const rate_limiter& by_user)
    : clock_(now),
      positions_(positions),
      by_address_(by_address),
      by_user_(by_user)
{}

void answer_head::append(std::string& out, const exchange& x, const answer_facts& facts)
{
    if (facts.status == 200) {
        out += "HTTP/1.1 200 OK\r\n";
    } else {
        out += "HTTP/1.1 ";
        append_number(out, static_cast<std::uint64_t>(facts.status));
        out += ' ';
        out += reason_of(facts.status);
        out += "\r\n";
    }
    append_date(out);
    append_framing(out, x, facts);
    out += kEverywhere;
    if (facts.policy.empty()) {
        out += kApiPolicy;
    } else {
        out += "Content-Security-Policy: ";
        out += facts.policy;
        out += "\r\n";
    }
    if (facts.cache_control.empty()) {
        out += "Cache-Control: no-store\r\n";
        if (!x.allow_origin.empty()) out += "Vary: Origin\r\n";
    } else {
        out += "Cache-Control: ";
        out += facts.cache_control;
        out += facts.cache_control == kCacheablePrivate
                   ? "\r\nVary: Authorization, Accept-Language, Accept-Encoding, Origin\r\n"
                   : "\r\nVary: Accept-Encoding\r\n";
    }
    if (!facts.etag.empty()) {
        out += "ETag: \"";
        out += facts.etag;
        out += facts.etag_suffix;
        out += "\"\r\n";
    }
    out += "X-Request-Id: ";
    out += x.id;
    out += "\r\nKieng-Token: ";
    out += token(facts.pos);
    out += "\r\n";
    if (const auto cluster = positions_.cluster(); !cluster.empty()) {
        out += "Kieng-Cluster: ";
        out += cluster;
        out += "\r\n";
    }
    if (!x.allow_origin.empty()) cors::append_answer_headers(out, x.allow_origin);
    if (x.secure) out += "Strict-Transport-Security: max-age=31536000\r\n";
    if (x.limited_by_address || x.limited_by_user) append_rate(out, x);
    if (facts.more != nullptr) {
        for (const auto& [name, value] : *facts.more) {
            append_safe(out, name);
            out += ": ";
            append_safe(out, value);
            out += "\r\n";
        }
    }
    out += "\r\n";
}

void answer_head::append_framing(std::string& out, const exchange& x,
                                 const answer_facts& facts) const
{
    if (!facts.content_type.empty() && facts.status != 304) {
        out += "Content-Type: ";
        append_safe(out, facts.content_type);
        out += "\r\n";
    }
    if (facts.chunked) {
        if (x.minor == 1) out += "Transfer-Encoding: chunked\r\n";
    } else if (facts.status != 204 && facts.status != 304) {
        out += "Content-Length: ";
        append_number(out, facts.length);
        out += "\r\n";
    }
    if (facts.gzip) out += "Content-Encoding: gzip\r\n";
    if (!x.keep_alive) {
        out += "Connection: close\r\n";
    } else if (x.minor == 0) {
        out += "Connection: keep-alive\r\n";
    }
}

void answer_head::append_rate(std::string& out, const exchange& x) const
{
    const auto nearest_is_user =
        x.limited_by_user &&
        (!x.limited_by_address ||
         x.by_user.remaining * by_address_.burst() < x.by_address.remaining * by_user_.burst());
    const auto& nearest = nearest_is_user ? x.by_user : x.by_address;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(nearest.until_full).count();
    out += nearest_is_user ? "RateLimit: \"user\";r=" : "RateLimit: \"address\";r=";
    append_number(out, static_cast<std::uint64_t>(nearest.remaining));
    out += ";t=";
    append_number(out, static_cast<std::uint64_t>(seconds));
    out += "\r\nRateLimit-Policy: ";
    const auto policy = [&out](std::string_view name, const rate_limiter& of) {
        out += name;
        append_number(out, static_cast<std::uint64_t>(of.burst()));
        out += ";w=";
        append_number(out, static_cast<std::uint64_t>(rate_limiter::window_seconds()));
    };
    if (x.limited_by_address) policy("\"address\";q=", by_address_);
    if (x.limited_by_address && x.limited_by_user) out += ", ";
    if (x.limited_by_user) policy("\"user\";q=", by_user_);
    out += "\r\n";
}

void answer_head::append_date(std::string& out)
{
    const auto second =
        std::chrono::floor<std::chrono::seconds>(clock_.wall()).time_since_epoch().count();
    if (second != second_) {
        second_ = second;
        const std::time_t at = second;
        std::tm parts{};
        gmtime_r(&at, &parts);
        // RFC 9110 §5.6.7, in English whatever the locale.
        constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
        constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
        char text[64];
        std::snprintf(text, sizeof text, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
                      kDays.data() + 3 * parts.tm_wday, parts.tm_mday,
                      kMonths.data() + 3 * parts.tm_mon, parts.tm_year + 1900, parts.tm_hour,
                      parts.tm_min, parts.tm_sec);
        date_ = text;
    }
    out += date_;
}

std::string_view answer_head::token(std::int64_t pos)
{
    const auto incarnation = positions_.incarnation();
    if (pos != token_pos_ || incarnation != token_incarnation_) {
        token_ = positions_.token(pos);
        token_pos_ = pos;
        token_incarnation_ = incarnation;
    }
    return token_;
}

std::int64_t answer_head::read_token(std::string_view text)
{
    const auto incarnation = positions_.incarnation();
    if (text == token_ && token_incarnation_ == incarnation) return token_pos_;
    if (text == last_read_ && last_read_incarnation_ == incarnation) return last_read_pos_;
    const auto pos = positions_.read(text);
    if (pos > 0) {
        last_read_ = text;
        last_read_pos_ = pos;
        last_read_incarnation_ = incarnation;
    }
    return pos;
}

}  // namespace kieng::http

// Rules over the whole head: who is addressed, what is asked for, where the body ends.
#include "node/platform/http/characters.hpp"
#include "node/platform/http/head_parser.hpp"

namespace kieng::http {
namespace {

// host [":" port] of RFC 3986: a name, an IPv4 address or a bracketed IPv6 address.
bool is_authority(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 255 + 6) return false;
    std::size_t at = 0;
    if (text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos || close < 3) return false;
        for (std::size_t i = 1; i < close; ++i)
            if (hex_value(text[i]) < 0 && text[i] != ':' && text[i] != '.') return false;
        at = close + 1;
    } else {
        while (at < text.size() && (is_alpha(text[at]) || is_digit(text[at]) || text[at] == '-' ||
                                    text[at] == '.' || text[at] == '_' || text[at] == '~'))
            ++at;
        if (at == 0) return false;
    }
    if (at == text.size()) return true;
    if (text[at] != ':' || text.size() - at > 6) return false;
    for (std::size_t i = at + 1; i < text.size(); ++i)
        if (!is_digit(text[i])) return false;
    return true;
}

parse_fault bad(phrase why) noexcept
{
    return {errc::bad_request, why};
}

// Characters a path or query may have as they are; what browsers send unescaped in a query is taken too.
bool is_url_text(std::string_view text, std::string_view refused) noexcept
{
    return text.find_first_of(refused) == std::string_view::npos;
}

bool has_sound_escapes(std::string_view text) noexcept
{
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
        if (at + 2 >= text.size()) return false;
        const int high = hex_value(text[at + 1]);
        const int low = hex_value(text[at + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
    }
    return true;
}

// http://host/path -> /path; empty if it is no URL of ours.
std::string_view path_of_absolute(std::string_view target) noexcept
{
    const std::size_t scheme = equal_ignoring_case(target.substr(0, 7), "http://")    ? 7
                               : equal_ignoring_case(target.substr(0, 8), "https://") ? 8
                                                                                      : 0;
    if (scheme == 0) return {};
    const auto rest = target.substr(scheme);
    const auto slash = rest.find_first_of("/?");
    if (!is_authority(rest.substr(0, slash))) return {};
    if (slash == std::string_view::npos) return "/";
    return rest[slash] == '/' ? rest.substr(slash) : std::string_view();
}

}  // namespace

std::optional<parse_fault> check_host(const head& h)
{
    if (h.times(known::host) > 1)
        return bad({"Chỉ được gửi Host một lần.", "Host may be given once."});
    if (h.times(known::host) == 0) {
        if (h.minor == 0) return std::nullopt;
        return bad({"Thiếu Host.", "Host is missing."});
    }
    if (!is_authority(h.value(known::host)))
        return bad({"Host sai định dạng.", "Host is malformed."});
    return std::nullopt;
}

std::optional<parse_fault> read_framing(const head& h, framing& out)
{
    out = {};
    const auto lengths = h.times(known::content_length);
    if (h.times(known::transfer_encoding) > 0) {
        if (lengths > 0)
            return bad({"Không được gửi cả Transfer-Encoding lẫn Content-Length.",
                        "Transfer-Encoding and Content-Length exclude each other."});
        if (h.minor == 0)
            return bad(
                {"HTTP/1.0 không có Transfer-Encoding.", "HTTP/1.0 has no Transfer-Encoding."});
        const auto coding = h.value(known::transfer_encoding);
        const bool once = h.times(known::transfer_encoding) == 1;
        if (once && equal_ignoring_case(coding, "chunked")) {
            out.how = framing::kind::chunked;
            return std::nullopt;
        }
        const auto last = coding.rfind(',');
        if (once && last != std::string_view::npos &&
            equal_ignoring_case(trim(coding.substr(last + 1)), "chunked") &&
            !equal_ignoring_case(coding.substr(0, 7), "chunked"))
            return parse_fault{errc::not_implemented,
                               {"Transfer-Encoding chỉ hỗ trợ chunked.",
                                "Only the transfer coding chunked is known."}};
        return bad({"Transfer-Encoding sai định dạng.", "Transfer-Encoding is malformed."});
    }
    if (lengths == 0) return std::nullopt;
    const auto text = h.value(known::content_length);
    if (lengths > 1 || text.empty())
        return bad({"Content-Length sai định dạng.", "Content-Length is malformed."});
    for (const char c : text)
        if (!is_digit(c))
            return bad({"Content-Length sai định dạng.", "Content-Length is malformed."});
    if (text.size() > 18)
        return parse_fault{errc::payload_too_large,
                           {"Nội dung quá lớn.", "The body is too large."}};
    for (const char c : text) out.length = out.length * 10 + static_cast<std::uint64_t>(c - '0');
    if (out.length > 0) out.how = framing::kind::length;
    return std::nullopt;
}

std::optional<parse_fault> split_target(head& h)
{
    if (h.target == "*") {
        if (h.method != "OPTIONS")
            return bad({"Đường dẫn * chỉ dùng với OPTIONS.", "The target * is for OPTIONS only."});
        h.path = h.target;
        return std::nullopt;
    }
    const auto origin = h.target.front() == '/' ? h.target : path_of_absolute(h.target);
    if (origin.empty()) return bad({"Đường dẫn không hợp lệ.", "The target is no path."});
    const auto mark = origin.find('?');
    h.path = origin.substr(0, mark);
    h.query = mark == std::string_view::npos ? std::string_view() : origin.substr(mark + 1);
    if (!is_url_text(h.path, "#\"<>\\^`{}") || !is_url_text(h.query, "#\"<>"))
        return bad({"Đường dẫn có ký tự không được phép trong URL.",
                    "The target has characters that no URL has."});
    if (!has_sound_escapes(h.path) || !has_sound_escapes(h.query))
        return bad({"Đường dẫn có mã phần trăm sai.", "The target has a broken escape."});
    return std::nullopt;
}

bool wants_keep_alive(const head& h)
{
    bool keep = h.minor == 1;
    if (h.times(known::connection) == 0) return keep;
    std::string scratch;
    auto rest = h.list(known::connection, scratch);
    while (!rest.empty()) {
        const auto option = next_element(rest);
        if (equal_ignoring_case(option, "close")) return false;
        if (equal_ignoring_case(option, "keep-alive")) keep = true;
    }
    return keep;
}

}  // namespace kieng::http

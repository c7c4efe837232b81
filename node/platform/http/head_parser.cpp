#include "node/platform/http/head_parser.hpp"

#include "node/platform/http/characters.hpp"

#include <cstring>

namespace kieng::http {
namespace {

constexpr std::size_t kRequestLineSlack = 64;  // method, version and spaces around the target

// Field values: visible characters, spaces, tabs and bytes above ASCII.
bool is_field_text(std::string_view text) noexcept
{
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if ((u < 0x20 && u != '\t') || u == 0x7f) return false;
    }
    return true;
}

}  // namespace

void head_parser::reset() noexcept
{
    begin_ = scanned_ = line_ = fields_ = end_ = 0;
    empty_lines_over_ = false;
}

head_parser::state head_parser::fail(errc code, phrase why) noexcept
{
    fault_ = {code, why};
    return state::failed;
}

// A robust server overlooks an empty line or two in front of a request (RFC 9112 §2.2).
head_parser::state head_parser::skip_empty_lines(const char* data, std::size_t size)
{
    while (size - begin_ >= 2 && begin_ < 4 && data[begin_] == '\r' && data[begin_ + 1] == '\n')
        begin_ += 2;
    line_ = scanned_ = begin_;
    if (size == begin_ || (size - begin_ == 1 && begin_ < 4 && data[begin_] == '\r'))
        return state::more;
    if (!is_token_char(data[begin_]))
        return fail(errc::bad_request,
                    {"Dòng đầu của yêu cầu sai định dạng.", "The request line is malformed."});
    empty_lines_over_ = true;
    return state::done;
}

// Finds the empty line that ends the head, line by line; notices limits and bare line feeds on the way.
head_parser::state head_parser::find_end(const char* data, std::size_t size)
{
    while (scanned_ < size) {
        const auto* lf =
            static_cast<const char*>(std::memchr(data + scanned_, '\n', size - scanned_));
        if (lf == nullptr) {
            scanned_ = size;
            break;
        }
        const auto at = static_cast<std::size_t>(lf - data);
        if (at == line_ || data[at - 1] != '\r')
            return fail(errc::bad_request,
                        {"Mỗi dòng phải kết thúc bằng CR LF.", "Lines end with CR LF."});
        const bool empty = at - 1 == line_;
        scanned_ = line_ = at + 1;
        if (fields_ == 0) {
            fields_ = at + 1;
        } else if (empty) {
            end_ = at + 1;
            break;
        }
    }
    if (fields_ == 0 && size - begin_ > limits_.target_bytes + kRequestLineSlack) {
        const bool has_method = std::memchr(data + begin_, ' ', kRequestLineSlack) != nullptr;
        return has_method
                   ? fail(errc::uri_too_long, {"Đường dẫn quá dài.", "The target is too long."})
                   : fail(errc::bad_request, {"Dòng đầu của yêu cầu sai định dạng.",
                                              "The request line is malformed."});
    }
    const std::size_t until = end_ != 0 ? end_ - 2 : size;
    if (fields_ != 0 && until > fields_ && until - fields_ > limits_.header_bytes)
        return fail(errc::header_too_large, {"Phần đầu quá lớn.", "The header is too large."});
    return end_ != 0 ? state::done : state::more;
}

head_parser::state head_parser::parse(char* data, std::size_t size, head& out)
{
    // First of all: `out` is shared by a thread's connections, and a refusal must show nothing of the one before.
    out.clear();
    if (!empty_lines_over_) {
        const auto begun = skip_empty_lines(data, size);
        if (begun != state::done) return begun;
    }
    const auto found = find_end(data, size);
    if (found != state::done) return found;

    if (!read_request_line({data + begin_, fields_ - 2 - begin_}, out)) return state::failed;
    std::size_t at = fields_;
    while (at < end_ - 2) {
        auto* lf = static_cast<char*>(std::memchr(data + at, '\n', end_ - at));
        const auto stop = static_cast<std::size_t>(lf - data);
        if (!read_field(data + at, stop - 1 - at, out)) return state::failed;
        at = stop + 1;
    }
    return state::done;
}

bool head_parser::read_request_line(std::string_view line, head& out)
{
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        fail(errc::bad_request,
             {"Dòng đầu của yêu cầu sai định dạng.", "The request line is malformed."});
        return false;
    }
    out.method = line.substr(0, first);
    out.target = line.substr(first + 1, last - first - 1);
    if (!is_token(out.method) || out.target.empty()) {
        fail(errc::bad_request,
             {"Dòng đầu của yêu cầu sai định dạng.", "The request line is malformed."});
        return false;
    }
    if (out.target.size() > limits_.target_bytes) {
        fail(errc::uri_too_long, {"Đường dẫn quá dài.", "The target is too long."});
        return false;
    }
    for (const char c : out.target) {
        if (is_visible(c)) continue;
        fail(errc::bad_request, {"Đường dẫn có ký tự không được phép trong URL.",
                                 "The target has characters that no URL has."});
        return false;
    }
    return read_version(line.substr(last + 1), out);
}

bool head_parser::read_version(std::string_view version, head& out)
{
    if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7])) {
        fail(errc::bad_request,
             {"Dòng đầu của yêu cầu sai định dạng.", "The request line is malformed."});
        return false;
    }
    if (version[5] != '1') {
        fail(errc::version_not_supported,
             {"Chỉ hỗ trợ HTTP/1.0 và HTTP/1.1.", "HTTP/1.0 and HTTP/1.1 are spoken."});
        return false;
    }
    out.minor = version[7] == '0'
                    ? 0
                    : 1;  // a higher minor version is answered as the highest known (RFC 9110 §2.5)
    return true;
}

bool head_parser::read_field(char* line, std::size_t size, head& out)
{
    if (line[0] == ' ' || line[0] == '\t') {
        fail(errc::bad_request,
             {"Không được ngắt dòng trong phần đầu.", "Folded header lines are not allowed."});
        return false;
    }
    std::size_t colon = 0;
    while (colon < size && is_token_char(line[colon])) {
        line[colon] = to_lower(line[colon]);
        ++colon;
    }
    if (colon == 0 || colon == size || line[colon] != ':') {
        fail(errc::bad_request,
             {"Một trường của phần đầu sai định dạng.", "A header field is malformed."});
        return false;
    }
    const auto value = trim({line + colon + 1, size - colon - 1});
    if (!is_field_text(value)) {
        fail(errc::bad_request, {"Một trường của phần đầu có ký tự điều khiển.",
                                 "A header field has control characters."});
        return false;
    }
    return add_field({line, colon}, value, out);
}

bool head_parser::add_field(std::string_view name, std::string_view value, head& out)
{
    if (out.count >= limits_.header_fields || out.count >= head::kMaxFields) {
        fail(errc::header_too_large,
             {"Phần đầu có quá nhiều trường.", "The header has too many fields."});
        return false;
    }
    out.fields[out.count++] = {name, value};
    const auto k = known_of(name);
    if (k != known::none) {
        const auto at = static_cast<std::size_t>(k);
        if (out.seen[at]++ == 0) out.first[at] = value;
    }
    return true;
}

}  // namespace kieng::http

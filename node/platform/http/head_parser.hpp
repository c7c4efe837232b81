// Reads the head of an HTTP/1.x request strictly after RFC 9112, so that no two readers of the same bytes can disagree:
// CRLF only, no folded lines, no space before a colon, no control characters, one valid Host, one way to delimit the body.
//
// Not thread safe. Names are put in lower case in place.
// Errors: bad_request, uri_too_long, header_too_large, version_not_supported, not_implemented, payload_too_large. After each of them the
// position of the next request is not known: answer and close.
#pragma once

#include "base/result.hpp"
#include "node/platform/http/head.hpp"
#include "node/platform/http/limits.hpp"

#include <optional>

namespace kieng::http {

struct parse_fault {
    errc code;
    phrase why;
};

class head_parser {
public:
    explicit head_parser(const limits& within) : limits_(within) {}

    enum class state : std::uint8_t { more = 1, done, failed };

    // Looks at all bytes received so far. `done`: `out` is filled and size() bytes belong to the head.
    // `failed`: fault() says why. Call reset() before the next request.
    state parse(char* data, std::size_t size, head& out);
    [[nodiscard]] std::size_t size() const noexcept { return end_; }
    [[nodiscard]] const parse_fault& fault() const noexcept { return fault_; }
    // Whether anything but line ends before the request has been seen.
    [[nodiscard]] bool begun(std::size_t size) const noexcept { return size > begin_; }
    void reset() noexcept;

private:
    state fail(errc code, phrase why) noexcept;
    state skip_empty_lines(const char* data, std::size_t size);
    state find_end(const char* data, std::size_t size);
    bool read_request_line(std::string_view line, head& out);
    bool read_version(std::string_view version, head& out);
    bool read_field(char* line, std::size_t size, head& out);
    bool add_field(std::string_view name, std::string_view value, head& out);

    const limits& limits_;
    std::size_t begin_ = 0;    // of the request line
    std::size_t scanned_ = 0;  // everything before has been looked at
    std::size_t line_ = 0;     // where the current line begins
    std::size_t fields_ = 0;   // where the first field begins, 0 while in the request line
    std::size_t end_ = 0;
    bool empty_lines_over_ = false;
    parse_fault fault_{errc::bad_request, {}};
};

// The checks over all fields: Host, Content-Length, Transfer-Encoding, and the form of the target (fills out.path, out.query).
[[nodiscard]] std::optional<parse_fault> check_host(const head& h);
[[nodiscard]] std::optional<parse_fault> read_framing(const head& h, framing& out);
[[nodiscard]] std::optional<parse_fault> split_target(head& h);
// Whether the connection stays open after this request, as far as the client is concerned.
[[nodiscard]] bool wants_keep_alive(const head& h);

}  // namespace kieng::http

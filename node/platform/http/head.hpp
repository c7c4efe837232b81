// The head of a request as views into the connection's buffer, before anything is copied. Internal to this folder.
//
// Valid until the buffer is read into again. Not thread safe.
#pragma once

#include "node/platform/http/request.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::http {

// Fields the server itself looks at.
enum class known : std::uint8_t {
    none = 0,
    host,
    connection,
    content_length,
    transfer_encoding,
    content_type,
    content_encoding,
    expect,
    authorization,
    accept,
    accept_encoding,
    accept_language,
    if_none_match,
    origin,
    idempotency_key,
    request_id,
    correlation_id,
    traceparent,
    kieng_token,
    allow_stale,
    forwarded_for,
    forwarded_proto,
    cors_method,
};
inline constexpr std::size_t kKnownFields = static_cast<std::size_t>(known::cors_method) + 1;

[[nodiscard]] known known_of(std::string_view lower_case_name) noexcept;

struct head {
    struct field {
        std::string_view name;   // lower case
        std::string_view value;  // trimmed
    };
    static constexpr std::size_t kMaxFields = 256;

    std::string_view method;
    std::string_view target;  // as received
    std::string_view path;    // of the target; "*" for OPTIONS *
    std::string_view query;
    int minor = 1;  // HTTP/1.minor
    std::array<field, kMaxFields> fields;
    std::size_t count = 0;
    std::array<std::string_view, kKnownFields> first{};  // the first value of each known field
    std::array<std::uint16_t, kKnownFields> seen{};      // how often it came

    [[nodiscard]] std::string_view value(known k) const noexcept
    {
        return first[static_cast<std::size_t>(k)];
    }
    [[nodiscard]] std::size_t times(known k) const noexcept
    {
        return seen[static_cast<std::size_t>(k)];
    }
    // All values of a list field joined with ", "; `scratch` holds the text when there are several.
    [[nodiscard]] std::string_view list(known k, std::string& scratch) const;
    void clear() noexcept;
};

// How the body of a request is delimited.
struct framing {
    enum class kind : std::uint8_t { none = 1, length, chunked };
    kind how = kind::none;
    std::uint64_t length = 0;
};

}  // namespace kieng::http

// Text forms of bytes: base64url (RFC 4648 §5, unpadded, strict), hex, percent-encoding, UTF-8 checks, SHA-256, HMAC.
// Pure functions, thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng {

[[nodiscard]] std::string to_base64url(std::string_view bytes);
// Nothing for padding, foreign characters or non-zero trailing bits.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);

// Decodes %XX (and '+' as a space where `plus` says so). Nothing for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus = false);
[[nodiscard]] std::string percent_encode(std::string_view text);

// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms, no more than U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;
// Code points of well-formed UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

// Appends the text as a JSON string with quotes; control characters escaped.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);

using digest = std::array<std::uint8_t, 32>;
[[nodiscard]] digest sha256(std::string_view bytes);
[[nodiscard]] digest hmac_sha256(std::string_view key, std::string_view bytes);
[[nodiscard]] inline std::string_view as_text(const digest& bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
// Compares in time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace kieng

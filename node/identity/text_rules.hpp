// What counts as a name, a phone number, an email or a link: the patterns of docs/openapi.yaml. Pure functions, thread safe.
#pragma once

#include <string>
#include <string_view>

namespace kieng::identity {

// Without white space at both ends (Unicode's, as far as it is not a control character).
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
[[nodiscard]] bool has_space(std::string_view text) noexcept;

[[nodiscard]] bool is_email(std::string_view text) noexcept;        // ^[^\s@]+@[^\s@]+$
[[nodiscard]] bool is_phone(std::string_view text) noexcept;        // ^\+?[0-9][0-9 .-]{4,17}[0-9]$
[[nodiscard]] bool is_link(std::string_view text) noexcept;         // ^(https?://|/[^/\\])[^\s]*$
[[nodiscard]] bool is_country(std::string_view text) noexcept;      // ^[A-Z]{2}$
[[nodiscard]] bool is_postal_code(std::string_view text) noexcept;  // ^[A-Za-z0-9 -]+$

}  // namespace kieng::identity

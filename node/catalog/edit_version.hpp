// The version an edit starts from: If-Match or the body's `version`. Pure, thread safe.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kieng::catalog {

// What If-Match says: "<version>" in quotes, or the object's ETag, whose part behind the version's dot is not read.
// Errors: invalid_parameter.
[[nodiscard]] result<std::int64_t> version_in_if_match(std::string_view header);

// Both may name it, then they must agree; neither gives nothing. Errors: invalid_parameter, version_ambiguous.
[[nodiscard]] result<std::optional<std::int64_t>> stated_version(std::optional<std::string_view> if_match, std::optional<std::int64_t> in_body);

}  // namespace kieng::catalog

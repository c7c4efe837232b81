// Rules for single values that JSON and CSV share. Each gives the fault of a value, or nothing. Source: docs/openapi.yaml.
// Pure functions, thread safe.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::catalog {

struct value_fault {
    fault_code code;
    std::string allowed;
};
using verdict = std::optional<value_fault>;

struct length_rule {
    std::size_t min;
    std::size_t max;     // code points, after trimming
    bool lines = false;  // line breaks and tabs
};

inline constexpr length_rule kNameRule{1, 200};
inline constexpr length_rule kDescriptionRule{0, 20'000, true};
inline constexpr length_rule kBrandRule{1, 100};
inline constexpr length_rule kTagRule{1, 50};
inline constexpr length_rule kAltRule{0, 300};
inline constexpr length_rule kCategoryRefRule{1, 200};
inline constexpr length_rule kCategoryNameRule{1, 100};

[[nodiscard]] verdict check_text(std::string_view text, length_rule rule);
[[nodiscard]] verdict check_tag(std::string_view text);
// A SKU or barcode: 1..64 printable ASCII, no space at the ends.
[[nodiscard]] verdict check_code(std::string_view text);
[[nodiscard]] verdict check_slug(std::string_view text);
[[nodiscard]] verdict check_currency(std::string_view text);
[[nodiscard]] verdict check_link(std::string_view text);

}  // namespace kieng::catalog

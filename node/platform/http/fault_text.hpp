// What is wrong with a field, in words for people.
#pragma once

#include "base/result.hpp"
#include "node/platform/http/request.hpp"

#include <string>

namespace kieng::http {

// What would be right instead, as `allowed` of the answer; mostly symbols ("1..200", "draft|active") that need no translation.
[[nodiscard]] std::string allowed_text(const field_fault& fault, language in);
[[nodiscard]] std::string fault_text(const field_fault& fault, language in);

}  // namespace kieng::http

// What is wrong with a field, in words for people.
#pragma once

#include "base/result.hpp"
#include "node/platform/http/request.hpp"

#include <string>

namespace kieng::http {

[[nodiscard]] std::string fault_text(const field_fault& fault, language in);

}  // namespace kieng::http

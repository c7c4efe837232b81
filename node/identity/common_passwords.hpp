// The long-enough passwords that guessers try first. Thread safe.
#pragma once

#include <string_view>

namespace kieng::identity {

// REQUIRES: lower case, without spaces.
[[nodiscard]] bool is_common_password(std::string_view lower_case) noexcept;

}  // namespace kieng::identity

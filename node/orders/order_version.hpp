// The `version` of an order: the name its sender gives it before it is sent, so that sending it again cannot make a second one.
//
//   <user>_<yyyymmddhhmmss>_<6 to 32 letters and digits>      at most 100 characters, for example
//   01926b1e-..._20261121093000_a1B2c3
//
// It is read from the right, because the id of a user may hold '_'. Pure functions, thread safe.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace kieng::orders {

inline constexpr std::string_view kVersionExample = "guest_20261121093000_a1B2c3";

struct order_version {
    std::string user;
};

// Errors: version_invalid, with what is wrong and an example in its members.
[[nodiscard]] result<order_version> parse_version(std::string_view text);

}  // namespace kieng::orders

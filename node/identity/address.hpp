// Where a customer lives: one of at most fifty addresses of an account, one of them the default. Plain values.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kieng::identity {

inline constexpr std::int64_t kMaxAddresses = 50;

struct address_input {
    std::optional<std::int64_t> version;  // of the address it replaces
    std::optional<std::string> label;
    std::string recipient;
    std::string phone;
    std::string line1;
    std::optional<std::string> line2;
    std::optional<std::string> ward;
    std::optional<std::string> district;
    std::string province;
    std::optional<std::string> postal_code;
    std::string country = "VN";
    bool is_default = false;

    friend bool operator==(const address_input&, const address_input&) = default;
};

// Whether two say the same, whatever version they name.
[[nodiscard]] inline bool same_address(const address_input& a, address_input b)
{
    b.version = a.version;
    return a == b;
}

struct address {
    std::string id;
    address_input what;
    std::int64_t version = 1;
    wall_time created_at{};
    wall_time updated_at{};
};

}  // namespace kieng::identity

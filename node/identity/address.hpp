// Where a customer lives: one of at most fifty addresses of an account, one of them the default. Plain values.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

// The members of an address by which concurrent edits are compared, named as on the wire.
struct address_field {
    std::string_view name;
    std::variant<std::string address_input::*, std::optional<std::string> address_input::*,
                 bool address_input::*>
        member;
};
inline constexpr std::array<address_field, 11> kAddressFields{{
    {"label", &address_input::label},
    {"recipient", &address_input::recipient},
    {"phone", &address_input::phone},
    {"line1", &address_input::line1},
    {"line2", &address_input::line2},
    {"ward", &address_input::ward},
    {"district", &address_input::district},
    {"province", &address_input::province},
    {"postalCode", &address_input::postal_code},
    {"country", &address_input::country},
    {"isDefault", &address_input::is_default},
}};

// An address as an edit would leave it.
struct address_merge {
    address_input next;
    std::vector<address_field> merged;  // changed by others since the base, and kept
    std::vector<address_field>
        conflicts;  // changed by both, to different values; not empty: refuse
};

// Merges field by field what two made of one base. Without a base, whatever they do not agree on is a conflict.
[[nodiscard]] address_merge merge(const std::optional<address_input>& base,
                                  const address_input& theirs, const address_input& yours);

struct address {
    std::string id;
    address_input what;
    std::int64_t version = 1;
    wall_time created_at{};
    wall_time updated_at{};
};

}  // namespace kieng::identity

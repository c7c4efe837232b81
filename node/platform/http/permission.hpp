// Who may use a route. The platform knows permissions as names and bits only; which role has which is identity's table.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

namespace kieng::http {

inline constexpr std::size_t kMaxPermissions = 64;
using permission_set = std::bitset<kMaxPermissions>;

struct permission {
    std::string_view name;  // as in docs/openapi.yaml, x-permission: "catalog.write"
    std::uint8_t bit;       // its place in a permission_set
    // Whether a token that does not count (expired, ended, forged) is overlooked: the caller is nobody then, and
    // request::token_fault says why. For signing in and out, which must work with an old token in hand.
    bool any_token = false;
    // Whether only another node may come in, by its signature (peer_gate).
    bool peer = false;

    friend constexpr bool operator==(const permission&, const permission&) = default;
};

}  // namespace kieng::http

// A sign-in that lasts: from login to logout, through many tokens. Plain values.
#pragma once

#include "base/clock.hpp"
#include "node/identity/user.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace kieng::identity {

// One more sign-in ends the session that was used longest ago.
inline constexpr std::size_t kMaxSessions = 100;

struct session {
    std::string id;
    wall_time created_at{};
    wall_time last_used_at{};
    wall_time expires_at{};
    std::optional<std::string> user_agent;
    std::optional<std::string> address;
};

// What a client gets when it has signed in.
struct signed_in {
    user who;
    std::string access_token;
    std::string refresh_token;
    bool replayed = false;
};

}  // namespace kieng::identity

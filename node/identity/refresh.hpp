// Refresh tokens and what happens when one comes in. A token is good once; each use makes the next one of its session.
//
// A spent token may come again without harm: a node died with the answer, or two tabs renewed at once. For kSiblingGrace
// it yields a sibling of its successor, unless a successor was already used: then, or later, two parties hold the session's
// tokens and the session ends.
//
// States of a token: fresh -> spent -> (grace over or a successor used) dead. Of a session: live -> ended.
// Pure values; thread safe. Only the hash of a token is ever stored.
#pragma once

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::identity {

inline constexpr std::chrono::hours kRefreshLifetime{30 * 24};
inline constexpr std::chrono::seconds kSiblingGrace{60};
// More repeats than any client makes: somebody is fishing for tokens.
inline constexpr int kMaxSuccessors = 16;

// "kr1." and 32 random bytes as base64url.
[[nodiscard]] std::string make_refresh_token(random& bits);
// What is stored of a token: hex of its SHA-256. Nothing if the text cannot be one of ours.
[[nodiscard]] std::optional<std::string> refresh_token_hash(std::string_view token);

// What the database says about a token that came in. All times are PostgreSQL's, so nodes' clocks do not matter.
struct refresh_state {
    wall_time now;
    wall_time expires;
    std::optional<wall_time> used;  // when it was first spent
    int successors = 0;             // tokens made from it
    bool successor_used = false;    // one of the tokens made from it was spent in turn
    bool session_live = false;      // not ended, user active
};

enum class refresh_outcome : std::uint8_t {
    renew = 1,  // first use: spend it, make its successor
    sibling,    // came again within the grace: make another successor
    ended,      // the session is over already, or the token too old
    reused,     // end the session
};

[[nodiscard]] refresh_outcome decide(const refresh_state& state) noexcept;

}  // namespace kieng::identity

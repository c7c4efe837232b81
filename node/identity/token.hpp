// Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, the only algorithm there is.
//
// The signer writes one exact form and the verifier reads that form and no other: the header is compared byte by byte, so
// a token cannot choose an algorithm or a key, and the claims stand in a fixed order without spare members. Times are seconds
// since 1970. The key is derived from the shop's secret, so nothing else signed with that secret is ever a token.
// Pure values; thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::identity {

inline constexpr std::chrono::seconds kAccessLifetime{15 * 60};
// How far the clocks of two nodes may stand apart.
inline constexpr std::chrono::seconds kClockLeeway{30};
inline constexpr std::size_t kMaxTokenBytes = 1024;

struct access_claims {
    std::string user_id;
    std::string session_id;
    std::string role;
    std::int64_t rights =
        1;  // the user's rights_version: grows when role, status or password change

    friend bool operator==(const access_claims&, const access_claims&) = default;
};

// What a genuine token says, whatever the time is.
struct signed_claims {
    access_claims claims;
    std::int64_t issued = 0;
    std::int64_t not_before = 0;
    std::int64_t expires = 0;

    // Errors: token_expired (too old, or not good yet: renewing helps both).
    [[nodiscard]] result<void> check(wall_time now) const;
};

// A key for one purpose ("access token"), derived from the shop's secret.
[[nodiscard]] std::string derive_key(std::string_view secret, std::string_view purpose);

class token_signer {
public:
    explicit token_signer(std::string_view secret);

    // REQUIRES: user_id and session_id are canonical UUIDs, role is lower-case ASCII.
    [[nodiscard]] std::string sign(const access_claims& claims, wall_time now) const;

    // Errors: token_invalid (not ours, not in our form).
    [[nodiscard]] result<signed_claims> open(std::string_view token) const;
    // Opens it and checks its times. Errors: token_invalid, token_expired.
    [[nodiscard]] result<access_claims> verify(std::string_view token, wall_time now) const;

private:
    std::string key_;
};

}  // namespace kieng::identity

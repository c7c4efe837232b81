// Passwords: which are allowed, and how they are kept (bcrypt, "$2b$", through libcrypt).
//
// hash() and verify() take about a fifth of a second at cost 12 by design: call them on the hash_pool alone.
// Thread safe.
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace kieng::identity {

inline constexpr std::size_t kMinPasswordBytes = 10;
inline constexpr std::size_t kMaxPasswordBytes = 72;  // bcrypt reads no further
inline constexpr int kMinBcryptCost = 10;
inline constexpr int kMaxBcryptCost = 16;

// Whether a new password may be used for the account with this email. Letter case and surrounding spaces do not make a
// common password uncommon. Errors: weak_password, password_too_long.
[[nodiscard]] result<void> check_new_password(std::string_view password, std::string_view email);

// Whether a password can be anybody's at all. Errors: password_too_long.
[[nodiscard]] result<void> check_given_password(std::string_view password);

// A password the server makes up: easy to read aloud, about 98 random bits.
[[nodiscard]] std::string make_password(random& bits);

// REQUIRES: a password that passed the checks, kMinBcryptCost <= cost <= kMaxBcryptCost.
// Throws std::runtime_error when libcrypt refuses.
[[nodiscard]] std::string hash_password(std::string_view password, int cost, random& bits);

// Whether the password is the one of the hash. Takes the time of one hash at `cost` even when the stored one is cheaper;
// an empty hash (no such account) takes that time too and never matches.
[[nodiscard]] bool verify_password(std::string_view password, const std::string& hash, int cost);

// The cost a hash was made with; 0 if it is none of ours.
[[nodiscard]] int cost_of(std::string_view hash) noexcept;

}  // namespace kieng::identity

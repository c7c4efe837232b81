// Makes the tokens of a sign-in: the session's id, the refresh token and its hash, and the access token. Thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/identity/session.hpp"
#include "node/identity/token.hpp"

#include <string>

namespace kieng::identity {

class token_issuer {
public:
    token_issuer(const token_signer& tokens, const clock& now, random& bits);

    // Made before a unit of work starts, so that a unit that runs twice writes the same.
    struct prepared {
        std::string session_id;
        std::string refresh_token;
        std::string hash;  // of the refresh token
    };
    [[nodiscard]] prepared open() const;
    [[nodiscard]] prepared next(std::string session_id) const;

    [[nodiscard]] signed_in sign(user who, const prepared& tokens) const;

    [[nodiscard]] std::string make_id() const;
    [[nodiscard]] random& bits() const noexcept { return bits_; }

private:
    const token_signer& tokens_;
    const clock& now_;
    random& bits_;
};

}  // namespace kieng::identity

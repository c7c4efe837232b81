// Who a bearer token stands for, decided in memory: signature, times, and what was revoked. A token's
// signature is checked when it is first seen; its times and what was revoked at each use.
// Thread safe; never blocks beyond a short lock.
#pragma once

#include "base/clock.hpp"
#include "node/identity/revocations.hpp"
#include "node/identity/token.hpp"
#include "node/identity/verified_tokens.hpp"
#include "node/platform/http/caller.hpp"

namespace kieng::identity {

class token_authenticator final : public http::authenticator {
public:
    token_authenticator(const token_signer& tokens, const revocations& revoked, const clock& now);

    // Errors: token_invalid, token_expired, session_ended.
    [[nodiscard]] result<http::caller> authenticate(std::string_view bearer) const override;
    [[nodiscard]] const http::caller& nobody() const noexcept override { return nobody_; }

private:
    const token_signer& tokens_;
    const revocations& revoked_;
    const clock& now_;
    http::caller nobody_;
    mutable verified_tokens known_;
};

}  // namespace kieng::identity

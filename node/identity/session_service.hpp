// Signing in, renewing, signing out, and changing the own password.
// Thread safe. All functions may also fail with database_unavailable, overloaded, outcome_unknown.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/account_json.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/password_gate.hpp"
#include "node/identity/persistence.hpp"
#include "node/identity/token_issuer.hpp"

#include <string>
#include <vector>

namespace kieng::identity {

class session_service {
public:
    session_service(persistence where, password_gate& gate, const token_issuer& issuer,
                    const audit_service& log);

    // Errors: invalid_credentials, account_disabled, too_many_attempts, hashing_busy.
    task<result<signed_in>> login(credentials given, actor from);

    // Spends a refresh token. Errors: token_invalid, session_ended, token_reused (the session is ended then).
    task<result<signed_in>> refresh(std::string refresh_token, actor from);

    // Ends the session of the refresh token if one is named, else the caller's. A token that is no session's is fine.
    // Errors: unauthenticated (neither token).
    task<result<void>> logout(logout_request what, actor from);

    // The other sessions end; this one goes on with the new tokens.
    // Errors: wrong_password, weak_password, password_too_long, session_ended, too_many_attempts, hashing_busy.
    task<result<signed_in>> change_password(password_change what, actor from);

    task<result<store::seen<std::vector<session>>>> list(std::string user_id);
    // Errors: not_found.
    task<result<store::written>> end(store::write_key key, std::string session_id, actor from);

private:
    task<result<signed_in>> finish(std::shared_ptr<std::optional<user>> who, std::string user_id,
                                   token_issuer::prepared tokens);
    task<result<void>> note_refusal(actor from, std::string user_id, std::string reason);
    task<result<signed_in>> store_password(password_gate::verdict old, std::string hash,
                                           actor from);

    const persistence where_;
    password_gate& gate_;
    const token_issuer& issuer_;
    const audit_service& log_;
};

// An actor that acts as this account.
[[nodiscard]] actor as(actor from, const std::string& user_id);

}  // namespace kieng::identity

// Opening a customer account, and the shop's first owner. Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/account_json.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/hash_pool.hpp"
#include "node/identity/persistence.hpp"
#include "node/identity/token_issuer.hpp"

#include <string>

namespace kieng::identity {

// What new accounts start with, and how requests that carry passwords are remembered.
struct account_defaults {
    std::string currency = "VND";
    std::string language = "vi";
    std::string
        key;  // of fingerprints: a stored plain hash of a request would invite guessing the password in it
};
[[nodiscard]] store::write_key with_secret_body(store::write_key key, const account_defaults& how);

class registration_service {
public:
    registration_service(persistence where, hash_pool& pool, const token_issuer& issuer,
                         const audit_service& log, account_defaults how);

    // Always a customer. A repeat with the same key opens another session of the account it made the first time.
    // Errors: email_taken, hashing_busy, idempotency_key_reused, in_progress, database_unavailable, overloaded, outcome_unknown.
    task<result<signed_in>> register_customer(store::write_key key, new_account what,
                                              std::string language, actor from);

    // Makes the first owner if there is no owner at all; returns whether it did. Safe on several nodes at once.
    // Errors: weak_password, password_too_long, validation_failed, email_taken (a customer has it), database_unavailable.
    task<result<bool>> ensure_first_owner(std::string email, std::string password);

private:
    task<result<std::string>> hash(std::string password);
    task<result<signed_in>> reopen(std::string user_id, std::string password, actor from);
    [[nodiscard]] user customer(const new_account& what, const std::string& language) const;

    const persistence where_;
    hash_pool& pool_;
    const token_issuer& issuer_;
    const audit_service& log_;
    const account_defaults how_;
};

}  // namespace kieng::identity

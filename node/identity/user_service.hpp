// Accounts as their holder sees them (profile) and as the shop's owner does. Thread safe.
// All functions may also fail with database_unavailable, overloaded; writes with idempotency_key_reused, in_progress,
// outcome_unknown.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/account_json.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/password_gate.hpp"
#include "node/identity/persistence.hpp"
#include "node/identity/registration_service.hpp"
#include "node/identity/token_issuer.hpp"
#include "node/identity/user_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::identity {

class user_service {
public:
    user_service(persistence where, password_gate& gate, const token_issuer& issuer,
                 const audit_service& log, account_defaults how);

    // Errors: not_found.
    task<result<store::seen<user>>> find(std::string id);

    struct page {
        std::vector<user> items;
        std::optional<user_count> count;
    };
    task<result<store::seen<page>>> list(user_filter what, bool counted);

    struct created {
        store::written what;
        std::string initial_password;  // empty: the caller gave one, or this is a repeat
    };
    // Errors: email_taken, hashing_busy.
    task<result<created>> create(store::write_key key, new_account what, actor by);

    // Errors: not_found, version_required, version_conflict, last_owner, weak_password, password_too_long, hashing_busy.
    task<result<store::written>> edit(store::write_key key, std::string id, user_edit what,
                                      actor by);

    // Twice is fine. Errors: not_found, last_owner.
    task<result<store::written>> disable(store::write_key key, std::string id, actor by);

private:
    const persistence where_;
    password_gate& gate_;
    const token_issuer& issuer_;
    const audit_service& log_;
    const account_defaults how_;
};

}  // namespace kieng::identity

// A customer's own addresses. One of them is the default as long as there are any. Thread safe.
// All functions may also fail with database_unavailable, overloaded; writes with idempotency_key_reused, in_progress,
// outcome_unknown.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/address.hpp"
#include "node/identity/persistence.hpp"
#include "node/identity/token_issuer.hpp"

#include <string>
#include <vector>

namespace kieng::identity {

class address_service {
public:
    address_service(persistence where, const token_issuer& issuer) : where_(where), issuer_(issuer)
    {}

    // The default first, then the newest.
    task<result<store::seen<std::vector<address>>>> list(std::string user_id);
    // Errors: not_found.
    task<result<store::seen<address>>> find(std::string user_id, std::string id);
    // Errors: address_limit_reached.
    task<result<store::written>> add(store::write_key key, address_input what, actor by);
    // Errors: not_found, version_required, version_conflict.
    task<result<store::written>> replace(store::write_key key, std::string id, address_input what,
                                         actor by);
    // Errors: not_found.
    task<result<store::written>> remove(store::write_key key, std::string id, actor by);

private:
    const persistence where_;
    const token_issuer& issuer_;
};

}  // namespace kieng::identity

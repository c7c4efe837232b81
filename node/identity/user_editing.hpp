// One edit of an account inside a unit of work, by its owner or by the shop's: merge, refuse or write, end what must end,
// announce and note it. Shared by the services of profiles and of users.
#pragma once

#include "base/result.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/user.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::identity {

struct edit_request {
    std::string user_id;
    user_edit edit;             // password is not read here:
    std::string password_hash;  // not empty: the new password's
};

struct edit_outcome {
    user now;
    std::vector<user_field> merged;
};

// Errors: not_found, version_required (with currentVersion), version_conflict (with both values), last_owner.
[[nodiscard]] result<edit_outcome> edit_account(store::tx& on, const edit_request& what,
                                                const actor& by, const audit_service& log);

}  // namespace kieng::identity

// The table audit_log. Functions run inside a transaction; database errors throw.
#pragma once

#include "node/identity/actor.hpp"
#include "node/identity/audit.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <string>
#include <vector>

namespace kieng::identity {

// The node's name comes from the connection, the actor's email from its account as it is now.
void insert_audit(store::tx& on, const std::string& id, const actor& who, const audit_entry& what);

// Newest first.
[[nodiscard]] std::vector<audit_line> list_audit(store::tx& on, const audit_filter& what);

}  // namespace kieng::identity

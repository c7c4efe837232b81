// The table audit_log. Functions run inside a transaction; database errors throw.
#pragma once

#include "node/identity/actor.hpp"
#include "node/identity/audit.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <string>
#include <vector>

namespace kieng::identity {

// One line per entry, with the ids in their order, written at the end of the unit. The node's name comes from the connection, the
// actor's email from its account as it is then.
void insert_audit(store::tx& on, const std::vector<std::string>& ids, const actor& who,
                  const std::vector<audit_entry>& entries);

// Newest first.
[[nodiscard]] std::vector<audit_line> list_audit(store::tx& on, const audit_filter& what);

}  // namespace kieng::identity

// kieng-node audit: recomputes every counter of stock from the ledger, while the nodes go on selling.
#pragma once

#include "node/settings.hpp"

namespace kieng::node {

// Prints each difference as a line and a sentence at the end. Returns the process's exit code: 0 all agrees, 1 something differs, 2 it
// could not look.
int audit_command(const settings& how);

}  // namespace kieng::node

// Removing what has no use any more: ledger rows after a day, expired sessions, refresh tokens and login attempts.
//
// Every node does it, a little at a time; rows another node is removing are skipped, so nothing waits and nothing is done twice.
// It runs on the context it was started on and ends with it. A database that is away is tried again at the next turn.
#pragma once

#include "base/async.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

namespace kieng::node {

// Both must outlive the context.
void start_upkeep(const executor& on, store::database& database, store::unit_of_work& writes);

}  // namespace kieng::node

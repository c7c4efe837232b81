// Removing what has no use any more. A duty calls it now and then on any node; it takes little at a time.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>

namespace kieng::identity {

// Deletes sessions and refresh tokens a day after they expired, refresh tokens a week after they were spent, and attempts
// nobody counts any more; at most `most` rows of each. Returns how many rows it deleted: call again while it is not 0.
// Runs in any transaction, announces nothing, database errors throw.
std::int64_t expire(store::tx& on, std::int64_t most = 1000);

}  // namespace kieng::identity

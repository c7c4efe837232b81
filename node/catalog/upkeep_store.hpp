// Removing what has no use any more, for the duty that does it. In any transaction; announces nothing, database errors throw.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>

namespace kieng::catalog {

// Deletes versions of products that were superseded more than 90 days ago, at most `most`; how many.
[[nodiscard]] std::int64_t expire_versions(store::tx& on, std::int64_t most = 1000);

}  // namespace kieng::catalog

// What falls due in the catalogue, for the duties that see to it. In any transaction; database errors throw.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>

namespace kieng::catalog {

// Deletes versions of products that were superseded more than 90 days ago, at most `most`; how many. Announces nothing.
[[nodiscard]] std::int64_t expire_versions(store::tx& on, std::int64_t most = 1000);

[[nodiscard]] bool anything_to_publish(store::tx& on);
// Makes goods public whose publishedAt has come, at most `most`, and announces them, so that no cached list goes on hiding them; how
// many. What somebody is editing right now is left for the next time.
[[nodiscard]] std::int64_t publish_due(store::tx& on, std::int64_t most);

}  // namespace kieng::catalog

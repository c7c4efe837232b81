// Names the transaction for headers that pass one on without needing pqxx.
#pragma once

#include <cstdint>

namespace kieng::store {

class tx;

// Position (cluster_head.pos) shown by the snapshot that `on` reads in.
[[nodiscard]] std::int64_t snapshot_position(tx& on);

}  // namespace kieng::store

// Names the transaction for headers that pass one on without needing pqxx.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::store {

class tx;

// Position (cluster_head.pos) shown by the snapshot that `on` reads in.
[[nodiscard]] std::int64_t snapshot_position(tx& on);

// A PostgreSQL array literal of texts, uuids or numbers, for parameters like $1::uuid[].
[[nodiscard]] std::string array_literal(const std::vector<std::string>& items);

}  // namespace kieng::store

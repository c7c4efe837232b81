// Brings the schema to this release's version: the embedded V*.sql files that are missing, in order, each in a transaction of
// its own, under one advisory lock, so that nodes may start together. A file that changed after it was applied, or a schema
// newer than this release, is a fault with a clear sentence.
#pragma once

#include "base/result.hpp"
#include "node/platform/store/database.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::store {

struct migration {
    int version;            // 1, 2, ...
    std::string_view name;  // "V001__platform.sql"
    std::string_view sql;
};

// The files under node/migrations, embedded by CMake.
[[nodiscard]] const std::vector<migration>& embedded_migrations();

// The reason is the network or the server, not the schema: trying again later may work.
struct database_unreachable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Blocks (called at start, on its own connection). Returns how many were applied.
// Throws database_unreachable, or std::runtime_error, with a sentence for the operator.
int migrate(const database_options& how, const std::vector<migration>& files,
            const std::function<void(std::string_view name)>& on_applied);

// How many connections the pool of one of `nodes` nodes (at least three) should hold.
struct pool_share {
    std::size_t
        usual;  // 8, or fewer where the server's max_connections would not do for that on all nodes and two more; at least 2
    std::size_t
        most;  // min(50, (max_connections - 10) / nodes): above it another node may find no connection left
};
// More connections make writes slower, not faster. Blocks; throws as migrate() does.
[[nodiscard]] pool_share share_connections(const database_options& how, std::size_t nodes);

}  // namespace kieng::store

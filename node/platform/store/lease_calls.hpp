// Runs a statement of the control connection and tells apart what became of it: done, refused by its conditions, not executed for
// certain, or unknown. For cluster_database only; thread safe.
#pragma once

#include "base/async.hpp"
#include "cluster/core/cluster_inputs.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/lease_store.hpp"

#include <functional>
#include <optional>

namespace kieng::store::lease {

struct outcome {
    cluster::input::statement_outcome what = cluster::input::statement_outcome::unknown;
    std::optional<cluster::lease_row> row;  // with done and refused
    bool lost = false;                      // the connection is gone
};

// `statement` runs on the connection's thread and owns what it uses. `greet` is called first, on the same thread.
[[nodiscard]] task<outcome> call(database& on, std::function<void(tx&)> greet,
                                 std::function<change(tx&)> statement);

}  // namespace kieng::store::lease

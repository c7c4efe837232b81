// The one row of cluster_lease as a statement saw it. Plain values.
#pragma once

#include "base/clock.hpp"
#include "cluster/core/node_identity.hpp"

#include <cstdint>
#include <optional>

namespace kieng::cluster {

struct lease_row {
    std::int64_t incarnation = 0;
    std::int64_t epoch = 0;
    node_id holder;  // empty: nobody holds it
    boot_id boot;
    std::optional<wall_time> expires_at;  // nothing: '-infinity'
    wall_time database_time{};            // clock_timestamp() of the statement

    friend bool operator==(const lease_row&, const lease_row&) = default;
};

}  // namespace kieng::cluster

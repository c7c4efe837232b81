// The SQL of the cluster's control connection: the lease of the active role, the advisory lock that shows that a boot lives, and the
// list of nodes. One autocommitted statement each (docs/CLUSTER.md).
//
// Functions over a tx, used on its pool thread. They throw what the database throws.
#pragma once

#include "cluster/core/cluster_actions.hpp"
#include "cluster/core/lease_row.hpp"
#include "cluster/core/node_identity.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::store::lease {

struct change {
    bool done = false;       // false: the conditions did not hold
    cluster::lease_row row;  // as it is now
};

// Prepares the connection on first use: short lock waits, and the advisory lock of this boot. Whether it was the first use.
[[nodiscard]] bool greet(tx& on, const cluster::node_id& self, const cluster::boot_id& boot);

[[nodiscard]] cluster::lease_row read(tx& on);
[[nodiscard]] change renew(tx& on, std::int64_t epoch, const cluster::node_id& self,
                           const cluster::boot_id& boot);
// Announces ActiveChanged in the same statement.
[[nodiscard]] change take_over(tx& on, const cluster::action::send_takeover& what,
                               const cluster::node_id& self, const cluster::boot_id& boot);
[[nodiscard]] change resign(tx& on, std::int64_t epoch, const cluster::node_id& self,
                            const cluster::boot_id& boot);

// Whether the session that shows that this boot lives is there.
[[nodiscard]] bool lock_held(tx& on, const cluster::node_id& peer, const cluster::boot_id& boot);
// Ends sessions of a boot: those that sit idle in a transaction, or those of its duties. How many.
std::int64_t terminate_idle(tx& on, const cluster::node_id& peer, const cluster::boot_id& boot);
std::int64_t terminate_duties(tx& on, const cluster::node_id& holder, const cluster::boot_id& boot);

// Writes the row of a node that starts and returns it: without a priority of its own a new node comes last, a known one keeps its place.
[[nodiscard]] cluster::node_identity enlist(tx& on, const cluster::node_identity& self,
                                            std::optional<int> priority);
// The nodes seen within the last day, and now, with `applied`, this one.
[[nodiscard]] std::vector<cluster::node_identity> nodes(tx& on, const cluster::node_identity& self,
                                                        std::int64_t applied);
// ActiveChanged among the last so many positions, newest first, at most 32; without the record's own time.
struct role_change {
    cluster::takeover_record record;
    std::chrono::microseconds ago{0};
};
[[nodiscard]] std::vector<role_change> role_changes(tx& on, std::int64_t positions);
[[nodiscard]] std::string cluster_name(tx& on);

// Raises the incarnation by an operator's wish: what was acknowledged may be gone (docs/CLUSTER.md, "Incarnation"). The new one.
[[nodiscard]] std::int64_t bump_incarnation(tx& on);

}  // namespace kieng::store::lease

// What the cluster asks of PostgreSQL, on a connection of its own. Implemented beside the database layer.
//
// Called from coroutines of the control thread. Nothing throws; every call is answered within about a second, whatever is broken.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "cluster/core/cluster_actions.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kieng::cluster {

struct lease_reply {
    input::statement_outcome outcome = input::statement_outcome::unknown;
    std::optional<lease_row> row;  // with done and refused
};

// A change of the active role as the outbox tells it; the record's own time is not set.
struct told_change {
    takeover_record record;
    std::chrono::microseconds ago{0};  // by PostgreSQL's clock
};

class control_database {
public:
    virtual ~control_database() = default;

    virtual task<lease_reply> read_lease() = 0;
    virtual task<lease_reply> renew(std::int64_t epoch) = 0;
    virtual task<lease_reply> take_over(action::send_takeover what) = 0;
    virtual task<lease_reply> resign(std::int64_t epoch) = 0;
    virtual task<input::lock_state> lock_of(node_id peer, boot_id boot) = 0;
    virtual task<> end_idle_sessions(node_id peer, boot_id boot) = 0;
    virtual task<> end_duty_sessions(node_id holder, boot_id boot) = 0;
    // Marks this node as seen, and returns all that were seen lately.
    virtual task<result<std::vector<node_identity>>> nodes(std::int64_t applied) = 0;

    // The changes of the active role among the last so many positions, newest first, at most 32.
    virtual task<result<std::vector<told_change>>> role_changes(std::int64_t positions) = 0;

    // The readers of the outbox, and how far behind they are.
    virtual task<result<std::vector<consumer_lag>>> consumers() = 0;

    // The session that holds the advisory lock of this boot: how many there have been, and whether one is there. Any thread.
    [[nodiscard]] virtual std::uint64_t lock_sessions() const = 0;
    [[nodiscard]] virtual bool lock_held() const = 0;
};

}  // namespace kieng::cluster

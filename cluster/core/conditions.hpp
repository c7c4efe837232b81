// What should not stay as it is although nobody has failed: certificates that run out, full disks, settings and histories that differ,
// readers of the outbox that are far behind, acknowledged history that is gone. It makes warnings and decides nothing.
//
// Pure. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_inputs.hpp"
#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/core/peer_watch.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace kieng::cluster {

class conditions {
public:
    explicit conditions(node_identity self) : self_(std::move(self)) {}

    void on(const input::condition_read& what);
    void on(const input::consumers_read& what) { consumers_ = what.consumers; }
    void on(const input::history_compared& what);
    // What a peer knows of lost history holds for everybody.
    void on(const input::heartbeat_received& what);

    [[nodiscard]] std::vector<cluster_warning> warnings(
        const std::map<node_id, peer_watch>& peers) const;
    [[nodiscard]] const node_condition& own() const { return own_; }
    [[nodiscard]] const std::vector<consumer_lag>& consumers() const { return consumers_; }
    // Nothing once another history has begun, or after a day.
    [[nodiscard]] std::optional<history_loss> lost() const;

private:
    void learn(const history_loss& what);
    void warn_of_house(const node_identity& whose, const node_condition& how,
                       std::vector<cluster_warning>& out) const;

    node_identity self_;
    node_condition own_;
    wall_time now_{};
    std::int64_t incarnation_ = 0;
    std::optional<history_loss> lost_;
    std::set<node_id> differ_;  // peers that remember another history
    std::vector<consumer_lag> consumers_;
};

}  // namespace kieng::cluster

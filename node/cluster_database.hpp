// The cluster's way to PostgreSQL: a connection of its own, short bounds, and the advisory lock that shows that this boot lives.
// Thread safe.
#pragma once

#include "cluster/runtime/control_database.hpp"
#include "node/platform/store/database.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace kieng::node {

class cluster_database final : public cluster::control_database {
public:
    // `how`: as for the pool; role, number of connections and bounds are this class's own.
    cluster_database(store::database_options how, cluster::node_identity self, const clock& now);

    void start() { database_.start(); }
    void stop() { database_.stop(); }
    // The row of this node, its place among the others told by PostgreSQL, and the name of the cluster.
    struct listed {
        cluster::node_identity self;
        std::vector<cluster::node_identity> nodes;
        std::string cluster;
    };
    // Who went by this node's name until now, if anybody did. To be asked before enlist(), which takes the name over.
    task<result<std::optional<cluster::node_identity>>> predecessor();
    task<result<listed>> enlist(std::optional<int> priority);
    task<result<std::int64_t>> bump_incarnation();

    task<cluster::lease_reply> read_lease() override;
    task<cluster::lease_reply> renew(std::int64_t epoch) override;
    task<cluster::lease_reply> take_over(cluster::action::send_takeover what) override;
    task<cluster::lease_reply> resign(std::int64_t epoch) override;
    task<cluster::input::lock_state> lock_of(cluster::node_id peer, cluster::boot_id boot) override;
    task<> end_idle_sessions(cluster::node_id peer, cluster::boot_id boot) override;
    task<> end_duty_sessions(cluster::node_id holder, cluster::boot_id boot) override;
    task<result<std::vector<cluster::node_identity>>> nodes(std::int64_t applied) override;
    task<result<std::vector<cluster::told_change>>> role_changes(std::int64_t positions) override;
    task<result<std::vector<cluster::consumer_lag>>> consumers() override;
    [[nodiscard]] std::uint64_t lock_sessions() const override { return shared_->sessions; }
    [[nodiscard]] bool lock_held() const override { return shared_->held; }

    [[nodiscard]] store::database_health health() const { return database_.health(); }

private:
    // What the connection's thread tells.
    struct shared {
        cluster::node_identity self;
        std::atomic<std::uint64_t> sessions{0};
        std::atomic<bool> held{false};
    };
    task<cluster::lease_reply> change(
        std::function<std::pair<bool, cluster::lease_row>(store::tx&)> statement);

    store::database database_;
    std::shared_ptr<shared> shared_;
};

}  // namespace kieng::node

// The cluster inside a node: its control connection, what peers may do, what this node pushes and hears, the duties of the active role.
//
// Built with the other parts, opened once the schema is there. Thread safe.
#pragma once

#include "cluster/core/rolling_hash.hpp"
#include "cluster/core/sync_cursor.hpp"
#include "cluster/runtime/cluster_node.hpp"
#include "node/cluster_database.hpp"
#include "node/condition_watch.hpp"
#include "node/duties.hpp"
#include "node/history_losses.hpp"
#include "node/peer_door.hpp"
#include "node/platform/store/event_feed.hpp"
#include "node/settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace kieng::node {

// The rolling hash of the history as this node heard it; also when a position was heard twice.
class history_marks {
public:
    void heard(const store::position& what);
    void reset(std::int64_t pos);
    [[nodiscard]] std::vector<cluster::hash_mark> marks() const;

private:
    mutable std::mutex guard_;
    cluster::sync_cursor seen_;   // guarded by guard_
    cluster::rolling_hash hash_;  // guarded by guard_
};

// What the cluster needs of the other parts.
struct cluster_surroundings {
    store::event_feed& feed;
    std::function<std::chrono::nanoseconds()> loops_age;
    std::function<void(const std::string& cluster)> named;  // once, when PostgreSQL has told it
    std::function<void()> view_changed;
    std::function<void(bool alone)> cut_off;  // PostgreSQL answers other nodes, not this one
    std::function<void()> forget_cache;       // this node's history differs from a peer's
    std::function<void()> drained;            // clients should go to another node now
    history_losses& losses;
    std::vector<duty> duties;
};

class cluster_part {
public:
    cluster_part(const settings& how, const std::string& boot_id, cluster_surroundings around);

    // Registers this node and starts. Waits for PostgreSQL are the caller's: false when it is to be tried again. Throws std::runtime_error
    // with a sentence for the operator when another process goes by this node's name.
    task<bool> open(executor io);
    // The role goes to another node first. Before the database parts stop.
    void stop();

    // Clients are told to go to other nodes, the role goes too; everything is still answered. Until undrain().
    void drain();
    void undrain();
    [[nodiscard]] bool draining() const noexcept { return draining_; }

    // After a confirmed commit of this node.
    void committed(const store::position& what);
    // For the event feed, before it starts.
    [[nodiscard]] store::event_feed::listener listener();

    [[nodiscard]] cluster::cluster_node& node() noexcept { return *node_; }
    [[nodiscard]] const cluster::cluster_node& node() const noexcept { return *node_; }
    [[nodiscard]] cluster_database& control() noexcept { return control_; }
    [[nodiscard]] peer_door& door() noexcept { return door_; }
    [[nodiscard]] const peer_door& door() const noexcept { return door_; }
    [[nodiscard]] store::event_feed& feed() noexcept { return around_.feed; }
    [[nodiscard]] const duty_runner& duties() const noexcept { return duties_; }
    [[nodiscard]] condition_watch& condition() noexcept { return condition_; }
    [[nodiscard]] const history_losses& losses() const noexcept { return around_.losses; }

private:
    [[nodiscard]] cluster::cluster_hooks hooks();
    task<bool> answers_as(cluster::node_identity who);

    const settings& how_;
    cluster_surroundings around_;
    cluster::node_identity self_;
    cluster::wire::peer_secrets secrets_;
    cluster::wire::peer_verifier verifier_;
    peer_door door_;
    asio::ssl::context tls_;
    cluster_database control_;
    duty_runner duties_;
    history_marks marks_;
    condition_watch condition_;
    std::unique_ptr<cluster::cluster_node> node_;
    bool open_ = false;
    std::atomic<bool> draining_{false};
};

}  // namespace kieng::node

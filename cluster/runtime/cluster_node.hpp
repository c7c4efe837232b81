// This node's part in the cluster: feeds cluster/core's decisions with what happens, does what they ask, and shows what is known.
//
// A thread of its own with an io_context of its own runs everything; it is never slowed by requests. What it knows is published as an
// immutable value, so that status and health are answered from memory whatever is broken.
// start() and stop() are called by one thread; all else is thread safe.
#pragma once

#include "base/async.hpp"
#include "base/random.hpp"
#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/runtime/cluster_figures.hpp"
#include "cluster/runtime/control_database.hpp"
#include "cluster/runtime/sync_pusher.hpp"
#include "cluster/wire/heartbeat_message.hpp"
#include "cluster/wire/peer_signature.hpp"
#include "cluster/wire/sync_message.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster {

struct cluster_options {
    node_identity self;
    std::vector<node_identity> seeds;  // the nodes that the settings name; boot and version unknown
    std::chrono::milliseconds heartbeat{30'000};
    std::chrono::milliseconds failback_after{30'000};
    bool insecure_peers = false;  // plain HTTP to peers beyond loopback
};

// What the cluster needs of the node it is part of, and tells it. All but the first two are called on the control thread and must
// not block.
struct cluster_hooks {
    std::function<std::int64_t()> incarnation;            // any thread
    std::function<std::chrono::nanoseconds()> loops_age;  // of the I/O loops' oldest tick
    std::function<void()> look_now;  // compare with the head of the history now
    std::function<void(bool pushed)>
        pace;  // whether all living peers push to us, so that looking may be seldom
    std::function<void(std::int64_t epoch)> start_duties;
    std::function<void(std::int64_t epoch)> stop_duties;
    std::function<void(const std::vector<std::string>& peers)> peers_known;
    std::function<void(std::int64_t view)> view_changed;
    std::function<void(outage_scope scope)> database_changed;
    std::function<std::vector<hash_mark>()> marks;  // of the history, to compare with peers
    std::function<void(const node_id& peer, std::int64_t mark)> history_differs;
    std::function<node_condition()> condition;              // of the own house
    std::function<std::vector<history_loss>()> new_losses;  // each once
};

// What one peer's calls have come to, besides what the snapshot says.
struct link_counts {
    push_counts pushes;
};

// What is known, as of one moment.
struct published {
    cluster_snapshot now;
    std::string cluster;  // its name, once PostgreSQL has told it
    wall_time at{};
    instant boot_at{0};  // the same moment on the clock of the snapshot's times
    std::map<node_id, link_counts> links;
};

class cluster_node {
public:
    // `to`, `secrets`, `now` and `bits` must outlive the node; `tls` may be null where no peer has an https address.
    cluster_node(cluster_options how, control_database& to, const wire::peer_secrets& secrets,
                 cluster_hooks hooks, const clock& now, random& bits, asio::ssl::context* tls);
    ~cluster_node();
    cluster_node(const cluster_node&) = delete;
    cluster_node& operator=(const cluster_node&) = delete;

    // `self`: with the priority that the list of nodes gave it.
    void start(node_identity self, const std::vector<node_identity>& known, std::string cluster);
    // Resigns if it is active, says goodbye, and ends. Bounded.
    void stop();

    // Before start() and after stop() it shows this node alone. When the control thread stands still it says so, and claims nothing that
    // only that thread could know (cluster_snapshot.hpp, as_of).
    [[nodiscard]] std::shared_ptr<const published> known() const;
    // How long ago the control thread's loop last came round; nothing while it does not run.
    [[nodiscard]] std::chrono::nanoseconds loop_age() const noexcept;

    // What is counted, from the start on; who hears of positions of others adds when.
    [[nodiscard]] cluster_figures& figures() const noexcept;

    // A confirmed commit of this node: to be pushed.
    void committed(const wire::sync_position& what, std::int64_t incarnation);
    void progressed(std::int64_t pos, std::int64_t applied);

    // The routes for peers. `from`: who signed.
    task<result<wire::heartbeat_answer>> take_heartbeat(node_id from, wire::heartbeat_message what);
    // Serves a stream that a peer opened until it ends; `sink` is false when the peer is gone. On an I/O thread.
    task<> serve_stream(node_id from, boot_id boot, std::string nonce, std::string secret_id,
                        std::function<task<bool>(std::string)> sink);

    // A request of a peer was refused for its time, though its signature held.
    void clock_seen(node_id peer, std::chrono::microseconds offset);

    // Operators. Answered by what changes: a node that is not fit for the role is not given it, and its holder says so in its log.
    void hand_over(std::optional<node_id> to);
    void drain();
    void undrain();

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cluster

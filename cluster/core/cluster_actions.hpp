// What the cluster's decisions ask of the runtime. Plain values.
//
// Actions on the lease row carry a statement id; exactly one input::lease_answered must follow each, and there is never more than
// one under way. They and check_lock, terminate_* run on the control connection in the order given; nothing else waits for them.
#pragma once

#include "cluster/core/cluster_inputs.hpp"
#include "cluster/core/cluster_snapshot.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kieng::cluster::action {

// Streams and peers.
struct send_beat {
    beat what;
};  // to every open stream of ours
struct reconnect {
    node_id peer;
};  // open our stream to it, once; answered by reconnected
struct close_streams {
    node_id peer;
    boot_id boot;
};  // of a boot that is gone
struct probe_via {
    node_id witness;
    node_id target;
    std::uint64_t question = 0;
};
struct answer_probe {
    node_id to;
    probe_answer answer;
    std::uint64_t question = 0;
};
struct send_heartbeat {
    node_id peer;
};
struct read_nodes {};  // a stranger called, or it is time: read cluster_nodes
struct announce_resigned {
    resigned_notice notice;
};
struct announce_active {
    active_notice notice;
};

// PostgreSQL.
struct check_lock {
    node_id peer;
    boot_id boot;
};
struct terminate_idle_sessions {
    node_id peer;
    boot_id boot;
};  // those idle in a transaction
struct terminate_duty_sessions {
    node_id holder;
    boot_id boot;
};  // kieng/<id>/<boot>/duty
struct read_lease {
    statement_id id = 0;
};
// expires_at = clock_timestamp() + TTL WHERE epoch, holder and boot are these.
struct send_renewal {
    statement_id id = 0;
    std::int64_t epoch = 0;
};
// epoch + 1, holder and boot ours, expires_at = clock_timestamp() + TTL
//   WHERE epoch = observed_epoch AND clock_timestamp() < sent_at + 500 ms
//     AND (expired: expires_at < clock_timestamp(); silent: expires_at = unmoved_expires_at; otherwise nothing more).
// lock_timeout 200 ms. `ActiveChanged{epoch,from,..}` goes to the outbox in the same transaction.
struct send_takeover {
    statement_id id = 0;
    std::int64_t observed_epoch = 0;
    takeover_reason reason = takeover_reason::expired;
    node_id from;          // who held it last, for the outbox
    bool planned = false;  // and named this node
    std::optional<wall_time> unmoved_expires_at;
    wall_time sent_at{};  // by PostgreSQL's clock
};
// holder and boot NULL, expires_at = clock_timestamp() WHERE epoch, holder and boot are these.
struct send_resign {
    statement_id id = 0;
    std::int64_t epoch = 0;
};
struct start_duties {
    std::int64_t epoch = 0;
};
struct stop_duties {
    std::int64_t epoch = 0;
};

// What happened: for the log, the metrics and the ready bytes of the endpoints.
struct peer_changed {
    node_id peer;
    member_state from = member_state::unknown;
    member_state to = member_state::unknown;
    sighting why = sighting::not_heard_yet;
    std::optional<instant> first_sign;  // how long ago it began
};
struct peer_restarted {
    node_id peer;
    boot_id before;
    boot_id now;
};
struct database_changed {
    database_state to = database_state::unknown;
    outage_scope scope = outage_scope::none;
};
struct takeover_done {
    takeover_record record;
};
// One of which this node only learned by the outbox.
struct takeover_told {
    takeover_record record;
};
struct view_changed {
    std::int64_t view = 0;
};  // the list of healthy servers is another one
struct warn {
    cluster_warning what;
    bool begins = true;
};

}  // namespace kieng::cluster::action

namespace kieng::cluster {

using cluster_action =
    std::variant<action::send_beat, action::reconnect, action::close_streams, action::probe_via,
                 action::answer_probe, action::send_heartbeat, action::read_nodes,
                 action::announce_resigned, action::announce_active, action::check_lock,
                 action::terminate_idle_sessions, action::terminate_duty_sessions,
                 action::read_lease, action::send_renewal, action::send_takeover,
                 action::send_resign, action::start_duties, action::stop_duties,
                 action::peer_changed, action::peer_restarted, action::database_changed,
                 action::takeover_done, action::takeover_told, action::view_changed, action::warn>;

using cluster_actions = std::vector<cluster_action>;

}  // namespace kieng::cluster

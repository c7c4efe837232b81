// What the runtime feeds the cluster's decisions. Each comes with the time it happened; times never go back. Plain values.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/core/lease_row.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace kieng::cluster {

using statement_id = std::uint64_t;

// Which of the two streams between us and a peer: the one we opened (our beats leave on it) or the one it opened.
enum class link : std::uint8_t { ours = 1, theirs };

namespace input {

// Every 50 ms, from the control thread, with how old the oldest tick of the own I/O loops is.
// A late one is how a node learns that it itself stood still.
struct tick {
    instant loops_age{0};
};
// What the node knows of its own place in the history; whenever it changed, at most once per tick.
struct progress {
    std::int64_t pos = 0;  // head, as last seen
    std::int64_t applied = 0;
};

// The rows of cluster_nodes (at start, each heartbeat, when a stranger called), and who calls by itself.
struct nodes_read {
    std::vector<node_identity> nodes;
};
struct greeted {
    node_identity node;
};

// L0. A stream counts as opened when both sides have verified the opening; its boot id comes with it.
struct stream_opened {
    node_id peer;
    boot_id boot;
    link which = link::theirs;
};
struct stream_closed {
    node_id peer;
    boot_id boot;  // as it was opened
    link which = link::theirs;
};
// The outcome of action::reconnect, within reconnect_within or as `timed_out`. A stream that was opened comes as stream_opened first.
enum class reconnect_outcome : std::uint8_t {
    accepted = 1,  // a stream is open
    refused,       // connection refused: nobody listens
    timed_out,     // no answer in time, no route, or any other failure
    no_stream,     // an HTTP answer came, but a stream is not possible on this way
};
struct reconnected {
    node_id peer;
    reconnect_outcome outcome = reconnect_outcome::timed_out;
};
// L1.
struct heard {
    node_id from;
    boot_id boot;
    beat what;
};
// An application's answer to something we sent (echo of a beat, answered heartbeat or push): round trip and whether it went well.
struct peer_answered {
    node_id peer;
    instant round_trip{0};
    bool well = true;
};
// The peer's process ends on purpose.
struct left {
    node_id peer;
    boot_id boot;
};
// L2. A peer asks what we know of a third node (answer: action::answer_probe), and an answer to our own question.
struct probe_asked {
    node_id by;
    node_id target;
    std::uint64_t question = 0;
};
struct probe_answered {
    probe_answer answer;
};
// L3. The advisory lock of a node's boot.
enum class lock_state : std::uint8_t { free = 1, held, unknown };
struct lock_checked {
    node_id peer;
    boot_id boot;
    lock_state state = lock_state::unknown;
};
// The session that holds our own advisory lock is new (at start, after it broke), or broke.
struct lock_session {
    bool held = false;
};
// L4. A heartbeat or its answer came in. Times for the clock offset only when it is an answer.
struct heartbeat_received {
    heartbeat what;
    std::optional<std::chrono::microseconds> clock_offset;  // theirs minus ours
    std::optional<std::chrono::microseconds> round_trip;
};

struct resigned {
    node_id from;
    resigned_notice notice;
};
struct active_changed {
    node_id from;
    active_notice notice;
};

// A request whose signature held was refused for its time: how far the sender's clock is ahead of ours.
struct clock_seen {
    node_id peer;
    std::chrono::microseconds offset{0};
};

// About once a second: the own house, and history that is newly known to be lost. Until the first no condition is warned of.
struct condition_read {
    node_condition own;
    std::int64_t incarnation = 0;
    std::vector<history_loss> losses;
    wall_time now{};
};
// Whether a block of history that both know differs between a peer and us.
struct history_compared {
    node_id peer;
    bool differs = false;
};
struct consumers_read {
    std::vector<consumer_lag> consumers;
};

// The answer to a statement on the lease (read_lease, send_renewal, send_takeover, send_resign).
enum class statement_outcome : std::uint8_t {
    done = 1,      // row: as it is now
    refused,       // the conditions did not hold; row: as it is now
    lock_timeout,  // a takeover waited 200 ms for the old holder's duties
    failed,        // surely not executed: no connection, or refused before it was sent
    unknown,       // the connection broke after it may have been sent
};
struct lease_answered {
    statement_id id = 0;
    statement_outcome outcome = statement_outcome::unknown;
    instant sent{0};               // just before the statement left
    std::optional<lease_row> row;  // with done and refused
};

// Changes of the active role as the outbox has them, in any order, also those known already.
struct history_read {
    std::vector<takeover_record> records;  // without phases
};

// Operators, and the orderly stop.
struct handover {
    std::optional<node_id>
        to;  // nothing: the best other; one that is not fit for the role is not given it
};
struct drain {};
struct undrain {};
struct stop {};  // resign now, even if nobody else is there

}  // namespace input

using cluster_input = std::variant<
    input::tick, input::progress, input::nodes_read, input::greeted, input::stream_opened,
    input::stream_closed, input::reconnected, input::heard, input::peer_answered, input::left,
    input::probe_asked, input::probe_answered, input::lock_checked, input::lock_session,
    input::heartbeat_received, input::clock_seen, input::condition_read, input::history_compared,
    input::consumers_read, input::resigned, input::active_changed, input::lease_answered,
    input::history_read, input::handover, input::drain, input::undrain, input::stop>;

}  // namespace kieng::cluster

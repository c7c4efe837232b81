// Everything the status endpoints show, as one node sees it. Plain values; times are `instant`s, the runtime turns them into
// wall time by how long ago they were.
#pragma once

#include "cluster/core/cluster_messages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster {

struct member_facts {
    node_identity node;
    bool self = false;
    node_role role = node_role::standby;
    member_state state = member_state::unknown;
    sighting why = sighting::not_heard_yet;
    instant since{0};   // of this state
    bool well = false;  // fit for the active role
    detection_mode detection = detection_mode::stream;
    std::int64_t pos = 0;
    std::int64_t applied = 0;
    std::int64_t lag = 0;  // behind the newest position anybody has told
    std::optional<instant> last_heard;
    std::optional<instant> last_heartbeat;
    std::optional<instant> round_trip_p50;
    std::optional<instant> round_trip_p99;
    double error_rate = 0;        // of the last 128 requests and beats to it
    double uptime_percent = 100;  // since this node knows it
    std::optional<std::chrono::microseconds> clock_offset;  // theirs minus ours
    database_state database = database_state::unknown;
    std::optional<wall_time> certificate_expires;
    std::optional<disk_space> disk;
    int blips = 0;  // streams that closed and came back
    int restarts = 0;
};

struct disagreement {
    node_id about;
    std::map<node_id, member_state> held;
};

// The active role changed hands.
struct takeover_record {
    instant at{0};
    node_id from;  // empty: nobody
    node_id to;
    std::int64_t epoch = 0;
    std::optional<takeover_reason> reason;
    bool planned = false;    // handed over to the node that was named, nobody failed
    takeover_phases phases;  // whole only on the node that took over
};

struct cluster_warning {
    warning_code code = warning_code::duplicate_node_id;
    node_id node;
    std::string detail;
    bool serious = false;  // not to wait for the morning
    friend bool operator==(const cluster_warning&, const cluster_warning&) = default;
};

// Best first: the active node, then well ones by priority, then by round trip; the others after them.
struct server_entry {
    node_id id;
    std::string url;
    int priority = 0;
    node_role role = node_role::standby;
    member_state state = member_state::unknown;
    friend bool operator==(const server_entry&, const server_entry&) = default;
};
struct server_list {
    std::int64_t view = 0;
    std::int64_t epoch = 0;
    node_id active;
    bool panic = false;  // nobody looks well, so all are listed
    std::vector<server_entry> servers;
    // Another history is another list, though the servers be the same.
    std::int64_t incarnation = 0;
};

// The facts of the summary sentence.
struct summary_facts {
    int members = 0;
    int well = 0;
    int tolerates_failures = 0;  // further nodes that may fail before nobody serves
    bool has_active = false;     // somebody runs the duties, as far as this node knows
    outage_scope outage = outage_scope::none;
};

enum class lease_phase : std::uint8_t {
    standby = 1,
    candidate,  // evidence is there, waiting for its turn
    claiming,   // takeover under way
    active,     // runs the duties
    lapsed,  // the row names us, but our own deadline passed or the outcome is unknown: no duties
    handing_over,  // duties stopped, resign under way
};

struct cluster_snapshot {
    node_id self;
    boot_id boot;
    instant taken{0};
    std::int64_t incarnation = 0;
    std::int64_t epoch = 0;
    std::int64_t view = 0;
    std::int64_t pos = 0;
    std::int64_t applied = 0;
    lease_phase lease = lease_phase::standby;
    node_id active;  // holder of the newest epoch known; empty: nobody
    std::optional<instant> active_since;
    std::optional<instant> lease_left;     // by the newest row read; negative: expired
    std::optional<instant> duty_deadline;  // of this node's own role, while it is active
    bool active_kept =
        false;  // an operator gave the role to the active node: it does not fail back
    bool draining = false;
    bool blames_itself = false;
    bool stands_still = false;  // too old to be believed: see as_of()
    detection_mode detection = detection_mode::stream;
    database_state database = database_state::unknown;
    outage_scope scope = outage_scope::none;
    std::optional<instant> database_time;  // of the last answer
    summary_facts summary;
    std::vector<member_facts> members;   // by priority, this node among them
    std::map<node_id, opinions> matrix;  // who holds what of whom
    std::vector<disagreement> disagreements;
    std::vector<takeover_record> history;  // newest first, at most 32
    std::vector<cluster_warning> warnings;
    std::vector<consumer_lag> consumers;
    server_list servers;
};

// What a picture may still claim at `now`. It is made anew each 250 ms, so one of a second's age comes from a control thread that stands
// still: the node is not ready and says nothing of PostgreSQL. The active role it does not claim beyond its own deadline, nor for as long
// as others may need to find it silent and take the role. Times of the picture stay as they were.
inline constexpr instant kOldPicture = std::chrono::milliseconds(1'000);
inline constexpr instant kOldRole = std::chrono::milliseconds(700);
[[nodiscard]] bool still_holds(const cluster_snapshot& picture, instant now) noexcept;
[[nodiscard]] cluster_snapshot as_of(cluster_snapshot picture, instant now);

}  // namespace kieng::cluster

// The words the cluster's decisions are made of. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kieng::cluster {

// What one node holds of another. docs/CLUSTER.md, "Decisions".
enum class member_state : std::uint8_t { alive = 1, suspect, down, draining, late, unknown };
enum class node_role : std::uint8_t { active = 1, standby };
// How PostgreSQL looks from a node.
enum class database_state : std::uint8_t { well = 1, slow, lost, unknown };
// Whose fault it is that PostgreSQL does not answer: this node's alone, or everybody's.
enum class outage_scope : std::uint8_t { none = 1, node, shared };
enum class detection_mode : std::uint8_t { stream = 1, heartbeat_only };

// Why a node is held to be what it is.
enum class sighting : std::uint8_t {
    not_heard_yet = 1,
    heard,          // beats come in
    stream_closed,  // being asked whether it still listens
    refused,        // stream closed, connection refused; its lock in PostgreSQL not yet seen free
    crashed,        // stream closed, connection refused, lock free
    silent,         // beats missed; the others are being asked
    link_cut,       // beats missed, but another node hears it
    silent_agreed,  // beats missed, and no other node hears it
    loops_stuck,    // beats come, but its I/O loops stand still
    left,           // said goodbye
    heartbeats_missed,
};

// Why a node takes the active role.
enum class takeover_reason : std::uint8_t {
    vacant = 1,  // nobody holds it, or the holder resigned in PostgreSQL
    resigned,    // the holder said so over the streams
    restarted,   // the holder runs again with another boot id
    crashed,     // stream ended, reconnect refused, lock free
    silent,      // beats lost, the others agree, renewals stopped
    expired,
};

enum class warning_code : std::uint8_t {
    duplicate_node_id = 1,
    clock_skew,
    link_cut,
    own_timer_late,
    own_loops_stuck,
    heartbeat_late,
    heartbeat_only,
    sync_mismatch,
    settings_differ,
    version_differs,
    epoch_went_back,
    history_lost,
    certificate_expires,
    disk_low,
    consumer_behind,
};

[[nodiscard]] std::string_view name_of(member_state word) noexcept;
[[nodiscard]] std::string_view name_of(node_role word) noexcept;
[[nodiscard]] std::string_view name_of(database_state word) noexcept;
[[nodiscard]] std::string_view name_of(outage_scope word) noexcept;
[[nodiscard]] std::string_view name_of(detection_mode word) noexcept;
[[nodiscard]] std::string_view name_of(takeover_reason word) noexcept;
[[nodiscard]] std::string_view name_of(warning_code word) noexcept;
[[nodiscard]] std::optional<takeover_reason> takeover_reason_named(std::string_view name) noexcept;
// For people: "stream closed, connection refused".
[[nodiscard]] std::string_view words_of(sighting why) noexcept;

}  // namespace kieng::cluster

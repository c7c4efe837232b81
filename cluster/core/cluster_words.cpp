#include "cluster/core/cluster_words.hpp"

namespace kieng::cluster {

std::string_view name_of(member_state word) noexcept
{
    switch (word) {
    case member_state::alive: return "alive";
    case member_state::suspect: return "suspect";
    case member_state::down: return "down";
    case member_state::draining: return "draining";
    case member_state::late: return "late";
    case member_state::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name_of(node_role word) noexcept
{
    switch (word) {
    case node_role::active: return "active";
    case node_role::standby: return "standby";
    }
    return "standby";
}

std::string_view name_of(database_state word) noexcept
{
    switch (word) {
    case database_state::well: return "well";
    case database_state::slow: return "slow";
    case database_state::lost: return "lost";
    case database_state::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name_of(outage_scope word) noexcept
{
    switch (word) {
    case outage_scope::none: return "none";
    case outage_scope::node: return "node";
    case outage_scope::shared: return "shared";
    }
    return "none";
}

std::string_view name_of(detection_mode word) noexcept
{
    switch (word) {
    case detection_mode::stream: return "stream";
    case detection_mode::heartbeat_only: return "heartbeat-only";
    }
    return "stream";
}

std::string_view name_of(takeover_reason word) noexcept
{
    switch (word) {
    case takeover_reason::vacant: return "vacant";
    case takeover_reason::resigned: return "resigned";
    case takeover_reason::restarted: return "restarted";
    case takeover_reason::crashed: return "crashed";
    case takeover_reason::silent: return "silent";
    case takeover_reason::expired: return "expired";
    }
    return "expired";
}

std::optional<takeover_reason> takeover_reason_named(std::string_view name) noexcept
{
    for (const auto word :
         {takeover_reason::vacant, takeover_reason::resigned, takeover_reason::restarted,
          takeover_reason::crashed, takeover_reason::silent, takeover_reason::expired})
        if (name_of(word) == name) return word;
    return std::nullopt;
}

std::string_view name_of(warning_code word) noexcept
{
    switch (word) {
    case warning_code::duplicate_node_id: return "duplicate_node_id";
    case warning_code::clock_skew: return "clock_skew";
    case warning_code::link_cut: return "link_cut";
    case warning_code::own_timer_late: return "own_timer_late";
    case warning_code::own_loops_stuck: return "own_loops_stuck";
    case warning_code::heartbeat_late: return "heartbeat_late";
    case warning_code::heartbeat_only: return "heartbeat_only";
    case warning_code::sync_mismatch: return "sync_mismatch";
    case warning_code::settings_differ: return "settings_differ";
    case warning_code::version_differs: return "version_differs";
    case warning_code::epoch_went_back: return "epoch_went_back";
    case warning_code::history_lost: return "history_lost";
    case warning_code::certificate_expires: return "certificate_expires";
    case warning_code::disk_low: return "disk_low";
    case warning_code::consumer_behind: return "consumer_behind";
    }
    return "unknown";
}

std::string_view words_of(sighting why) noexcept
{
    switch (why) {
    case sighting::not_heard_yet: return "not heard yet";
    case sighting::heard: return "beats come in";
    case sighting::stream_closed: return "stream closed";
    case sighting::refused: return "stream closed, connection refused";
    case sighting::crashed: return "stream closed, connection refused, lock free";
    case sighting::silent: return "no beats, asking the others";
    case sighting::link_cut: return "no beats here, another node hears it";
    case sighting::silent_agreed: return "no beats, and nobody else hears it";
    case sighting::loops_stuck: return "its I/O loops stand still";
    case sighting::left: return "stopped on purpose";
    case sighting::heartbeats_missed: return "no heartbeats";
    }
    return "";
}

}  // namespace kieng::cluster

// A whole cluster in one thread and in virtual time: real decisions (cluster_machine, sync_cursor, rolling_hash) against an invented
// network, PostgreSQL and fate, all drawn from one seed. The same seed gives the same run.
//
// Each seed plays one scenario (one clean fault with a sharp expectation, or chaos) and then heals everything. What must hold is
// checked at every step and at the end; a violation is a sentence. `planted` breaks one rule on purpose, to prove that the checks see it.
#pragma once

#include "cluster/core/node_identity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::simulation {

enum class planted : std::uint8_t {
    none = 1,
    fence_removed,       // duties do not lock the row of their epoch
    expires_at_ignored,  // a silent holder is replaced without a look at its renewals
    self_blame_removed,  // a node that stood still blames the others
    lock_accuses_alone,  // a free advisory lock is taken for a crash
};

inline constexpr planted kLastPlanted = planted::lock_accuses_alone;

enum class scenario : std::uint8_t {
    chaos = 1,
    crash_active,
    lose_host,  // of the active node: no end of file, no refusal
    hang_active,
    cut_pair,        // two nodes from each other, one or both ways
    isolate_active,  // from all peers, not from PostgreSQL
    lose_messages,   // up to 10 %
    pause_standby,
    outage,  // PostgreSQL away or frozen for everybody
    restart_database,
    database_cut,  // the active node from PostgreSQL
    drain_active,
};
inline constexpr scenario kLastScenario = scenario::drain_active;

[[nodiscard]] std::string_view name_of(scenario what) noexcept;
[[nodiscard]] std::string_view name_of(planted what) noexcept;

struct options {
    std::uint64_t seed = 1;
    planted fault = planted::none;
    bool trace = false;                 // to standard output
    std::optional<scenario> only = {};  // otherwise the seed chooses
};

struct outcome {
    scenario played = scenario::chaos;
    std::vector<std::string> violations;
    std::optional<instant>
        takeover;  // fault to duties of the next one, in crash, hang and database_cut
    std::uint64_t events = 0;
    int takeovers = 0;
};

[[nodiscard]] outcome simulate(const options& how);

}  // namespace kieng::cluster::simulation

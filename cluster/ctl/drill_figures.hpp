// What a drill measured, held against the targets of the product (docs/KIENGCTL.md, "Drills"). Pure, thread safe. Times are milliseconds.
#pragma once

#include "cluster/ctl/cluster_report.hpp"
#include "cluster/ctl/command_line.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster::ctl {

// One fault and what came of it.
struct injection {
    std::string victim;
    std::string successor;         // of a crash or hang
    std::optional<double> detect;  // fault -> a node holds the victim for down, or the link for cut
    std::optional<double> takeover;  // fault -> another node is active
    std::optional<double> gap;       // the longest call a client made meanwhile
    phase_report phases;             // as the new active node tells them
};

// What became of the calls during the whole drill.
struct load_counts {
    std::uint64_t writes = 0, reads = 0;
    std::uint64_t errors = 0;        // calls that ended with an error the caller saw
    std::uint64_t unknown = 0;       // writes whose outcome had to be asked for afterwards
    std::uint64_t acknowledged = 0;  // writes that the cluster said it did
    std::uint64_t lost = 0;          // acknowledged, and not there
    std::uint64_t doubled = 0;       // there more than once
    std::uint64_t denied = 0;        // said not to have happened, and there
    std::string first_error;
};

struct drill_figures {
    fault what = fault::crash;
    std::vector<injection> injections;
    std::uint64_t disturbed =
        0;  // injections during which the cluster did something of its own; not counted
    std::uint64_t role_moves = 0;  // of a partition: it must move nothing
    load_counts load;
    std::string ended_early;  // why; empty: it went through
};

// The value that a share `q` of all does not exceed (nearest rank); nothing of nothing.
[[nodiscard]] std::optional<double> percentile(std::vector<double> values, double q);

struct figure_row {
    std::string name;
    std::size_t count = 0;
    std::optional<double> p50, p99, most;
    std::optional<double> target50, target99;
    [[nodiscard]] bool met() const;
};
[[nodiscard]] std::vector<figure_row> rows_of(const drill_figures& all);

[[nodiscard]] std::string drill_text(const drill_figures& all);
[[nodiscard]] std::string drill_json(const drill_figures& all);
// Degraded when a target is missed, an error was seen or a write was lost, doubled or wrongly denied; not done when it ended early.
[[nodiscard]] exit_code code_of(const drill_figures& all);

}  // namespace kieng::cluster::ctl

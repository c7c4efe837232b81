// GET /api/cluster/stats: how the cluster has been over the last hour and day, as JSON and as lines for people.
// Plain values and pure functions, thread safe.
#pragma once

#include "cluster/core/node_identity.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::wire {

struct time_percentiles {
    std::uint64_t count = 0;
    std::optional<std::chrono::microseconds> p50, p99, max;  // nothing when nothing was measured
};

// Requests and beats to one peer, and whether they were answered.
struct check_statistics {
    node_id node;
    std::uint64_t checks = 0;
    std::uint64_t failures = 0;
    time_percentiles response;
};

struct window_statistics {
    std::chrono::seconds length{0};
    std::vector<check_statistics> health;
    time_percentiles sync;      // commit on another node -> applied here
    time_percentiles takeover;  // first sign -> announced
    std::uint64_t failovers = 0;
    std::uint64_t handovers = 0;  // planned ones
};

struct cluster_statistics {
    node_id self;
    std::chrono::seconds observed{0};  // since when there are figures: the uptime
    std::vector<window_statistics> windows;
};

[[nodiscard]] std::string stats_json(const cluster_statistics& what, std::string_view cluster);
[[nodiscard]] std::string stats_text(const cluster_statistics& what);

}  // namespace kieng::cluster::wire

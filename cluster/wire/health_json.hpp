// GET /api/health: what a node says of itself and of the cluster around it; the health+json draft's form, and lines for people.
// Pure functions over values that are already in memory; thread safe.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/wire/status_json.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// What the cluster's snapshot does not say.
struct health_facts {
    std::string version;
    std::chrono::seconds uptime{0};
    bool started = false;      // bound, migrated, first owner there
    bool stale_reads = false;  // has answers it could give to callers that allow stale ones
    std::chrono::microseconds loop_delay{0};
    std::uint64_t resident_bytes = 0;
    std::string database_why;  // the database's last error
};

// Whether the answer is 200 (else 503). A database outage alone stays 200, so that no balancer drops every node.
[[nodiscard]] bool satisfies(const health_facts& facts, const cluster_snapshot& now,
                             requirement what) noexcept;

[[nodiscard]] std::string health_json(const health_facts& facts, const cluster_snapshot& now,
                                      const status_frame& frame);
[[nodiscard]] std::string health_text(const health_facts& facts, const cluster_snapshot& now,
                                      const status_frame& frame);

}  // namespace kieng::cluster::wire

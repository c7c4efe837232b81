// GET /api/cluster/status: the cluster as one node sees it, as JSON and as lines for people.
// Pure functions over a snapshot that is already in memory; thread safe.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/wire/summary.hpp"

#include <string>
#include <string_view>

namespace kieng::cluster::wire {

struct status_frame {
    std::string_view cluster;  // its name
    wall_time at{};            // when the snapshot was taken
    tongue in = tongue::vi;
    bool with_reasons = false;  // why, and details of warnings: for operators alone
};

// What ?require= asks for; `none`: nothing of the cluster, and of a node what a balancer wants to know, which is `ready`.
enum class requirement : std::uint8_t { none = 1, ready, active, writes };

// Of the whole cluster: somebody is in use, runs the duties, can write.
[[nodiscard]] bool satisfies(const cluster_snapshot& now, requirement what) noexcept;

[[nodiscard]] std::string status_json(const cluster_snapshot& now, const status_frame& frame);
[[nodiscard]] std::string status_text(const cluster_snapshot& now, const status_frame& frame);

// The line of one member: "[-] server-c DOWN since 18:54:31 (30 s): stream closed, connection refused". Times are UTC.
[[nodiscard]] std::string member_line(const member_facts& member, const cluster_snapshot& now,
                                      const status_frame& frame);
// "[+] postgres 0.6 ms"
[[nodiscard]] std::string database_line(const cluster_snapshot& now);

}  // namespace kieng::cluster::wire

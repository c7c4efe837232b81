// GET /api/cluster/healthy-servers: where clients go, best first. Never empty.
// Pure functions, thread safe.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// `refresh`: how often a client that does not long-poll should ask.
[[nodiscard]] std::string healthy_servers_json(const cluster_snapshot& now,
                                               std::string_view cluster,
                                               std::chrono::seconds refresh);
// One line per server: "server-a https://a.example active alive".
[[nodiscard]] std::string healthy_servers_text(const cluster_snapshot& now);

// Changes with the view, and with the history the view is of.
[[nodiscard]] std::string healthy_servers_etag(const cluster_snapshot& now);

}  // namespace kieng::cluster::wire

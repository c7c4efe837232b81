// What kiengctl prints of a cluster, for people. Pure functions, thread safe.
#pragma once

#include "cluster/ctl/cluster_report.hpp"
#include "cluster/ctl/exit_code.hpp"

#include <string>
#include <vector>

namespace kieng::cluster::ctl {

// All of it: summary, nodes, opinions where they differ from "alive", latest changes of the active role, warnings.
[[nodiscard]] std::string status_text(const cluster_report& what);
// One line: "18:54:31 warn  epoch 4  active server-b  server-a down  server-b alive  server-c alive +2".
[[nodiscard]] std::string status_line(const cluster_report& what, wall_time at);
[[nodiscard]] std::string lag_text(const cluster_report& what);

// One node's health, or that it does not answer.
struct node_health {
    std::string id, url;
    std::optional<health_report> said;
    std::string why;   // it did not answer
    std::string body;  // as it came
};
[[nodiscard]] std::string health_text(const std::vector<node_health>& all);
[[nodiscard]] std::string health_json(const std::vector<node_health>& all);
[[nodiscard]] std::string lag_json(const cluster_report& what, std::int64_t most);

[[nodiscard]] exit_code code_of(const cluster_report& what);
[[nodiscard]] exit_code code_of(const std::vector<node_health>& all);
// Degraded when a node is more than `most` positions behind, or away.
[[nodiscard]] exit_code code_of_lag(const cluster_report& what, std::int64_t most);

}  // namespace kieng::cluster::ctl

// The rows of the route table that are about the node itself: health, readiness, metrics, the contract.
#pragma once

#include "cluster/wire/health_json.hpp"
#include "node/platform/http/route.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kieng::node {

// How this node is, and the cluster around it as it sees it.
struct health_view {
    cluster::wire::health_facts facts;
    cluster::cluster_snapshot now;
    std::string cluster;
    wall_time at{};
};

// What the routes ask; each is called on I/O threads and answers from memory.
struct system_sources {
    std::function<health_view()> health;
    std::function<std::string()> metrics;
};

[[nodiscard]] std::vector<http::route> system_routes(system_sources from);

// docs/openapi.yaml as JSON, embedded at build time.
[[nodiscard]] std::string_view embedded_contract();

}  // namespace kieng::node

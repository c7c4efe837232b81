// The rows of the route table that are about the node itself: health, readiness, metrics, the contract.
#pragma once

#include "node/health.hpp"
#include "node/platform/http/route.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kieng::node {

// What the routes ask; each is called on I/O threads and answers from memory.
struct system_sources {
    std::function<health_figures()> health;
    std::function<std::string()> metrics;
};

[[nodiscard]] std::vector<http::route> system_routes(system_sources from);

// docs/openapi.yaml as JSON, embedded at build time.
[[nodiscard]] std::string_view embedded_contract();

}  // namespace kieng::node

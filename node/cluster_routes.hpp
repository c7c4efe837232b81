// The rows of the route table that make the cluster: what nodes tell each other, what operators and clients ask of it, and what
// became of a write whose answer was lost. All but the last are answered from memory.
#pragma once

#include "node/cluster_part.hpp"
#include "node/platform/http/route.hpp"
#include "node/platform/store/database.hpp"
#include "node/view_watch.hpp"

#include <string>
#include <vector>

namespace kieng::node {

[[nodiscard]] std::vector<http::route> peer_routes(cluster_part& cluster);
[[nodiscard]] std::vector<http::route> cluster_routes(cluster_part& cluster, view_watch& views);
[[nodiscard]] std::vector<http::route> request_routes(store::database& database);

// The healthy servers as the event stream shows them.
[[nodiscard]] std::string view_json(const cluster_part& cluster);

}  // namespace kieng::node

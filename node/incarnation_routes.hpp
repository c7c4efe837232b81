// The operator's word that history may be lost: after a backup was restored, or PostgreSQL was replaced behind the cluster's back.
#pragma once

#include "node/cluster_part.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::node {

[[nodiscard]] std::vector<http::route> incarnation_routes(cluster_part& cluster);

}  // namespace kieng::node

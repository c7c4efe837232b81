// Describes the cluster to /metrics, in Prometheus names; docs/OPERATIONS.md says what each one means. Thread safe.
#pragma once

#include "node/cluster_part.hpp"
#include "node/platform/telemetry/metrics.hpp"
#include "node/view_watch.hpp"

namespace kieng::node {

void cluster_samples(const cluster_part& from, telemetry::samples& out);
void view_samples(const view_watch::figures& from, telemetry::samples& out);

}  // namespace kieng::node

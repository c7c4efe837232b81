// Describes the parts of the node to /metrics, in Prometheus names. Thread safe; called while somebody scrapes.
#pragma once

#include "node/event_hub.hpp"
#include "node/platform/cache/response_cache.hpp"
#include "node/platform/http/server.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/event_feed.hpp"
#include "node/platform/store/group_commit.hpp"
#include "node/platform/telemetry/metrics.hpp"

namespace kieng::node {

void http_samples(const http::server_snapshot& from, telemetry::samples& out);
void database_samples(const store::database_health& from, telemetry::samples& out);
// `what`: which writes share commits there, for the label.
void group_samples(std::string_view what, const store::group_figures& from,
                   telemetry::samples& out);
void cache_samples(const cache::response_cache& from, telemetry::samples& out);
void feed_samples(const store::event_feed& from, telemetry::samples& out);
void event_samples(const event_hub::figures& from, telemetry::samples& out);
void log_samples(telemetry::samples& out);

}  // namespace kieng::node

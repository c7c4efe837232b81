// GET /api/events: what happens in the shop, as it happens (Server-Sent Events). Thread safe.
#pragma once

#include "node/event_hub.hpp"
#include "node/platform/http/caller.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::node {

[[nodiscard]] std::vector<http::route> event_routes(event_hub& hub, const http::authenticator& who);

}  // namespace kieng::node

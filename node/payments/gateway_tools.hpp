// What providers need to reach a gateway. All of it outlives them.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/platform/http/http_client.hpp"

#include <chrono>

namespace kieng::payments {

struct gateway_tools {
    const http::http_client& client;
    const clock& now;
    random& bits;
    std::chrono::milliseconds within;  // the longest time of a call
};

}  // namespace kieng::payments

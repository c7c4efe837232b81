// The rows of the route table that make the cluster: what nodes tell each other, what operators and clients ask of it, and what
// became of a write whose answer was lost. All but the last are answered from memory.
#pragma once

#include "node/cluster_part.hpp"
#include "node/platform/http/route.hpp"
#include "node/platform/store/database.hpp"

#include <functional>
#include <vector>

namespace kieng::node {

// Wakes clients that long-poll for another view. Thread safe.
class view_watch {
public:
    void changed();
    // Waits until changed() is called or the time is over; on the caller's io_context.
    task<> wait(std::chrono::milliseconds most);

private:
    struct state {
        std::mutex guard;
        std::vector<std::shared_ptr<timer>> waiting;  // guarded by guard
    };
    std::shared_ptr<state> state_ = std::make_shared<state>();
};

[[nodiscard]] std::vector<http::route> peer_routes(cluster_part& cluster);
[[nodiscard]] std::vector<http::route> cluster_routes(cluster_part& cluster, view_watch& views);
[[nodiscard]] std::vector<http::route> request_routes(store::database& database);

// The healthy servers as the event stream shows them.
[[nodiscard]] std::string view_json(const cluster_part& cluster);

}  // namespace kieng::node

// Wakes clients that long-poll for another view of the cluster (GET /api/cluster/healthy-servers?since=&wait=).
// Who waits holds a timer and its connection, nothing else; how many may wait is bounded. Thread safe.
#pragma once

#include "base/async.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace kieng::node {

class view_watch {
public:
    static constexpr std::size_t kMostWaiting = 4'096;

    // Wakes all who wait.
    void changed();
    // From now on nobody waits: the node stops.
    void close();

    // Waits until changed() is called or the time is over; on the caller's io_context. `still`: whether there is anything to wait
    // for, asked once no change can be missed. False when too many wait already.
    task<bool> wait(std::chrono::milliseconds most, std::function<bool()> still);

    struct figures {
        std::size_t waiting = 0;
        std::uint64_t refused = 0;
    };
    [[nodiscard]] figures counts() const;

private:
    struct state {
        mutable std::mutex guard;  // guards all below
        std::vector<std::shared_ptr<timer>> waiting;
        std::size_t places = 0;
        std::uint64_t refused = 0;
        bool closed = false;
    };
    // A place among those who wait, given back at the end of a scope; it may outlive the watch.
    class place;

    std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace kieng::node

// Where the node's parts say that acknowledged history is gone, and the cluster fetches it from. Thread safe.
#pragma once

#include "base/clock.hpp"
#include "cluster/core/cluster_messages.hpp"

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace kieng::node {

class history_losses {
public:
    explicit history_losses(const clock& now) : time_(now) {}

    // A caller's token proves more than PostgreSQL has of this incarnation.
    void token_ahead(std::int64_t incarnation);
    // PostgreSQL is another server than it was; this incarnation was begun for it.
    void server_changed(std::int64_t incarnation);

    // What was learned since the last call, each incarnation once.
    [[nodiscard]] std::vector<cluster::history_loss> take();

    struct figures {
        std::uint64_t by_token = 0, by_server = 0;
    };
    [[nodiscard]] figures counts() const;

private:
    void learn(std::int64_t incarnation, const char* how);  // holds guard_

    const clock& time_;
    mutable std::mutex guard_;  // guards all below
    std::vector<cluster::history_loss> fresh_;
    std::int64_t told_ = 0;  // the newest incarnation known to lack something
    figures counts_;
};

}  // namespace kieng::node

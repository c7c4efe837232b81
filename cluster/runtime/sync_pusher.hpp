// Pushes committed positions to one peer: one request in flight, what gathers meanwhile goes in the next. A push that fails is not
// repeated: the peer finds its positions in the outbox. On one io_context.
#pragma once

#include "base/bell.hpp"
#include "base/task_group.hpp"
#include "cluster/runtime/peer_caller.hpp"
#include "cluster/wire/sync_packer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace kieng::cluster {

struct push_counts {
    std::uint64_t pushed = 0;  // positions that the peer confirmed
    std::uint64_t failed = 0;  // requests
    std::chrono::microseconds last_round_trip{0};
    std::size_t waiting = 0;
    std::uint64_t forgotten = 0;
};

class sync_pusher {
public:
    sync_pusher(executor on, const std::string& self, std::string peer, peer_address to,
                const peer_calls& how, const clock& now);

    // Runs until the group stops; the caller keeps the object alive so long.
    task<> run(task_group& in);
    void stop();

    void add(std::shared_ptr<const wire::packed_position> what);
    // The peer is down: what waits for it is forgotten.
    void clear();
    [[nodiscard]] push_counts counts() const;

private:
    [[nodiscard]] std::chrono::milliseconds after_failure();

    const clock& now_;
    bool stopping_ = false;
    wire::sync_packer waiting_;
    peer_caller to_;
    bell work_;
    std::chrono::milliseconds pause_{0};
    bool pausing_ = false;  // new work does not cut the pause short
    push_counts counts_;
};

}  // namespace kieng::cluster

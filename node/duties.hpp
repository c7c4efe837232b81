// Work that one node does at a time, under the active role: a duty is a name, a period and a function that does a batch.
//
// Every batch is a transaction of its own that holds the epoch first (store::fence), on a connection named after its purpose, so that a
// takeover waits for it, or ends it. What it did is announced as DutyDone{name, epoch}: the order of positions shows the order of epochs.
// start() and stop() may be called from any thread; stop() lets a batch that is under way end by its fence.
#pragma once

#include "node/platform/store/unit_of_work.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kieng::node {

struct duty {
    std::string name;  // "outbox.trim"
    std::chrono::milliseconds every;
    // Does a batch that takes well under a second, and says how much it was; 0: nothing is left to do.
    std::function<std::int64_t(store::tx&)> batch;
};

class duty_runner {
public:
    // `how`: as for the pool; the role and the one connection are this class's own. `on_commit` as for any unit of work.
    duty_runner(store::database_options how, store::unit_of_work::commit_listener on_commit,
                std::vector<duty> duties);

    // The threads that the loops run on must have ended before the runner goes.
    void open(const executor& on);
    void close() { database_.stop(); }

    void start(std::int64_t epoch);
    void stop(std::int64_t epoch);

    struct counts {
        std::uint64_t batches = 0, rows = 0, fenced_off = 0, failed = 0;
    };
    [[nodiscard]] counts done() const;

private:
    task<> loop(std::shared_ptr<const duty> what, std::int64_t epoch);
    task<bool> turn(std::shared_ptr<const duty> what, std::int64_t epoch);

    store::database database_;
    store::unit_of_work work_;
    std::vector<std::shared_ptr<const duty>> duties_;
    std::optional<executor> on_;
    std::atomic<std::int64_t> epoch_{0};  // 0: none
    std::atomic<std::uint64_t> batches_{0}, rows_{0}, fenced_off_{0}, failed_{0};
};

}  // namespace kieng::node

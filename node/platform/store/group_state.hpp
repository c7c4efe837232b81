// The inside of group_queue: who waits, who is on the way, and what goes next. Included by group_*.cpp only.
//
// One mutex guards everything marked so; it is never held while somebody is told or a coroutine is started.
#pragma once

#include "node/platform/store/group_commit.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace kieng::store {

struct group_queue::state : std::enable_shared_from_this<state> {
    struct waiter {
        promise<unit_end> wake;
        std::shared_ptr<const std::atomic<bool>> gone;
    };
    struct unit {
        explicit unit(executor first) : where(std::move(first)) {}

        write_key who;
        work what;
        executor where;  // of its first caller
        steady_time start_by, by;
        std::string name;  // guarded: of its key, for twins to join by; empty: nobody joins
        std::vector<waiter> waiters;  // guarded, to the end: twins join while it works
    };
    using unit_ptr = std::shared_ptr<unit>;
    struct ending {
        std::vector<waiter> who;
        unit_end what;
    };
    // What was decided under the lock, to be done without it.
    struct plan {
        std::vector<unit_ptr> singles, batch;
        std::vector<ending> endings;
    };

    state(unit_of_work& on_in, business what_in, group_options how_in)
        : on(on_in),
          what(std::move(what_in)),
          how(how_in)
    {}

    // group_state.cpp
    void add(const unit_ptr& one);
    void pump();
    void stop();
    void finish(const unit_ptr& one, unit_end end);
    void note_single();
    void note_batch(const batch_report& report, std::size_t units);
    // Wakes all; everybody but the first gets the answer as a replay.
    static void deliver(ending to);
    // With the lock held:
    bool join_twin(const unit_ptr& one);
    std::optional<failure> enter(const unit_ptr& one);
    void clear_stale(plan& out, steady_time now);
    void choose(plan& out);
    std::vector<waiter> take(unit& one);

    // group_commit.cpp
    void perform(plan now);
    static task<> run_single(std::shared_ptr<state> self, unit_ptr one);
    static task<> run_batch(std::shared_ptr<state> self, std::vector<unit_ptr> all);

    unit_of_work& on;
    const business what;
    const group_options how;

    mutable std::mutex mutex;
    // Guarded by mutex:
    std::deque<unit_ptr> waiting;
    std::unordered_map<std::string, unit_ptr> keyed;  // waiting or at work
    std::size_t singles = 0;                          // at work
    bool batch = false;                               // at work
    bool stopping = false;
    group_figures figures;
};

}  // namespace kieng::store

// The inside of database: the queue, the workers and the watchdog. Included by database*.cpp only.
//
// One mutex guards everything marked so; a worker holds it only between calls.
#pragma once

#include "base/random.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/error_map.hpp"
#include "node/platform/store/session.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace kieng::store {

struct database::state {
    struct job {
        kind what;
        std::function<void(tx&)> f;
        std::function<void(outcome)> done;
        std::shared_ptr<std::atomic<bool>> gone;
        steady_time wait_until, until;
    };
    // What a worker does right now, for the watchdog.
    struct slot {
        int descriptor = -1;  // of the connection in use, -1: none
        steady_time until = steady_time::max();
    };

    state(database_options how, const clock& now) : options(std::move(how)), time(now) {}

    // database.cpp
    void watch();
    static void refuse(job& what, errc code, const phrase& reason);
    void refuse_waiting(std::unique_lock<std::mutex>& lock, const phrase& reason);

    // database_worker.cpp
    void work(std::size_t index);
    std::unique_ptr<session> connect(std::size_t index);
    std::unique_ptr<session> try_connect(std::size_t index);
    bool may_try(std::unique_lock<std::mutex>& lock, std::size_t index);
    void serve(session& on, std::size_t index);
    bool perform(session& on, job& what);
    bool fit(const session& on) const;
    bool ping(session& on);
    bool ping_is_due();
    void arm(std::size_t index, int descriptor, steady_time until);
    void disarm(std::size_t index);

    database_options options;  // constant once started
    const clock& time;

    mutable std::mutex mutex;
    // Guarded by mutex:
    std::deque<job> queue;
    std::vector<slot> slots;
    bool running = false, stopping = false;
    std::atomic<bool> given_up{false};  // any thread
    bool down = false;                  // no connection is there and the last attempt failed
    std::optional<std::size_t> prober;  // after a failure, the only worker that tries
    std::size_t alive = 0, busy = 0;
    std::uint64_t generation = 0;  // older sessions believe in another history and are replaced
    steady_time last_ping{}, ping_since = steady_time::max();
    std::uint64_t refused = 0, timeouts = 0, reconnects = 0, opened = 0;
    std::chrono::microseconds response_time{0};
    wall_time last_good{};
    std::string why;

    std::condition_variable wake_workers, wake_watchdog, wake_connecting;
    std::vector<std::thread> workers;
    std::thread watchdog;
};

}  // namespace kieng::store

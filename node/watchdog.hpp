// Ends the process when one of its loops (the I/O threads', the cluster's) has stood still for longer than the lease: a hang becomes a crash, which the others notice in
// milliseconds, and which a supervisor mends. A process that was itself stopped as a whole (SIGSTOP, a suspended host) is not a hang:
// the watchdog stood still with it and looks again.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace kieng::node {

class watchdog {
public:
    using ages = std::function<
        std::chrono::nanoseconds()>;  // of the loop that stands still longest; any thread

    static constexpr std::chrono::milliseconds kEvery{250};
    static constexpr std::chrono::milliseconds kLongest{3'000};
    static constexpr int kTimes = 3;  // looks in a row

    // `end` is called once on the watchdog's thread; it should not return to normal work.
    watchdog(ages of, const clock& now, std::function<void(std::chrono::milliseconds age)> end);
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

private:
    void run();

    const ages of_;
    const clock& now_;
    const std::function<void(std::chrono::milliseconds)> end_;
    std::mutex guard_;
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by guard_
    std::thread thread_;
};

// Counts looks; apart from the thread so that tests need no time. Not thread safe.
class stillness {
public:
    // One look: how old the oldest loop is, and how late the look itself came. Whether it has been too long too often.
    [[nodiscard]] bool look(std::chrono::nanoseconds age, std::chrono::nanoseconds late) noexcept
    {
        if (late > watchdog::kEvery || age < watchdog::kLongest)
            times_ = 0;
        else
            ++times_;
        return times_ >= watchdog::kTimes;
    }

private:
    int times_ = 0;
};

}  // namespace kieng::node

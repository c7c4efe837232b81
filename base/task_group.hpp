// Background coroutines that belong together: they are counted, told to end, and waited for. What they use may go when
// empty() is true and not before.
//
// A coroutine of a group asks stopping() after every wait; the owner wakes those waits (bells, sockets) after stop().
// All calls on the io_context of the group, but stopping() and empty() (any thread).
#pragma once

#include "base/async.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace kieng {

class task_group {
public:
    // `on_error` hears what leaves a coroutine.
    task_group(executor on, std::function<void(std::string_view name, std::exception_ptr)> on_error)
        : on_(std::move(on)),
          on_error_(std::move(on_error))
    {}
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // Starts what `coroutine` returns; it must own what it captures or outlive the group.
    template <class F>
    void start(std::string name, F coroutine)
    {
        running_.fetch_add(1);
        spawn(on_,
              [this, run = std::move(coroutine), what = std::move(name)]() -> task<> {
                  std::exception_ptr error;
                  try {
                      co_await run();
                  } catch (...) {
                      error = std::current_exception();
                  }
                  if (error && on_error_) on_error_(what, error);
                  running_.fetch_sub(1);
              },
              {});
    }

    void stop() noexcept { stopping_.store(true); }
    [[nodiscard]] bool stopping() const noexcept { return stopping_.load(); }
    [[nodiscard]] bool empty() const noexcept { return running_.load() == 0; }

private:
    executor on_;
    std::function<void(std::string_view, std::exception_ptr)> on_error_;
    std::atomic<std::size_t> running_{0};
    std::atomic<bool> stopping_{false};
};

}  // namespace kieng

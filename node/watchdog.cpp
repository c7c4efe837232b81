#include "node/watchdog.hpp"

namespace kieng::node {

watchdog::watchdog(ages of, const clock& now,
                   std::function<void(std::chrono::milliseconds age)> end)
    : of_(std::move(of)),
      now_(now),
      end_(std::move(end)),
      thread_([this] { run(); })
{}

watchdog::~watchdog()
{
    {
        const std::lock_guard lock(guard_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void watchdog::run()
{
    stillness seen;
    for (;;) {
        const auto due = now_.steady() + kEvery;
        {
            std::unique_lock lock(guard_);
            wake_.wait_until(lock, due, [this] { return stopping_; });
            if (stopping_) return;
        }
        const auto age = of_();
        if (!seen.look(age, now_.steady() - due)) continue;
        end_(std::chrono::duration_cast<std::chrono::milliseconds>(age));
        return;
    }
}

}  // namespace kieng::node

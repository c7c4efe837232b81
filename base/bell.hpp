// Wakes a coroutine that has nothing to do: wait() until somebody rings. A ring while nobody waits is kept for the next wait().
// One waiter at a time; all calls on one io_context.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"

#include <boost/asio/redirect_error.hpp>

namespace kieng {

class bell {
public:
    explicit bell(const executor& on) : timer_(on) {}

    void ring()
    {
        rung_ = true;
        timer_.cancel();
    }

    // Whether somebody rang before the time had come.
    task<bool> wait(steady_time until = steady_time::max())
    {
        if (!rung_) {
            timer_.expires_at(until);
            boost::system::error_code ended;
            use_task_t token;
            auto quietly = asio::redirect_error(token, ended);
            co_await timer_.async_wait(quietly);
        }
        const bool was = rung_;
        rung_ = false;
        co_return was;
    }

private:
    timer timer_;
    bool rung_ = false;
};

}  // namespace kieng

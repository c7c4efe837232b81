// The coroutine vocabulary: tasks that run on one io_context, deadlines, and the bridge from threads back into a
// coroutine. Everything Asio that code outside the network layers needs.
//
// A task runs on the io_context it was spawned on. A coroutine started with spawn() must take values, never references
// to locals or capturing lambdas. g++ 12 miscompiles co_await inside ?: and aggregate temporaries as coroutine
// arguments: name every argument first.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace kieng {

namespace asio = boost::asio;

using executor = asio::io_context::executor_type;
template <class T = void>
using task = asio::awaitable<T, executor>;
using use_task_t = asio::use_awaitable_t<executor>;
using timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, executor>;

// Hands a value from any thread to the coroutine that waits for it. Move-only; call once. The coroutine resumes on its
// own io_context, never inside the call.
template <class T>
class promise {
public:
    using handler = asio::any_completion_handler<void(T)>;
    promise(handler h, executor where) : handler_(std::move(h)), where_(std::move(where)) {}

    void operator()(T value)
    {
        asio::post(where_, [h = std::move(handler_), v = std::move(value)]() mutable {
            std::move(h)(std::move(v));
        });
    }

    // Where to hear that the coroutine no longer wants the value. Not connected unless somebody can cancel it.
    // Emitted on the coroutine's io_context; the value must be delivered all the same.
    [[nodiscard]] asio::cancellation_slot cancelled() const
    {
        return asio::get_associated_cancellation_slot(handler_);
    }

private:
    handler handler_;
    executor where_;
};

// Waits for a value that somebody else delivers: calls start(promise<T>) at once and resumes when the promise is called.
// If the promise is destroyed uncalled, the coroutine never resumes: owners must call every promise they hold.
template <class T, class Start>
task<T> await_promise(Start start)
{
    const executor where = co_await asio::this_coro::executor;
    use_task_t token;
    co_return co_await asio::async_initiate<use_task_t, void(T)>(
        [&start, where](auto completion) { start(promise<T>(std::move(completion), where)); },
        token);
}

// Waits for a while on the current io_context.
inline task<> sleep_for(std::chrono::steady_clock::duration time)
{
    timer wait(co_await asio::this_coro::executor, time);
    use_task_t token;
    co_await wait.async_wait(token);
}

// Starts a coroutine that nobody waits for. An exception that leaves it goes to `on_error` (called on the io_context).
template <class F>
void spawn(const executor& where, F coroutine, std::function<void(std::exception_ptr)> on_error)
{
    asio::co_spawn(where, std::move(coroutine),
                   [on_error = std::move(on_error)](std::exception_ptr error) {
                       if (error && on_error) on_error(error);
                   });
}

}  // namespace kieng

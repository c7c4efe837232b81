// For tests that need PostgreSQL: a fresh migrated database each, and a way to wait for coroutines from a test's thread.
// The server is the one of KIENG_TEST_DB (scripts/with-postgres.sh); without it the test fails. Not for production code.
#pragma once

#include "base/async.hpp"
#include "node/platform/store/database.hpp"

#include <exception>
#include <future>
#include <optional>
#include <string>
#include <thread>

namespace kieng::store::testing {

// A database of its own for one test: created and migrated, dropped at the end with whatever is still connected.
class test_database {
public:
    enum class schema : std::uint8_t { migrated = 1, empty };
    explicit test_database(schema what = schema::migrated);
    ~test_database();
    test_database(const test_database&) = delete;
    test_database& operator=(const test_database&) = delete;

    // Superuser on this database, sslmode=disable, 8 connections, server_id "test".
    [[nodiscard]] const database_options& options() const noexcept { return options_; }

    // Runs SQL on a connection of its own and returns the first column of the first row as text ("" for none).
    std::string sql(const std::string& text) const;

private:
    database_options options_;
    std::string admin_;
};

// An io_context with a thread. wait() runs a coroutine there and blocks the test until it is done:
//   auto got = io.wait([&]() -> task<result<int>> { co_return co_await db.query<int>(...); });
// The callable and what it refers to must live until wait() returns, which a local does.
class io_runner {
public:
    io_runner() : keep_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
    ~io_runner()
    {
        keep_.reset();
        context_.stop();
        thread_.join();
    }
    io_runner(const io_runner&) = delete;
    io_runner& operator=(const io_runner&) = delete;

    template <class F>
    auto wait(F coroutine)
    {
        return start(std::move(coroutine)).get();
    }

    // The same without blocking.
    template <class F>
    auto start(F coroutine)
    {
        using value = typename std::invoke_result_t<F>::value_type;
        auto done = std::make_shared<std::promise<value>>();
        auto future = done->get_future();
        if constexpr (std::is_void_v<value>) {
            asio::co_spawn(context_.get_executor(), std::move(coroutine),
                           [done](std::exception_ptr error) {
                               if (error)
                                   done->set_exception(error);
                               else
                                   done->set_value();
                           });
        } else {
            asio::co_spawn(context_.get_executor(), std::move(coroutine),
                           [done](std::exception_ptr error, value got) {
                               if (error)
                                   done->set_exception(error);
                               else
                                   done->set_value(std::move(got));
                           });
        }
        return future;
    }

    [[nodiscard]] executor where() { return context_.get_executor(); }

private:
    asio::io_context context_{1};
    asio::executor_work_guard<executor> keep_;
    std::thread thread_;
};

// Looks again until it is so, at most ten seconds. Returns whether it came true.
bool eventually(const std::function<bool()>& is_so);

}  // namespace kieng::store::testing

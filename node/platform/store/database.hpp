// PostgreSQL as the rest of the product sees it: bounded waits, honest answers, recovery without a restart.
//
// Every connection has a thread of its own (libpqxx blocks). A call queues, runs on one of them, and resumes its coroutine on
// the coroutine's own io_context.
//
// States of a connection: closed -> connecting -> ready <-> busy -> closed (error, watchdog). A dead connection object is
// discarded, never reused; while no connection can be had, calls are refused at once instead of queueing.
// Bounds (all on the steady clock): 1 s in the queue, then 503; 2.5 s in all, then a watchdog shuts the socket down, because
// a server that is stopped or cut off answers nothing and libpq would wait forever. A call whose caller is gone before it
// starts is dropped.
// Thread safe. Calls must come from a coroutine on an io_context.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kieng::store {

struct database_options {
    std::string host, port = "5432", user, password, name;
    std::string sslmode = "prefer", sslrootcert;
    std::string server_id, boot_id;  // session names: kieng/<server_id>/<boot_id>/<role>
    std::string role = "pool";
    std::size_t connections = 8;
    std::size_t queue = 1024;  // waiting calls; one more is refused at once (overloaded)
    std::chrono::milliseconds wait{1000};   // longest time in the queue
    std::chrono::milliseconds total{2500};  // longest time of a call, queue included
    // PostgreSQL is another server than the history's, so this incarnation was begun. On the threads of the connections.
    std::function<void(std::int64_t incarnation)> history_began;
};

// What a read saw, and the position of the snapshot it saw it in.
template <class T>
struct seen {
    T value;
    std::int64_t pos = 0;
};

struct database_health {
    bool reachable = false;
    std::chrono::microseconds response_time{0};  // of the last check or call
    wall_time last_good{};
    std::size_t connections = 0, busy = 0, waiting = 0;
    std::uint64_t refused = 0, timeouts = 0, reconnects = 0;
    std::string why;  // for the operator's log and signed-in operators only
};

class database {
public:
    explicit database(database_options how, const clock& now = system_clock());
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // Opens connections in the background and keeps trying; `connections` above 0 replaces the number of the options. stop() lets
    // running calls end (bounded) and joins.
    void start(std::size_t connections = 0);
    void stop();

    // Runs f with a connection outside any transaction: for one autocommitted statement that reads.
    // Errors: database_unavailable, overloaded. What f throws besides database errors is rethrown to the caller.
    template <class T>
    task<result<T>> query(std::function<T(tx&)> f);

    // Runs f in one REPEATABLE READ READ ONLY snapshot and says which position that snapshot shows. f runs at most once.
    // Errors: database_unavailable, overloaded.
    template <class T>
    task<result<seen<T>>> read(std::function<T(tx&)> f);

    // While PostgreSQL is known to be out of this node's reach alone, calls are refused at once instead of waiting for their bounds.
    void give_up(bool whether);

    [[nodiscard]] database_health health() const;

    // The parts below are for unit_of_work and event_feed.
    enum class kind : std::uint8_t { query = 1, snapshot, unit };
    // How a call ended: done, refused by the pool or the database, or something else that f threw.
    struct outcome {
        result<void> ran;
        std::exception_ptr thrown;
    };
    // Runs f on a pool thread; f reports through the references it captured (shared state). `by` shortens the bounds.
    task<result<void>> run(kind what, std::function<void(tx&)> f,
                           std::optional<steady_time> by = {});
    // The same for callers that are no coroutine: `done` is called exactly once, on any thread, and must not block or throw.
    // While `gone` is set the call is dropped instead of started.
    void submit(kind what, std::function<void(tx&)> f, std::function<void(outcome)> done,
                std::shared_ptr<std::atomic<bool>> gone = {}, std::optional<steady_time> by = {});
    [[nodiscard]] const clock& time() const noexcept;
    [[nodiscard]] const database_options& options() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

template <class T>
task<result<T>> database::query(std::function<T(tx&)> f)
{
    auto out = std::make_shared<std::optional<T>>();
    std::function<void(tx&)> call = [out, f = std::move(f)](tx& on) { out->emplace(f(on)); };
    auto ran = co_await run(kind::query, std::move(call));
    if (!ran) co_return ran.error();
    co_return std::move(**out);
}

template <class T>
task<result<seen<T>>> database::read(std::function<T(tx&)> f)
{
    auto out = std::make_shared<std::optional<seen<T>>>();
    std::function<void(tx&)> call = [out, f = std::move(f)](tx& on) {
        T value = f(on);
        out->emplace(seen<T>{std::move(value), snapshot_position(on)});
    };
    auto ran = co_await run(kind::snapshot, std::move(call));
    if (!ran) co_return ran.error();
    co_return std::move(**out);
}

}  // namespace kieng::store

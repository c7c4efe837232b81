#include "node/platform/store/database.hpp"

#include "node/platform/store/database_state.hpp"

#include <sys/socket.h>

namespace kieng::store {

database::database(database_options how, const clock& now)
    : state_(std::make_unique<state>(std::move(how), now))
{}

database::~database()
{
    stop();
}

void database::start(std::size_t connections)
{
    auto& s = *state_;
    const std::lock_guard lock(s.mutex);
    if (s.running) return;
    if (connections > 0) s.options.connections = connections;
    s.running = true;
    s.stopping = false;
    s.slots.assign(s.options.connections, {});
    s.watchdog = std::thread([&s] { s.watch(); });
    for (std::size_t i = 0; i < s.options.connections; ++i)
        s.workers.emplace_back([&s, i] { s.work(i); });
}

void database::stop()
{
    auto& s = *state_;
    {
        std::unique_lock lock(s.mutex);
        if (!s.running) return;
        s.running = false;
        s.stopping = true;
        s.refuse_waiting(lock, {"Máy chủ đang dừng.", "The node is stopping."});
    }
    s.wake_workers.notify_all();
    s.wake_connecting.notify_all();
    for (auto& worker : s.workers) worker.join();
    s.workers.clear();
    // The watchdog goes last: it is what bounds the calls the workers were in.
    {
        const std::lock_guard lock(s.mutex);
        s.slots.clear();
    }
    s.wake_watchdog.notify_all();
    s.watchdog.join();
}

const database_options& database::options() const noexcept
{
    return state_->options;
}

const clock& database::time() const noexcept
{
    return state_->time;
}

database_health database::health() const
{
    const auto& s = *state_;
    const auto now = s.time.steady();
    const std::lock_guard lock(s.mutex);
    database_health out;
    const bool silent =
        s.ping_since != steady_time::max() && now - s.ping_since > std::chrono::seconds(1);
    out.reachable = s.alive > 0 && !silent;
    out.response_time = s.response_time;
    out.last_good = s.last_good;
    out.connections = s.alive;
    out.busy = s.busy;
    out.waiting = s.queue.size();
    out.refused = s.refused;
    out.timeouts = s.timeouts;
    out.reconnects = s.reconnects;
    if (!out.reachable) out.why = silent ? "PostgreSQL does not answer" : s.why;
    return out;
}

void database::give_up(bool whether)
{
    auto& s = *state_;
    s.given_up = whether;
    if (!whether) return;
    // Those that wait, and those that were sent into the void, are not kept to the end of their bounds.
    std::unique_lock lock(s.mutex);
    for (auto& one : s.slots) {
        if (one.until != steady_time::max()) one.until = s.time.steady();
    }
    s.refuse_waiting(lock, {"Máy chủ này không liên lạc được với cơ sở dữ liệu.",
                            "This server cannot reach the database."});
    lock.unlock();
    s.wake_watchdog.notify_one();
}

void database::submit(kind what, std::function<void(tx&)> f, std::function<void(outcome)> done,
                      std::shared_ptr<std::atomic<bool>> gone, std::optional<steady_time> by)
{
    auto& s = *state_;
    const auto now = s.time.steady();
    state::job call{what,
                    std::move(f),
                    std::move(done),
                    std::move(gone),
                    now + s.options.wait,
                    now + s.options.total};
    if (by) call.until = std::min(call.until, *by);
    call.wait_until = std::min(call.wait_until, call.until);

    std::unique_lock lock(s.mutex);
    const bool no_way = !s.running || s.given_up || (s.down && s.alive == 0);
    const bool full = s.queue.size() >= s.options.queue;
    if (no_way || full) {
        ++s.refused;
        lock.unlock();
        s.refuse(call, no_way ? errc::database_unavailable : errc::overloaded,
                 no_way ? phrase{"Không liên lạc được với cơ sở dữ liệu.",
                                 "The database cannot be reached."}
                        : phrase{"Quá nhiều lời gọi đang chờ cơ sở dữ liệu.",
                                 "Too many calls wait for the database."});
        return;
    }
    s.queue.push_back(std::move(call));
    const bool first = s.queue.size() == 1;
    lock.unlock();
    s.wake_workers.notify_one();
    if (first) s.wake_watchdog.notify_one();
}

task<result<void>> database::run(kind what, std::function<void(tx&)> f,
                                 std::optional<steady_time> by)
{
    auto start = [this, what, &f, by](promise<outcome> wanted) {
        auto gone = std::make_shared<std::atomic<bool>>(false);
        auto cancelled = wanted.cancelled();
        if (cancelled.is_connected())
            cancelled.assign([gone](asio::cancellation_type) { *gone = true; });
        auto held = std::make_shared<promise<outcome>>(std::move(wanted));
        std::function<void(outcome)> done = [held](outcome got) { (*held)(std::move(got)); };
        submit(what, std::move(f), std::move(done), std::move(gone), by);
    };
    outcome got = co_await await_promise<outcome>(std::move(start));
    if (got.thrown) std::rethrow_exception(got.thrown);
    co_return std::move(got.ran);
}

void database::state::refuse(job& what, errc code, const phrase& reason)
{
    outcome out;
    out.ran = failure(code, reason);
    what.done(std::move(out));
}

// The lock is let go while callers are told, and taken again.
void database::state::refuse_waiting(std::unique_lock<std::mutex>& lock, const phrase& reason)
{
    std::deque<job> all;
    all.swap(queue);
    refused += all.size();
    lock.unlock();
    for (auto& one : all) refuse(one, errc::database_unavailable, reason);
    all.clear();
    lock.lock();
}

// Ends waits and calls whose time is over. A socket that is shut down makes libpq return at once.
void database::state::watch()
{
    std::unique_lock lock(mutex);
    while (!slots.empty()) {
        const auto now = time.steady();
        auto next = steady_time::max();
        std::deque<job> late;
        // Bounds may differ, so the whole queue is looked at; it is bounded, and empty in good times.
        for (auto at = queue.begin(); at != queue.end();) {
            if (at->wait_until <= now) {
                late.push_back(std::move(*at));
                at = queue.erase(at);
            } else {
                next = std::min(next, at->wait_until);
                ++at;
            }
        }
        for (auto& one : slots) {
            if (one.descriptor < 0) continue;
            if (one.until <= now) {
                ::shutdown(one.descriptor, SHUT_RDWR);
                one.until = steady_time::max();
                ++timeouts;
            } else {
                next = std::min(next, one.until);
            }
        }
        if (!late.empty()) {
            refused += late.size();
            lock.unlock();
            for (auto& one : late)
                refuse(one, errc::database_unavailable,
                       {"Cơ sở dữ liệu quá bận.", "The database was too busy."});
            late.clear();
            lock.lock();
            continue;
        }
        // Woken for the first waiting call and at stop; calls that start later end later, so a bounded nap sees them.
        const auto nap = now + std::chrono::milliseconds(50);
        if (busy == 0 && queue.empty() && next == steady_time::max()) {
            wake_watchdog.wait(lock);
        } else {
            wake_watchdog.wait_until(lock, std::min(next, nap));
        }
    }
}

}  // namespace kieng::store

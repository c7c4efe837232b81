#include "node/platform/store/event_feed.hpp"

#include "base/log.hpp"
#include "cluster/core/sync_cursor.hpp"
#include "node/platform/store/outbox_reader.hpp"

#include <boost/asio/redirect_error.hpp>

#include <list>
#include <mutex>
#include <thread>

namespace kieng::store {
namespace {

database_options own_options(database_options how)
{
    how.connections = 1;
    how.role = "feed";
    return how;
}

}  // namespace

struct event_feed::state {
    state(database_options how, std::chrono::milliseconds every, const clock& now)
        : db(own_options(std::move(how)), now),
          poll(every),
          time(now),
          nap(context)
    {}

    task<> follow();
    task<> rest();
    void take(const outbox_reading& what, std::int64_t from, steady_time asked);
    void restart(const outbox_reading& what);
    void hear(const position& what);
    void mark(std::int64_t pos);
    void wake(std::int64_t upto);
    void hurry();
    void look_by(steady_time at);
    void tell_progress();

    struct waiter {
        std::int64_t pos;
        std::shared_ptr<timer> until;
    };

    database db;
    std::atomic<std::chrono::milliseconds> poll;
    const clock& time;
    std::vector<listener> listeners;  // fixed after start

    asio::io_context context{1};
    timer nap;  // context's thread only, like the two below
    bool hurried = false;
    steady_time due{};  // of the next look, while resting
    std::thread thread;
    std::atomic<bool> stopping{false};
    bool running = false;

    std::atomic<std::int64_t> applied{0}, incarnation{0};
    std::atomic<steady_time::rep> compared{0};  // 0: never

    std::mutex mutex;
    cluster::sync_cursor cursor;  // guarded by mutex
    std::list<waiter> waiters;    // guarded by mutex

    std::mutex progress;    // serialises `advanced` and `reset`; taken before `mutex`
    std::int64_t told = 0;  // guarded by progress
};

event_feed::event_feed(database_options how, std::chrono::milliseconds poll, const clock& now)
    : state_(std::make_unique<state>(std::move(how), poll, now))
{}

event_feed::~event_feed()
{
    stop();
}

void event_feed::listen(listener to)
{
    state_->listeners.push_back(std::move(to));
}

void event_feed::start()
{
    auto& s = *state_;
    if (s.running) return;
    s.running = true;
    s.stopping = false;
    s.db.start();
    s.context.restart();
    spawn(
        s.context.get_executor(), [&s] { return s.follow(); },
        [](std::exception_ptr) { log::error("event_feed_ended", {}); });
    s.thread = std::thread([&s] { s.context.run(); });
}

void event_feed::stop()
{
    auto& s = *state_;
    if (!s.running) return;
    s.running = false;
    s.stopping = true;
    s.hurry();
    s.db.stop();
    s.thread.join();
    s.wake(kNoPosition);
}

std::int64_t event_feed::applied() const noexcept
{
    return state_->applied;
}
std::int64_t event_feed::incarnation() const noexcept
{
    return state_->incarnation;
}

std::chrono::milliseconds event_feed::age() const noexcept
{
    const auto at = state_->compared.load();
    if (at == 0) return std::chrono::milliseconds::max();
    const auto since = state_->time.steady() - steady_time(steady_time::duration(at));
    return std::chrono::duration_cast<std::chrono::milliseconds>(since);
}

void event_feed::arrived(const position& what)
{
    auto& s = *state_;
    // Another history's numbers mean nothing here.
    if (what.incarnation != 0 && what.incarnation != s.incarnation) return;
    s.hear(what);
    s.mark(what.pos);
    bool hole = false;
    {
        const std::lock_guard lock(s.mutex);
        hole = s.cursor.has_hole();
    }
    if (hole) s.look_by(s.time.steady() + kHole);
}

void event_feed::set_poll(std::chrono::milliseconds every) noexcept
{
    state_->poll = every;
    state_->look_by(state_->time.steady() + every);
}

void event_feed::look_now()
{
    state_->hurry();
}

task<std::optional<std::int64_t>> event_feed::newest()
{
    std::function<outbox_reading(tx&)> head = [](tx& on) { return read_outbox(on, kNoPosition); };
    const auto got = co_await state_->db.query<outbox_reading>(std::move(head));
    if (!got.has_value() || got->incarnation == 0) co_return std::nullopt;
    co_return got->head;
}

task<bool> event_feed::wait_for(std::int64_t pos, std::chrono::milliseconds limit)
{
    auto& s = *state_;
    if (s.applied >= pos) co_return true;
    const executor where = co_await asio::this_coro::executor;
    auto until = std::make_shared<timer>(where);
    until->expires_after(limit);
    std::list<state::waiter>::iterator place;
    {
        const std::lock_guard lock(s.mutex);
        if (s.applied >= pos || s.stopping) co_return s.applied >= pos;
        place = s.waiters.insert(s.waiters.end(), {pos, until});
    }
    s.hurry();
    boost::system::error_code ended;
    use_task_t token;
    auto quietly = asio::redirect_error(token, ended);
    co_await until->async_wait(quietly);
    const std::lock_guard lock(s.mutex);
    s.waiters.erase(place);
    co_return s.applied >= pos;
}

// Makes the next look happen at once.
void event_feed::state::hurry()
{
    asio::post(context, [this] {
        hurried = true;
        nap.cancel();
    });
}

// A rest that is already to end sooner stays as it is.
void event_feed::state::look_by(steady_time at)
{
    asio::post(context, [this, at] {
        if (at >= due) return;
        due = at;
        nap.cancel();
    });
}

task<> event_feed::state::rest()
{
    {
        const std::lock_guard lock(mutex);
        due = time.steady() + (cursor.has_hole() ? std::min(poll.load(), kHole) : poll.load());
    }
    while (!hurried && time.steady() < due) {
        nap.expires_at(due);
        boost::system::error_code ended;
        use_task_t token;
        auto quietly = asio::redirect_error(token, ended);
        co_await nap.async_wait(quietly);
    }
    hurried = false;
    due = {};
}

task<> event_feed::state::follow()
{
    while (!stopping) {
        const auto asked = time.steady();
        const std::int64_t from = incarnation == 0 ? kNoPosition : applied.load();
        std::function<outbox_reading(tx&)> call = [from](tx& on) { return read_outbox(on, from); };
        auto got = co_await db.query<outbox_reading>(std::move(call));
        const bool more = got.has_value() && got->head > from + kOutboxWindow;
        if (got.has_value() && got->incarnation != 0) take(*got, from, asked);
        if (!more && !stopping) co_await rest();
    }
}

void event_feed::state::take(const outbox_reading& what, std::int64_t from, steady_time asked)
{
    if (what.incarnation != incarnation) {
        if (incarnation != 0) log::warning("event_history_changed", {{"head", what.head}});
        restart(what);
    } else if (what.head < from) {
        log::error("event_history_shrank", {{"head", what.head}, {"applied", from}});
        restart(what);
    } else {
        auto expected = from;
        for (const auto& one : what.positions) {
            if (one.pos != ++expected) break;
            bool known = false;
            {
                const std::lock_guard lock(mutex);
                known = cursor.seen(one.pos);
            }
            if (!known) hear(one);
            mark(one.pos);
        }
        if (expected < std::min(what.head, from + kOutboxWindow)) {
            log::warning("event_history_trimmed", {{"head", what.head}, {"applied", from}});
            restart(what);
        }
    }
    if (applied >= what.head) compared = asked.time_since_epoch().count();
}

// Listeners forget first: whoever sees `applied` move must not find what is to be forgotten.
void event_feed::state::restart(const outbox_reading& what)
{
    {
        // Nobody tells of the old history's progress once its end has been told.
        const std::lock_guard quiet(progress);
        told = kNoPosition;
        for (const auto& one : listeners) {
            if (one.reset) one.reset(what.head);
        }
        const std::lock_guard lock(mutex);
        // What came early from another history has numbers that mean nothing in this one.
        const bool other = what.incarnation != incarnation || what.head < applied;
        if (other)
            cursor = cluster::sync_cursor(what.head);
        else
            cursor.reset(std::max(what.head, cursor.applied()));
        incarnation = what.incarnation;
    }
    wake(0);
    tell_progress();
}

void event_feed::state::hear(const position& what)
{
    for (const auto& one : listeners) {
        try {
            if (one.arrived) one.arrived(what);
        } catch (const std::exception& e) {
            log::error("event_listener_failed", {{"pos", what.pos}, {"why", e.what()}});
        }
    }
}

void event_feed::state::mark(std::int64_t pos)
{
    {
        const std::lock_guard lock(mutex);
        if (!cursor.arrived(pos)) return;
    }
    wake(0);
    tell_progress();
}

// Several threads may have moved `applied`: whoever comes first tells the newest, the others nothing.
void event_feed::state::tell_progress()
{
    const std::lock_guard lock(progress);
    const auto now = applied.load();
    if (now == told) return;
    told = now;
    for (const auto& one : listeners) {
        if (one.advanced) one.advanced(now);
    }
}

// Publishes how far we are and resumes who waited for it; `upto` wakes more than that.
void event_feed::state::wake(std::int64_t upto)
{
    const std::lock_guard lock(mutex);
    applied = cursor.applied();
    for (const auto& one : waiters) {
        if (one.pos > std::max(applied.load(), upto)) continue;
        // On the waiter's own thread; a time in the past ends the wait whether it has begun or not.
        asio::post(one.until->get_executor(),
                   [until = one.until] { until->expires_at(steady_time::min()); });
    }
}

}  // namespace kieng::store

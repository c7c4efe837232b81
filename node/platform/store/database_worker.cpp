#include "base/log.hpp"
#include "node/platform/store/database_state.hpp"

namespace kieng::store {
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{100};
constexpr std::chrono::milliseconds kLongestBackoff{1000};
constexpr std::chrono::milliseconds kLongestWhenFull{5000};  // some are there already
constexpr std::chrono::milliseconds kGreetLimit{2000};
constexpr std::chrono::milliseconds kPingEvery{1000};
constexpr std::chrono::milliseconds kIdleLook{500};

// READ COMMITTED is the default of units; reads take a snapshot and its position in one message.
constexpr const char* kBeginSnapshot =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pos FROM cluster_head";

}  // namespace

void database::state::arm(std::size_t index, int descriptor, steady_time until)
{
    const std::lock_guard lock(mutex);
    if (index < slots.size()) slots[index] = {descriptor, until};
    wake_watchdog.notify_one();
}

void database::state::disarm(std::size_t index)
{
    const std::lock_guard lock(mutex);
    if (index < slots.size()) slots[index] = {};
}

void database::state::work(std::size_t index)
{
    while (auto on = connect(index)) {
        serve(*on, index);
        on.reset();
        const std::lock_guard lock(mutex);
        if (stopping) return;
    }
}

// After a failed attempt one worker tries and the others wait for its word, so that a server that comes back is not met by a
// crowd, and one that is full not asked for more all the time. Returns false at stop.
bool database::state::may_try(std::unique_lock<std::mutex>& lock, std::size_t index)
{
    wake_connecting.wait(lock, [&] {
        const bool just_lost =
            alive == 0 && !down;  // who asked a full server for more may be resting long
        return stopping || just_lost || !prober || *prober == index;
    });
    return !stopping;
}

std::unique_ptr<session> database::state::try_connect(std::size_t index)
{
    try {
        auto on = std::make_unique<session>(options);
        arm(index, on->descriptor(), time.steady() + kGreetLimit);
        {
            const std::lock_guard lock(mutex);
            on->generation = generation;
        }
        try {
            on->greet(options.history_began);
        } catch (...) {
            disarm(index);
            throw;
        }
        disarm(index);
        return on;
    } catch (const std::exception& e) {
        const std::lock_guard lock(mutex);
        why = e.what();
        return nullptr;
    }
}

// Returns nothing at stop only.
std::unique_ptr<session> database::state::connect(std::size_t index)
{
    auto backoff = kFirstBackoff;
    std::unique_lock lock(mutex);
    while (may_try(lock, index)) {
        lock.unlock();
        auto on = try_connect(index);
        lock.lock();
        if (stopping) return nullptr;
        if (on) {
            if (down) log::info("database_reached");
            down = false;
            prober.reset();
            ++alive;
            if (++opened > options.connections) ++reconnects;
            last_good = time.wall();
            wake_connecting.notify_all();
            return on;
        }
        if (!prober || (alive == 0 && !down)) prober = index;
        if (alive == 0) {
            if (!down) log::warning("database_unreachable", {{"why", why}});
            down = true;
            refuse_waiting(lock, {"Không liên lạc được với cơ sở dữ liệu.",
                                  "The database cannot be reached."});
        }
        const auto jitter = std::chrono::milliseconds(
            system_random().below(static_cast<std::uint64_t>(backoff.count())));
        wake_connecting.wait_for(lock, backoff / 2 + jitter / 2 + std::chrono::milliseconds(1),
                                 [&] { return stopping; });
        backoff = std::min(backoff * 2, alive == 0 ? kLongestBackoff : kLongestWhenFull);
    }
    return nullptr;
}

bool database::state::fit(const session& on) const
{
    return on.generation == generation && !on.stale();
}

void database::state::serve(session& on, std::size_t index)
{
    std::unique_lock lock(mutex);
    bool good = true;
    while (good && !stopping) {
        const bool called =
            wake_workers.wait_for(lock, kIdleLook, [&] { return stopping || !queue.empty(); });
        if (stopping) break;
        if (!fit(on)) break;  // a waiting call stays queued for a connection that is
        if (!called || queue.empty()) {
            if (!ping_is_due()) continue;
            slots[index] = {on.descriptor(), time.steady() + options.total};
            wake_watchdog.notify_one();
            lock.unlock();
            good = ping(on);
            lock.lock();
            slots[index] = {};
            continue;
        }
        job next = std::move(queue.front());
        queue.pop_front();
        const bool gone = next.gone && *next.gone;
        if (gone || next.until <= time.steady()) {
            ++refused;
            lock.unlock();
            refuse(next, gone ? errc::overloaded : errc::database_unavailable,
                   gone ? phrase{"Bên gọi đã ngắt kết nối.", "The caller is gone."}
                        : phrase{"Cơ sở dữ liệu quá bận.", "The database was too busy."});
            next = {};
            lock.lock();
            continue;
        }
        slots[index] = {on.descriptor(), next.until};
        ++busy;
        lock.unlock();
        good = perform(on, next);
        next = {};
        lock.lock();
        slots[index] = {};
        --busy;
        if (good) last_good = time.wall();
    }
    --alive;
    slots[index] = {};
}

// Returns whether the connection may be used again.
bool database::state::perform(session& on, job& what)
{
    outcome out;
    bool answered = false;
    bool healthy = true;
    try {
        pqxx::nontransaction work(on.connection());
        tx call(on.connection(), work, on.prepared(), on.incarnation());
        try {
            if (what.what == kind::snapshot)
                call.set_snapshot_position(
                    call.exec_raw(kBeginSnapshot).at(0).at(0).as<std::int64_t>());
            what.f(call);
            if (what.what == kind::snapshot) {
                // Nothing depends on this COMMIT, so nobody waits for it.
                what.done(std::move(out));
                answered = true;
                call.exec_raw("COMMIT");
            }
        } catch (...) {
            const auto error = classify(std::current_exception());
            if (error && error->fault == db_fault::defect)
                log::error("database_statement_failed",
                           {{"sqlstate", error->sqlstate}, {"statement", call.last()}});
            throw;
        }
    } catch (...) {
        const auto error = classify(std::current_exception());
        if (error)
            out.ran = to_failure(*error);
        else
            out.thrown = std::current_exception();
        healthy = !error || !ends_connection(error->fault);
        if (error && error->fault == db_fault::history) {
            const std::lock_guard lock(mutex);
            if (on.generation == generation) ++generation;
        }
    }
    const bool failed = out.thrown || out.ran.has_error();
    // An open transaction is ended before the caller goes on, so that its locks are gone when it tries again.
    if (failed && healthy && what.what != kind::query) {
        try {
            pqxx::nontransaction work(on.connection());
            work.exec("ROLLBACK");
        } catch (...) {
            healthy = false;
        }
    }
    if (!answered) what.done(std::move(out));
    return healthy && on.connection().is_open();
}

bool database::state::ping_is_due()
{
    const auto now = time.steady();
    if (ping_since != steady_time::max() || now - last_ping < kPingEvery) return false;
    ping_since = now;
    return true;
}

bool database::state::ping(session& on)
{
    bool good = true;
    const auto since = time.steady();
    try {
        pqxx::nontransaction work(on.connection());
        work.exec("SELECT 1");
    } catch (const std::exception&) {
        good = false;
    }
    const auto now = time.steady();
    const std::lock_guard lock(mutex);
    ping_since = steady_time::max();
    last_ping = now;
    if (good) {
        response_time = std::chrono::duration_cast<std::chrono::microseconds>(now - since);
        last_good = time.wall();
    } else {
        why = "the connection was lost";
    }
    return good;
}

}  // namespace kieng::store

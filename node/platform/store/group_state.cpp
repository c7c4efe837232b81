#include "node/platform/store/group_state.hpp"

#include <algorithm>

namespace kieng::store {
namespace {

unit_end nothing_done(failure why)
{
    why.effect = committed::no;
    unit_end out;
    out.what = std::move(why);
    return out;
}

}  // namespace

void group_queue::state::deliver(ending to)
{
    bool first = true;
    for (auto& one : to.who) {
        unit_end copy = to.what;
        if (!first && copy.what && copy.what->what.status < 500) copy.what->replayed = true;
        one.wake(std::move(copy));
        first = false;
    }
}

// Whether somebody with the same key and request waits or works already; then `one` waits with it.
bool group_queue::state::join_twin(const unit_ptr& one)
{
    if (one->name.empty()) return false;
    const auto [at, fresh] = keyed.try_emplace(one->name, one);
    if (fresh) return false;
    if (at->second->who.fingerprint != one->who.fingerprint) {
        one->name.clear();  // another request with the same key: the ledger judges it
        return false;
    }
    at->second->waiters.push_back(std::move(one->waiters.front()));
    ++figures.joined;
    return true;
}

// Nothing: it waits now.
std::optional<failure> group_queue::state::enter(const unit_ptr& one)
{
    if (stopping) return failure(errc::draining);
    if (join_twin(one)) return std::nullopt;
    if (waiting.size() >= how.queue) {
        if (!one->name.empty()) keyed.erase(one->name);
        return failure(errc::overloaded,
                       {"Quá nhiều lệnh đang chờ ghi.", "Too many writes wait for the database."});
    }
    waiting.push_back(one);
    return std::nullopt;
}

void group_queue::state::add(const unit_ptr& one)
{
    std::optional<failure> refused;
    {
        const std::lock_guard lock(mutex);
        refused = enter(one);
        if (refused) ++figures.refused;
    }
    if (!refused) return pump();
    deliver({std::move(one->waiters), nothing_done(*std::move(refused))});
}

std::vector<group_queue::state::waiter> group_queue::state::take(unit& one)
{
    if (!one.name.empty()) keyed.erase(one.name);
    return std::exchange(one.waiters, {});
}

// Those nobody waits for any more, and those that waited too long.
void group_queue::state::clear_stale(plan& out, steady_time now)
{
    std::erase_if(waiting, [&](const unit_ptr& one) {
        const bool gone = std::all_of(one->waiters.begin(), one->waiters.end(),
                                      [](const waiter& w) { return w.gone->load(); });
        if (!gone && now < one->start_by) return false;
        ++(gone ? figures.dropped : figures.refused);
        failure why(errc::overloaded,
                    gone ? sentence{"Bên gọi đã ngắt kết nối.", "The caller is gone."}
                         : sentence{"Cơ sở dữ liệu quá bận.", "The database was too busy."});
        out.endings.push_back({take(*one), nothing_done(std::move(why))});
        return true;
    });
}

void group_queue::state::choose(plan& out)
{
    const auto next = [this](std::vector<unit_ptr>& to) {
        to.push_back(std::move(waiting.front()));
        waiting.pop_front();
        ++figures.in_flight;
    };
    if (waiting.size() >= how.together) {
        batch = true;
        while (!waiting.empty() && out.batch.size() < how.largest) next(out.batch);
        return;
    }
    while (!waiting.empty() && singles < how.alone) {
        ++singles;
        ++figures.singles;
        next(out.singles);
    }
}

void group_queue::state::pump()
{
    plan now;
    {
        const std::lock_guard lock(mutex);
        if (batch || waiting.empty()) return;  // what comes while a batch is on its way gathers
        clear_stale(now, on.time().steady());
        choose(now);
    }
    perform(std::move(now));
}

void group_queue::state::finish(const unit_ptr& one, unit_end end)
{
    ending last;
    last.what = std::move(end);
    {
        const std::lock_guard lock(mutex);
        last.who = take(*one);
        --figures.in_flight;
    }
    deliver(std::move(last));
}

void group_queue::state::note_single()
{
    const std::lock_guard lock(mutex);
    --singles;
}

void group_queue::state::note_batch(const batch_report& report, std::size_t units)
{
    const auto& bounds = group_figures::kBatchSizes;
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), static_cast<double>(units));
    const std::lock_guard lock(mutex);
    batch = false;
    ++figures.batches;
    figures.batch_units += units;
    ++figures.sizes[static_cast<std::size_t>(bucket - bounds.begin())];
    figures.left += report.alone;
    figures.in_doubt += report.doubtful;
    if (report.fell_apart) ++figures.fell_apart;
}

void group_queue::state::stop()
{
    plan last;
    {
        const std::lock_guard lock(mutex);
        stopping = true;
        for (auto& one : waiting) {
            ++figures.refused;
            last.endings.push_back({take(*one), nothing_done(failure(errc::draining))});
        }
        waiting.clear();
    }
    perform(std::move(last));
}

}  // namespace kieng::store

// Many units, one transaction (unit_of_work.hpp has the states; docs/ARCHITECTURE.md, "Many writes, one commit", the races).
#include "base/log.hpp"
#include "node/platform/store/unit_attempt.hpp"

#include <set>

namespace kieng::store {
namespace {

// Longest time of the shared transaction: its units can still run alone afterwards.
constexpr std::chrono::milliseconds kTogether{1500};

// What is known of a unit while its batch is under way.
enum class place : std::uint8_t {
    waiting = 1,
    claimed,    // takes part; if the batch comes to nothing it runs alone
    succeeded,  // to be committed; if that is in doubt, it settles it
    told,       // `end` holds after the commit, or at once where nothing is committed
    outside,    // leaves the batch and runs alone
    final,      // `end` holds whatever becomes of the batch: the ledger said so
};

struct member {
    std::shared_ptr<unit> of;
    steady_time by;
    place at = place::waiting;
    result<written> end = failure(errc::internal_error);
    unit_done done;
};

struct batch : progress {
    std::vector<member> members;
    std::shared_ptr<const unit_of_work::batch_business> what;
    unit_of_work::commit_listener on_commit;
};

// The second of two equal keys would get the first one's lock.
void set_twins_aside(batch& all)
{
    std::set<std::pair<std::string_view, std::string_view>> keys;
    for (auto& one : all.members) {
        const auto& who = one.of->who;
        if (!keys.emplace(who.principal, who.key).second) one.at = place::outside;
    }
}

std::vector<std::size_t> in_place(const batch& all, place what)
{
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < all.members.size(); ++i) {
        if (all.members[i].at == what) out.push_back(i);
    }
    return out;
}

void claim_all(tx& on, batch& all)
{
    const auto asking = in_place(all, place::waiting);
    std::vector<const ledger::entry*> entries;
    for (const auto i : asking) entries.push_back(&all.members[i].of->who);
    auto claims = ledger::begin_together(on, entries);
    for (std::size_t i = 0; i < asking.size(); ++i) {
        auto& one = all.members[asking[i]];
        if (claims[i].found) {
            one.end = stored_answer(*std::move(claims[i].found));
            one.at = place::final;
        } else {
            one.at = claims[i].held ? place::claimed : place::outside;
        }
    }
}

// Does the business and parts those that succeeded from those that were refused.
void do_business(tx& on, batch& all, const std::vector<std::size_t>& which)
{
    auto done = (*all.what)(on, which);
    if (done.size() != which.size()) throw std::logic_error("a batch lost units");
    if (!on.events().empty())
        throw std::logic_error("a batch announced an event of no unit in particular");
    for (std::size_t i = 0; i < which.size(); ++i) {
        auto& one = all.members[which[i]];
        one.done = std::move(done[i]);
        const auto& what = one.done.what;
        if (what && what->status < 500) {
            one.at = place::succeeded;
        } else if (what) {
            one.end = written{*what, std::nullopt, false};
            one.at = place::told;
        } else {
            one.end = what.error();
            one.at = place::told;
        }
    }
}

void commit_all(tx& on, batch& all, const std::vector<std::size_t>& which)
{
    std::vector<ledger::done> units;
    for (const auto i : which) {
        const auto& one = all.members[i];
        units.push_back({&one.of->who, &*one.done.what, &one.done.events});
    }
    all.at = stage::committing;
    const auto places = ledger::commit(on, units);
    for (std::size_t i = 0; i < which.size(); ++i) {
        auto& one = all.members[which[i]];
        if (places[i])
            tell(all.on_commit, position{*places[i], std::move(one.done.events), on.incarnation(),
                                         one.of->who.trace});
        one.end = written{*std::move(one.done.what), places[i], false};
        one.at = place::told;
    }
}

void work_together(tx& on, batch& all)
{
    all.at = stage::claiming;
    claim_all(on, all);
    all.at = stage::working;
    const auto claimed = in_place(all, place::claimed);
    if (!claimed.empty()) do_business(on, all, claimed);
    const auto succeeded = in_place(all, place::succeeded);
    if (succeeded.empty())
        ledger::roll_back(on);
    else
        commit_all(on, all, succeeded);
    all.at = stage::settled;
}

using listener = std::shared_ptr<const unit_of_work::batch_listener>;

task<> end_alone(database& on, std::shared_ptr<unit> of, std::optional<answer> unconfirmed,
                 steady_time by, listener hear, std::size_t index)
{
    unit_end end;
    try {
        if (unconfirmed)
            end.what = co_await resolve(on, of, *unconfirmed, by);
        else
            end.what = co_await run_alone(on, of, by);
    } catch (...) {
        end.thrown = std::current_exception();
    }
    (*hear)(index, std::move(end));
}

// Nobody waits for it; it tells its end itself.
void leave(database& on, const executor& where, const member& one, bool doubtful, listener hear,
           std::size_t index)
{
    std::optional<answer> unconfirmed;
    if (doubtful) unconfirmed = *one.done.what;
    auto go = [&on, of = one.of, unconfirmed, by = one.by, hear, index] {
        return end_alone(on, of, unconfirmed, by, hear, index);
    };
    spawn(where, std::move(go), [](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            log::error("batch_listener_failed", {{"why", e.what()}});
        }
    });
}

// Where each unit goes now that the shared transaction is over.
batch_report part(database& on, const executor& where, batch& all,
                  const std::optional<failure>& refused, const listener& hear)
{
    batch_report out;
    const bool over = all.at == stage::settled;
    const bool doubt = in_doubt(all);
    out.fell_apart = !over && !refused;
    for (std::size_t i = 0; i < all.members.size(); ++i) {
        auto& one = all.members[i];
        const bool settles = doubt && one.at == place::succeeded;
        if (refused) {
            one.end = *refused;
        } else if (one.at == place::final) {
            ++out.replayed;
        } else if (over && one.at == place::told) {
            ++(one.end.has_value() && one.end->what.status < 500 ? out.committed : out.refused);
        } else {
            ++(settles ? out.doubtful : out.alone);
            leave(on, where, one, settles, hear, i);
            continue;
        }
        unit_end end;
        end.what = std::move(one.end);
        (*hear)(i, std::move(end));
    }
    return out;
}

std::shared_ptr<batch> batch_of(std::vector<batch_unit>&& units,
                                unit_of_work::batch_business&& what,
                                const unit_of_work::commit_listener& on_commit,
                                const database_options& how)
{
    auto all = std::make_shared<batch>();
    all->what = std::make_shared<const unit_of_work::batch_business>(std::move(what));
    all->on_commit = on_commit;
    for (auto& one : units) {
        member next;
        next.by = one.by;
        next.of = std::make_shared<unit>();
        next.of->who = entry_of(std::move(one.who), how);
        next.of->on_commit = on_commit;
        next.of->what = [business = all->what, index = all->members.size()](tx& on) {
            auto done = (*business)(on, std::span(&index, 1)).at(0);
            for (auto& event : done.events) on.announce(std::move(event));
            return std::move(done.what);
        };
        all->members.push_back(std::move(next));
    }
    set_twins_aside(*all);
    return all;
}

}  // namespace

task<batch_report> unit_of_work::run_together(std::vector<batch_unit> units, batch_business what,
                                              batch_listener on_end)
{
    if (units.empty()) co_return batch_report{};
    const executor where = co_await asio::this_coro::executor;
    auto hear = std::make_shared<const batch_listener>(std::move(on_end));
    auto all = batch_of(std::move(units), std::move(what), on_commit_, on_.options());
    const auto by = on_.time().steady() + kTogether;
    std::optional<failure> refused;
    try {
        std::function<void(tx&)> call = [all](tx& with) { work_together(with, *all); };
        call = noting_faults(std::move(call), all);
        const auto ran = co_await on_.run(database::kind::unit, std::move(call), by);
        if (ran.has_error() && all->at == stage::waiting) refused = nothing_happened(ran.error());
    } catch (const std::exception& e) {
        // A bug of the business: each unit meets it alone, and its caller hears of it.
        log::error("batch_threw", {{"why", e.what()}});
    } catch (...) {
        log::error("batch_threw");
    }
    const auto report = part(on_, where, *all, refused, hear);
    if (report.fell_apart)
        log::warning("batch_fell_apart",
                     {{"units", all->members.size()}, {"in_doubt", report.doubtful}});
    co_return report;
}

}  // namespace kieng::store

#include "node/platform/store/unit_attempt.hpp"

#include "base/log.hpp"
#include "base/random.hpp"

namespace kieng::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDoubtLimit{1000};
constexpr milliseconds kDoubtPause{25};
constexpr int kAttempts = 3;
constexpr std::string_view kUniqueViolation = "23505";

struct attempt : progress {
    std::optional<result<written>> out;
    answer unconfirmed;  // of f, while committing
};

void settle(attempt& of, result<written> out)
{
    of.out.emplace(std::move(out));
    of.at = stage::settled;
}

// The key is taken: by the same request (replay), by another one, or by somebody's wish that it never happen.
void replay(tx& on, const unit& of, ledger::stored found, attempt& at)
{
    ledger::roll_back(on);
    auto out = stored_answer(std::move(found));
    if (out && of.who.own) {
        if (of.doubtful) out->what = *of.doubtful;
        out->replayed = false;
    }
    settle(at, std::move(out));
}

void work(tx& on, const unit& of, attempt& at)
{
    at.at = stage::claiming;
    auto found = ledger::begin(on, of.who, of.look, of.patience);
    if (found) return replay(on, of, *std::move(found), at);
    at.at = stage::working;
    result<answer> done = of.what(on);
    if (!done || done->status >= 500) {
        ledger::roll_back(on);
        if (!done) return settle(at, done.error());
        return settle(at, written{*std::move(done), std::nullopt, false});
    }
    at.unconfirmed = *done;
    at.at = stage::committing;
    const ledger::done unit{&of.who, &*done, &on.events()};
    const auto pos = ledger::commit(on, {&unit, 1})[0];
    if (pos) tell(of.on_commit, position{*pos, on.events(), on.incarnation(), of.who.trace});
    settle(at, written{*std::move(done), pos, false});
}

bool worth_another(const attempt& at)
{
    if (!at.fault || at.at == stage::waiting) return false;
    switch (*at.fault) {
    case db_fault::lost:
    case db_fault::conflict:
    case db_fault::stale:
    case db_fault::history: return true;
    case db_fault::timeout:
    case db_fault::locked:
    case db_fault::overloaded:
    case db_fault::defect: return false;
    }
    return false;
}

failure busy()
{
    failure out(errc::in_progress);
    out.retry_after = kTwinPatience;
    return out;
}

// Runs one attempt on the pool. What f throws besides database errors goes on to the caller.
task<result<void>> try_once(database& on, std::shared_ptr<const unit> of,
                            std::shared_ptr<attempt> at, steady_time by)
{
    std::function<void(tx&)> call = [of, at](tx& with) { work(with, *of, *at); };
    call = noting_faults(std::move(call), at);
    co_return co_await on.run(database::kind::unit, std::move(call), by);
}

}  // namespace

ledger::entry entry_of(write_key&& who, const database_options& how)
{
    ledger::entry out;
    out.own = !who.key;
    out.principal = out.own ? "unit:" + how.server_id : std::move(who.principal);
    out.key = out.own ? system_random().text(16) : *std::move(who.key);
    out.fingerprint = who.fingerprint;
    out.trace = std::move(who.trace);
    out.node = how.server_id;
    return out;
}

result<written> stored_answer(ledger::stored found)
{
    if (found.abandoned) return failure(errc::abandoned);
    if (!found.same) return failure(errc::idempotency_key_reused);
    written out;
    out.pos = found.pos;
    out.what = std::move(found.what);
    out.replayed = true;
    return out;
}

void tell(const unit_of_work::commit_listener& listener, position what)
{
    if (!listener) return;
    try {
        listener(what);
    } catch (const std::exception& e) {
        log::error("commit_listener_failed", {{"why", e.what()}});
    }
}

bool in_doubt(const progress& how)
{
    return how.at == stage::committing && (!how.fault || *how.fault == db_fault::lost);
}

failure nothing_happened(failure why)
{
    why.effect = committed::no;
    return why;
}

std::function<void(tx&)> noting_faults(std::function<void(tx&)> call, std::shared_ptr<progress> how)
{
    return [call = std::move(call), how = std::move(how)](tx& with) {
        try {
            call(with);
        } catch (...) {
            const auto error = classify(std::current_exception());
            if (error) how->fault = error->fault;
            // Somebody stored an answer under our key first: what is there now is the next attempt's to find.
            if (error && how->at == stage::committing && error->sqlstate == kUniqueViolation)
                how->fault = db_fault::conflict;
            throw;
        }
    };
}

task<result<written>> resolve(database& on, std::shared_ptr<unit> of, answer unconfirmed,
                              steady_time by)
{
    log::warning("commit_in_doubt", {{"own_key", of->who.own}});
    const clock& time = on.time();
    const auto deadline = std::min(time.steady() + kDoubtLimit, by);
    of->look = true;
    of->doubtful = std::move(unconfirmed);
    while (time.steady() < deadline) {
        auto at = std::make_shared<attempt>();
        auto asking = std::make_shared<unit>(*of);
        asking->patience = std::chrono::duration_cast<milliseconds>(deadline - time.steady());
        std::shared_ptr<const unit> shared = asking;
        auto ran = co_await try_once(on, std::move(shared), at, by);
        if (at->out) co_return *std::move(at->out);
        // The key was ours, so the first attempt did not happen, and this one failed for certain.
        if (at->at == stage::working && !worth_another(*at) && ran.has_error())
            co_return nothing_happened(ran.error());
        if (in_doubt(*at)) of->doubtful = at->unconfirmed;
        co_await sleep_for(kDoubtPause);
    }
    co_return failure(errc::outcome_unknown);
}

task<result<written>> run_alone(database& on, std::shared_ptr<unit> of, steady_time by)
{
    of->look = !of->who.own;
    for (int tries = 1;; ++tries) {
        auto at = std::make_shared<attempt>();
        std::shared_ptr<const unit> shared = of;
        auto ran = co_await try_once(on, std::move(shared), at, by);
        if (at->out) co_return *std::move(at->out);
        if (in_doubt(*at)) co_return co_await resolve(on, of, at->unconfirmed, by);
        if (at->at == stage::claiming && at->fault == db_fault::locked) co_return busy();
        const bool again = tries < kAttempts && worth_another(*at) && on.time().steady() < by;
        if (!again) {
            if (ran.has_error()) co_return nothing_happened(ran.error());
            co_return nothing_happened(failure(errc::overloaded));
        }
        co_await sleep_for(milliseconds(system_random().below(10)));
    }
}

}  // namespace kieng::store

#include "node/platform/store/unit_of_work.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "node/platform/store/error_map.hpp"
#include "node/platform/store/ledger.hpp"

namespace kieng::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTwinPatience{500};
constexpr milliseconds kDoubtLimit{1000};
constexpr milliseconds kDoubtPause{25};
constexpr milliseconds kOverall{2900};  // an answer within 3 s, whatever happens
constexpr int kAttempts = 3;

// How far an attempt came, seen from the coroutine after the pool thread is done with it.
enum class stage : std::uint8_t {
    waiting = 1,  // f has not started; nothing was sent
    claiming,
    working,
    committing,  // COMMIT may have left
    settled,     // `out` holds the answer
};

struct attempt {
    stage at = stage::waiting;
    std::optional<db_fault> fault;
    std::optional<result<written>> out;
    answer unconfirmed;  // of f, while committing
};

// What an attempt works on; shared with the pool thread.
struct unit {
    ledger::entry who;
    unit_of_work::business what;
    unit_of_work::commit_listener on_commit;
    bool claim = true;
    milliseconds patience = kTwinPatience;
    std::optional<answer> doubtful;  // own keys keep no answer in the ledger: this is it
};

void settle(attempt& of, result<written> out)
{
    of.out.emplace(std::move(out));
    of.at = stage::settled;
}

// The key is taken: by the same request (replay), by another one, or by somebody's wish that it never happen.
void replay(tx& on, const unit& of, attempt& at)
{
    auto found = ledger::look(on, of.who);
    ledger::roll_back(on);
    if (!found) {
        at.fault = db_fault::conflict;  // gone between the two statements: once more
        return;
    }
    if (found->abandoned) return settle(at, failure(errc::abandoned));
    if (!found->same) return settle(at, failure(errc::idempotency_key_reused));
    written out;
    out.pos = found->pos;
    out.what = of.who.own && of.doubtful ? *of.doubtful : std::move(found->what);
    out.replayed = !of.who.own;
    settle(at, std::move(out));
}

void tell(const unit& of, std::int64_t pos, const tx& on)
{
    if (!of.on_commit) return;
    try {
        const position what{pos, on.events(), on.incarnation()};
        of.on_commit(what);
    } catch (const std::exception& e) {
        log::error("commit_listener_failed", {{"why", e.what()}});
    }
}

void work(tx& on, const unit& of, attempt& at)
{
    at.at = stage::claiming;
    if (!ledger::begin(on, of.who, of.claim, of.patience)) return replay(on, of, at);
    at.at = stage::working;
    result<answer> done = of.what(on);
    if (!done || done->status >= 500) {
        ledger::roll_back(on);
        if (!done) return settle(at, done.error());
        return settle(at, written{*std::move(done), std::nullopt, false});
    }
    at.unconfirmed = *done;
    at.at = stage::committing;
    const auto pos = ledger::commit(on, of.who, *done);
    if (pos) tell(of, *pos, on);
    settle(at, written{*std::move(done), pos, false});
}

bool in_doubt(const attempt& at)
{
    return at.at == stage::committing && (!at.fault || *at.fault == db_fault::lost);
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

failure nothing_happened(failure why)
{
    why.effect = committed::no;
    return why;
}

// Runs one attempt on the pool. What f throws besides database errors goes on to the caller.
task<result<void>> try_once(database& on, std::shared_ptr<const unit> of,
                            std::shared_ptr<attempt> at, steady_time by)
{
    std::function<void(tx&)> call = [of, at](tx& with) {
        try {
            work(with, *of, *at);
        } catch (...) {
            if (const auto error = classify(std::current_exception())) at->fault = error->fault;
            throw;
        }
    };
    co_return co_await on.run(database::kind::unit, std::move(call), by);
}

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

// COMMIT may have happened. Claiming the key settles it: the claim waits until the old backend is gone.
task<result<written>> resolve(database& on, std::shared_ptr<unit> of, answer unconfirmed,
                              steady_time overall)
{
    log::warning("commit_in_doubt", {{"own_key", of->who.own}});
    const clock& time = on.time();
    const auto deadline = std::min(time.steady() + kDoubtLimit, overall);
    of->claim = true;
    of->doubtful = std::move(unconfirmed);
    while (time.steady() < deadline) {
        auto at = std::make_shared<attempt>();
        auto asking = std::make_shared<unit>(*of);
        asking->patience = std::chrono::duration_cast<milliseconds>(deadline - time.steady());
        std::shared_ptr<const unit> shared = asking;
        auto ran = co_await try_once(on, std::move(shared), at, overall);
        if (at->out) co_return *std::move(at->out);
        // The key was ours, so the first attempt did not happen, and this one failed for certain.
        if (at->at == stage::working && !worth_another(*at) && ran.has_error())
            co_return nothing_happened(ran.error());
        if (in_doubt(*at)) of->doubtful = at->unconfirmed;
        co_await sleep_for(kDoubtPause);
    }
    co_return failure(errc::outcome_unknown);
}

}  // namespace

task<result<std::int64_t>> unit_of_work::forget_expired()
{
    std::function<std::int64_t(tx&)> forget = [](tx& with) { return ledger::forget_expired(with); };
    co_return co_await on_.query<std::int64_t>(std::move(forget));
}

unit_of_work::unit_of_work(database& on, commit_listener on_commit)
    : on_(on),
      on_commit_(std::move(on_commit))
{}

task<result<written>> unit_of_work::run(write_key who, business what)
{
    auto of = std::make_shared<unit>();
    of->who = entry_of(std::move(who), on_.options());
    of->what = std::move(what);
    of->on_commit = on_commit_;
    of->claim = !of->who.own;
    const auto overall = on_.time().steady() + kOverall;

    for (int tries = 1;; ++tries) {
        auto at = std::make_shared<attempt>();
        std::shared_ptr<const unit> shared = of;
        auto ran = co_await try_once(on_, std::move(shared), at, overall);
        if (at->out) co_return *std::move(at->out);
        if (in_doubt(*at)) co_return co_await resolve(on_, of, at->unconfirmed, overall);
        if (at->at == stage::claiming && at->fault == db_fault::locked) co_return busy();
        const bool again = tries < kAttempts && worth_another(*at) && on_.time().steady() < overall;
        if (!again) {
            if (ran.has_error()) co_return nothing_happened(ran.error());
            co_return nothing_happened(failure(errc::overloaded));
        }
        co_await sleep_for(milliseconds(system_random().below(10)));
    }
}

}  // namespace kieng::store

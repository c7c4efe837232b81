#include "cluster/core/client_call.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace kieng::cluster::client {
namespace {

constexpr milliseconds kTooLittle{1};  // time left in which no attempt can come to anything

milliseconds between(steady_time from, steady_time until)
{
    return std::chrono::duration_cast<milliseconds>(until - from);
}

}  // namespace

call::call(client_state& shared, call_spec how, steady_time now)
    : shared_(shared),
      how_(how),
      deadline_(now + how.deadline.value_or(shared.numbers.deadline)),
      tries_(shared.known.size(), 0)
{}

std::vector<call_action> call::start(steady_time now)
{
    send(shared_.known.order(how_.read, now).front(), false, now);
    if (how_.read && how_.hedge) {
        shared_.hedges.read_begun();
        hedge_at_ = now + shared_.known.hedge_after(in_flight_.front().node);
    }
    return std::exchange(out_, {});
}

void call::send(std::size_t node, bool hedge, steady_time now)
{
    ++attempts_;
    ++tries_[node];
    const milliseconds left = between(now, deadline_);
    const milliseconds usual = shared_.known.attempt_timeout(node, how_.read);
    milliseconds first_byte = how_.attempt_timeout.value_or(usual);
    // What cannot be repeated is not cut short: nothing would be gained by it.
    if (!how_.read && !how_.keyed) first_byte = how_.attempt_timeout.value_or(left);
    in_flight_.push_back({.attempt = attempts_,
                          .node = node,
                          .sent = now,
                          .well = shared_.known.well(node, now),
                          .hedge = hedge,
                          .token = shared_.token.newest()});
    out_.push_back(send_attempt{.attempt = attempts_,
                                .node = node,
                                .connect = std::min(how_.attempt_timeout.value_or(usual), left),
                                .first_byte = std::min(first_byte, left),
                                .token = shared_.token.newest(),
                                .hedge = hedge});
}

std::vector<call_action> call::ended(int attempt, const report& what, steady_time now)
{
    const auto at = std::find_if(in_flight_.begin(), in_flight_.end(),
                                 [&](const flight& one) { return one.attempt == attempt; });
    if (done_ || at == in_flight_.end()) return {};
    const flight of = *at;
    in_flight_.erase(at);
    const judgement is = judge(what);
    shared_.known.record(of.node, how_.read, what, is, now);
    reached_ = reached_ || what.how == ending::answer;
    if (is.what != verdict::drop_token) shared_.token.seen(what.token);
    if (is.what == verdict::accept)
        serve(of, what, now);
    else
        failed(of, what, is, now);
    return std::exchange(out_, {});
}

void call::serve(const flight& of, const report& what, steady_time now)
{
    drop_all(now, true);
    shared_.budget.succeeded();
    shared_.known.call_served(what.stale, now);
    const bool aside = of.hedge || of.node != shared_.known.order(false, now).front();
    shared_.known.served_by(of.node, aside, now);
    done_ = true;
    out_.push_back(finish_call{.end = call_end::served,
                               .attempt = of.attempt,
                               .node = of.node,
                               .effect = how_.read ? committed::no : committed::yes,
                               .said = what,
                               .attempts = attempts_});
}

void call::failed(const flight& of, const report& what, const judgement& is, steady_time now)
{
    if (!of.hedge) hedge_at_.reset();
    remember(of.attempt, of.node, what, is);
    if (is.what == verdict::stop) {
        drop_all(now, false);
        give_up(call_end::refused, now);
        return;
    }
    if (!in_flight_.empty()) return;  // its twin may still make it
    // An attempt that had all the time that was left ended by the deadline, whichever timer came first.
    if (now + kTooLittle >= deadline_) {
        give_up(call_end::deadline, now);
        return;
    }
    plan_retry(of, what, is, now);
}

void call::remember(int attempt, std::size_t node, const report& what, const judgement& is)
{
    if (!how_.read) effect_ = merge(effect_, what, is.effect);
    if (is.weight < weight_) return;
    weight_ = is.weight;
    heaviest_.attempt = what.how == ending::answer ? attempt : 0;
    heaviest_.node = node;
    heaviest_.said = what;
}

void call::plan_retry(const flight& of, const report& what, const judgement& is, steady_time now)
{
    const bool repeatable = how_.read || how_.keyed || is.effect == committed::no;
    if (!repeatable) return give_up(call_end::not_repeatable, now);
    if (is.what == verdict::drop_token) {
        if (dropped_token_) return give_up(call_end::refused, now);
        dropped_token_ = true;
        if (shared_.token.drop(of.token)) shared_.known.history_changed();
        shared_.token.seen(what.token);
    }
    if (retries_ >= shared_.numbers.retries) return give_up(call_end::retries_used, now);
    const std::size_t node = next_node(of, is, now);
    const bool elsewhere = is.what == verdict::other_node && !tried(node);
    if (!elsewhere && what.asked > shared_.numbers.longest_asked) {
        return give_up(call_end::asked_too_long, now);
    }
    // Leaving a node that was well when it was asked is free, however many calls were under way: only what comes
    // after that could become a storm.
    const bool free = of.well && is.what == verdict::other_node && !is.overload;
    if (!free && !shared_.budget.take()) return give_up(call_end::budget_spent, now);
    report obeyed = what;
    if (elsewhere) obeyed.asked = milliseconds(0);
    const milliseconds wait = wait_for(obeyed, is, elsewhere && !failed_over_);
    if (now + wait + kTooLittle > deadline_) return give_up(call_end::deadline, now);
    failed_over_ = failed_over_ || elsewhere;
    ++retries_;
    if (wait == milliseconds(0)) return send(node, false, now);
    retry_at_ = now + wait;
    retry_node_ = node;
}

milliseconds call::wait_for(const report& what, const judgement& is, bool fresh)
{
    if (is.what == verdict::drop_token) return milliseconds(0);
    const settings& numbers = shared_.numbers;
    const double draw = std::clamp(shared_.jitter(), 0.0, 1.0);
    const auto part = [draw](milliseconds of) {
        return milliseconds(
            static_cast<std::int64_t>(std::floor(draw * static_cast<double>(of.count()))));
    };
    if (fresh) return part(numbers.first_failover);
    const bool longer = is.overload && what.asked == milliseconds(0);
    milliseconds most = longer ? numbers.overload_step : numbers.wait_step;
    for (int i = 0; i < waits_; ++i) most *= 2;
    ++waits_;
    return what.asked + part(std::min(most, longer ? numbers.overload_cap : numbers.wait_cap));
}

std::size_t call::next_node(const flight& after, const judgement& is, steady_time now) const
{
    const auto order = shared_.known.order(how_.read, now);
    if (is.what != verdict::other_node) {
        return shared_.known.well(after.node, now) ? after.node : order.front();
    }
    std::size_t best = after.node;
    for (const std::size_t node : order) {
        if (node == after.node) continue;
        if (best == after.node || tries_[node] < tries_[best]) best = node;
    }
    return best;
}

std::optional<std::size_t> call::hedge_node(steady_time now) const
{
    for (const std::size_t node : shared_.known.order(true, now)) {
        if (!tried(node) && shared_.known.well(node, now)) return node;
    }
    return std::nullopt;
}

void call::drop_all(steady_time now, bool outrun)
{
    for (const flight& one : in_flight_) {
        if (outrun) shared_.known.outrun(one.node, between(one.sent, now));
        out_.push_back(drop_attempt{one.attempt});
    }
    in_flight_.clear();
}

void call::give_up(call_end why, steady_time now)
{
    if (!in_flight_.empty() && !how_.read)
        effect_ = merge(effect_, {.how = ending::timeout}, committed::unknown);
    drop_all(now, false);
    done_ = true;
    finish_call end = heaviest_;
    end.end = why;
    end.effect = effect_;
    end.attempts = attempts_;
    if (why != call_end::cancelled) shared_.known.call_failed(reached_, now);
    out_.push_back(std::move(end));
}

std::vector<call_action> call::tick(steady_time now)
{
    if (done_) return {};
    if (now >= deadline_) {
        // Whoever had his usual time and did not answer is to blame; the deadline itself is the caller's.
        for (const flight& one : in_flight_) {
            const report silent{.how = ending::timeout};
            const judgement is = judge(silent);
            if (weight_ < is.weight) remember(one.attempt, one.node, silent, is);
            if (between(one.sent, now) >= shared_.known.attempt_timeout(one.node, how_.read)) {
                shared_.known.record(one.node, how_.read, silent, is, now);
            }
        }
        give_up(call_end::deadline, now);
    } else if (retry_at_ && now >= *retry_at_) {
        retry_at_.reset();
        send(retry_node_, false, now);
    } else if (hedge_at_ && now >= *hedge_at_) {
        hedge_at_.reset();
        const auto node = hedge_node(now);
        if (node && shared_.hedges.take()) send(*node, true, now);
    }
    return std::exchange(out_, {});
}

std::vector<call_action> call::cancel(steady_time now)
{
    if (done_) return {};
    give_up(call_end::cancelled, now);
    return std::exchange(out_, {});
}

std::optional<steady_time> call::wake_at() const
{
    if (done_) return std::nullopt;
    steady_time at = deadline_;
    if (retry_at_) at = std::min(at, *retry_at_);
    if (hedge_at_) at = std::min(at, *hedge_at_);
    return at;
}

std::string_view name_of(call_end end) noexcept
{
    switch (end) {
    case call_end::served: return "served";
    case call_end::refused: return "refused";
    case call_end::not_repeatable: return "not_repeatable";
    case call_end::retries_used: return "retries_used";
    case call_end::budget_spent: return "budget_spent";
    case call_end::asked_too_long: return "asked_too_long";
    case call_end::deadline: return "deadline";
    case call_end::cancelled: return "cancelled";
    }
    return "refused";
}

}  // namespace kieng::cluster::client

#include "node/payments/settlement.hpp"

#include "base/ids.hpp"
#include "node/payments/announcement.hpp"
#include "node/payments/payment_store.hpp"
#include "node/payments/refund_store.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};

// Staff, or nobody, pay back what came by these.
bool goes_back_by_provider(method how) noexcept
{
    switch (how) {
    case method::vnpay:
    case method::mock: return true;
    case method::cash:
    case method::bank_transfer:
    case method::cod:
    case method::card: return false;
    }
    return false;
}

}  // namespace

std::string_view name_of(verdict v) noexcept
{
    switch (v) {
    case verdict::applied: return "applied";
    case verdict::unchanged: return "unchanged";
    case verdict::wrong_amount: return "wrong_amount";
    case verdict::unmatched: return "unmatched";
    }
    return "";
}

verdict settlement::apply(store::tx& on, const std::string& payment_id, const report& what,
                          const std::string& actor) const
{
    const auto seen = find_payment(on, payment_id);
    if (!seen) return verdict::unmatched;
    (void)orders_.lock(on, seen->order_id);
    auto of = lock_payment(on, payment_id);
    switch (what.what) {
    case outcome::unknown: return verdict::unchanged;
    case outcome::waiting: return waiting(on, *of, what, actor);
    case outcome::authorized:
        if (!is_open(of->state) || of->authorized) return verdict::unchanged;
        of->authorized = true;
        of->state = status::processing;
        if (!what.provider_ref.empty()) of->provider_ref = what.provider_ref;
        update_payment(on, *of, kAtOnce, actor);
        announce(on, payment_event(*of));
        return verdict::applied;
    case outcome::paid: return paid(on, *of, what, actor);
    case outcome::declined: return declined(on, *of, what, actor);
    }
    return verdict::unchanged;
}

verdict settlement::waiting(store::tx& on, payment& of, const report& what,
                            const std::string& actor) const
{
    if (of.state != status::pending || !what.begun) return verdict::unchanged;
    of.state = status::processing;
    of.provider_ref = what.provider_ref;
    of.action = what.begun->action;
    if (what.begun->expires_at) of.expires_at = what.begun->expires_at;
    update_payment(on, of, query_after_, actor);
    announce(on, payment_event(of));
    return verdict::applied;
}

verdict settlement::paid(store::tx& on, payment& of, const report& what,
                         const std::string& actor) const
{
    if (of.state == status::completed || of.state == status::review) {
        const bool other = !what.provider_ref.empty() && !of.provider_ref.empty() &&
                           what.provider_ref != of.provider_ref;
        return other ? stray(on, of, what, actor) : verdict::unchanged;
    }
    const bool late = !is_open(of.state);
    const money came = what.amount.value_or(of.amount);
    if (!what.provider_ref.empty()) of.provider_ref = what.provider_ref;
    if (came != of.amount) {
        // A person decides: it may be the rest of something, or somebody else's.
        of.state = status::review;
        of.captured =
            came.currency == of.amount.currency ? std::max<std::int64_t>(came.minor, 0) : 0;
        of.failure_code = "wrong_amount";
        update_payment(on, of, {}, actor);
        announce(on, payment_event(of));
        return verdict::wrong_amount;
    }
    of.captured = came.minor;
    of.failure_code.clear();
    const bool taken = orders_.paid(on, of.order_id, came.minor, actor);
    of.state = taken || !late ? status::completed : status::review;
    if (!taken) of.failure_code = "too_late";
    update_payment(on, of, {}, actor);
    if (taken) {
        announce(on, outcome_event(of, true, true));
        drop_other_attempts(on, of, actor);
    } else {
        send_back(on, of, "too_late", actor);
    }
    announce(on, payment_event(of));
    return verdict::applied;
}

// The same bill paid twice, by two transactions: the second is money of its own.
verdict settlement::stray(store::tx& on, const payment& of, const report& what,
                          const std::string& actor) const
{
    const auto all = payments_of_order(on, of.order_id);
    const bool known = std::any_of(all.begin(), all.end(), [&](const payment& one) {
        return one.how == of.how && one.provider_ref == what.provider_ref;
    });
    const money came = what.amount.value_or(of.amount);
    if (known || came.currency != of.amount.currency || came.minor <= 0) return verdict::unchanged;
    payment extra = of;
    extra.id = make_uuid(now_, bits_);
    extra.attempt = all.back().attempt + 1;
    extra.reference = reference_of(of.order_number, extra.attempt);
    extra.provider_ref = what.provider_ref;
    extra.state = status::review;
    extra.amount = came;
    extra.captured = came.minor;
    extra.refunded = 0;
    extra.failure_code = "paid_twice";
    extra.action = {};
    extra.version = 1;
    extra.created_at = extra.updated_at = now_.wall();
    insert_payment(on, extra, {}, {}, actor);
    send_back(on, extra, "paid_twice", actor);
    announce(on, payment_event(extra));
    return verdict::applied;
}

verdict settlement::declined(store::tx& on, payment& of, const report& what,
                             const std::string& actor) const
{
    if (!is_open(of.state)) return verdict::unchanged;
    of.state = what.code == "cancelled" ? status::cancelled : status::failed;
    of.failure_code = what.code;
    of.action = {};
    update_payment(on, of, {}, actor);
    const bool last = of.attempt >= kMaxAttempts;
    announce(on, outcome_event(of, false, last));
    announce(on, payment_event(of));
    if (last) orders_.given_up(on, of.order_id, "payment_failed");
    return verdict::applied;
}

bool settlement::cancel(store::tx& on, const std::string& payment_id, const std::string& reason,
                        bool at_gateway, const std::string& actor) const
{
    const auto seen = find_payment(on, payment_id);
    if (!seen) return false;
    (void)orders_.lock(on, seen->order_id);
    auto of = lock_payment(on, payment_id);
    if (!is_open(of->state)) return false;
    of->state = status::cancelled;
    of->failure_code = reason;
    of->action = {};
    update_payment(on, *of, at_gateway ? next_step(kAtOnce) : next_step(), actor);
    announce(on, payment_event(*of));
    return true;
}

// The order is paid: what else is open for it must not be.
void settlement::drop_other_attempts(store::tx& on, const payment& of,
                                     const std::string& actor) const
{
    for (auto& one : payments_of_order(on, of.order_id)) {
        if (one.id == of.id || !is_open(one.state)) continue;
        one.state = status::cancelled;
        one.failure_code = "paid_otherwise";
        one.action = {};
        const bool tell = goes_back_by_provider(one.how);
        update_payment(on, one, tell ? next_step(kAtOnce) : next_step(), actor);
        announce(on, payment_event(one));
    }
}

void settlement::send_back(store::tx& on, payment& of, std::string reason,
                           const std::string& actor) const
{
    refund back;
    back.id = make_uuid(now_, bits_);
    back.amount = {of.captured - of.refunded, of.amount.currency};
    back.reason = std::move(reason);
    back.automatic = true;
    back.created_at = back.updated_at = now_.wall();
    give_back(on, of, std::move(back), goes_back_by_provider(of.how), actor);
}

bool settlement::give_back(store::tx& on, payment& of, refund what, bool by_provider,
                           const std::string& actor) const
{
    what.payment_id = of.id;
    what.order_id = of.order_id;
    what.state = by_provider ? refund_status::pending : refund_status::processing;
    if (!insert_refund(on, what, {}, by_provider ? next_step(kAtOnce) : next_step(), actor))
        return false;
    of.refunded += what.amount.minor;
    ++of.version;
    announce(on, refund_event(of, what));
    return true;
}

void settlement::apply(store::tx& on, const std::string& refund_id, const refund_report& what,
                       const std::string& actor) const
{
    const auto seen = find_refund(on, refund_id);
    if (!seen) return;
    (void)orders_.lock(on, seen->order_id);
    auto of = lock_payment(on, seen->payment_id);
    auto back = lock_refund(on, refund_id);
    if (!may_become(back->state, what.state)) return;
    back->state = what.state;
    if (!what.provider_ref.empty()) back->provider_ref = what.provider_ref;
    back->failure_code = what.code;
    const bool asks_again = what.state == refund_status::processing;
    update_refund(on, *back, asks_again ? next_step(query_after_) : next_step());
    if (what.state == refund_status::failed) of->refunded -= back->amount.minor;
    // Money that an order never took is none of its business when it goes back.
    if (what.state == refund_status::completed && counts_for_order(*of))
        orders_.refunded(on, of->order_id, back->amount.minor, actor);
    announce(on, refund_event(*of, *back));
    announce(on, payment_event(*of));
}

}  // namespace kieng::payments

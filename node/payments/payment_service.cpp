#include "node/payments/payment_service.hpp"

#include "base/ids.hpp"
#include "node/payments/announcement.hpp"
#include "node/payments/payment_json.hpp"
#include "node/payments/refund_store.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

failure refused_step(std::string_view standing)
{
    failure out(errc::invalid_transition);
    out.members = R"("from":")" + std::string(standing) + '"';
    return out;
}

bool is_counter(method how) noexcept
{
    return how == method::cash || how == method::card;
}

// When somebody has to look after an attempt that begins like this.
next_step first_step(const started& how, const provider& by, std::chrono::milliseconds query_after,
                     wall_time now)
{
    if (!is_open(how.state)) return {};
    next_step out;
    if (by.can_query()) out = query_after;
    if (how.expires_at) {
        const auto left =
            std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*how.expires_at - now),
                     std::chrono::milliseconds(0));
        out = out ? std::min(*out, left) : left;
    }
    return out;
}

answer shown(tx& on, int status, const payment& of)
{
    answer out;
    out.status = status;
    out.body = to_json({of, refunds_of_payment(on, of.id)});
    if (status == 201) out.headers.emplace_back("Location", "/payments/" + of.id);
    return out;
}

// Why an order cannot be paid now; nothing if it can.
std::optional<failure> refusal_of(const payable& order, const std::vector<payment>& attempts)
{
    if (order.due.minor <= 0) return failure(errc::already_paid);
    if (!order.open) return refused_step(order.standing);
    for (const auto& one : attempts) {
        if (!is_open(one.state)) continue;
        failure out(errc::payment_pending);
        out.members = R"("paymentId":")" + one.id + '"';
        return out;
    }
    if (attempts.size() >= static_cast<std::size_t>(kMaxAttempts))
        return failure(errc::too_many_payment_attempts);
    return std::nullopt;
}

}  // namespace

task<result<store::written>> payment_service::write(store::write_key key, business change)
{
    auto done = co_await in_.where.writes.run(std::move(key), std::move(change));
    if (done) wake_();
    co_return done;
}

task<result<store::written>> payment_service::start(store::write_key key, std::string order_id,
                                                    new_payment what, payer by)
{
    business change = [this, order_id, what, by,
                       id = make_uuid(in_.now, in_.bits)](tx& on) -> result<answer> {
        return start_in(on, order_id, what, by, id);
    };
    co_return co_await write(std::move(key), std::move(change));
}

result<answer> payment_service::start_in(tx& on, const std::string& order_id,
                                         const new_payment& what, const payer& by,
                                         const std::string& id) const
{
    const auto order = in_.orders.lock(on, order_id);
    if (!order || !by.sees.may_see(order->account, order->guest)) return failure(errc::not_found);
    const auto attempts = payments_of_order(on, order_id);
    if (auto refused = refusal_of(*order, attempts)) return *std::move(refused);
    const auto* const way = in_.ways.find(what.how);
    if (!way || !way->takes(order->due.currency))
        return invalid("/method", fault_code::not_one_of, in_.ways.names(order->due.currency));
    if (is_counter(what.how) && !by.at_counter) return failure(errc::forbidden);

    payment made;
    made.id = id;
    made.order_id = order_id;
    made.order_number = order->number;
    made.account = order->account;
    made.guest = order->guest;
    made.how = what.how;
    made.attempt = attempts.empty() ? 1 : attempts.back().attempt + 1;
    made.amount = order->due;
    made.reference = reference_of(order->number, made.attempt);
    made.created_at = made.updated_at = in_.now.wall();
    const intent wanted{
        id,         order_id,        made.order_number, made.reference, made.amount, by.who.address,
        by.english, made.created_at, order->held_until};
    const auto begun = way->prepare(wanted);
    next_step in = std::chrono::milliseconds(0);  // the gateway has to hear of it
    if (begun) {
        made.state = begun->state;
        made.action = begun->action;
        made.expires_at = begun->expires_at;
        in = first_step(*begun, *way, in_.how.query_after, made.created_at);
    }
    if (is_counter(what.how)) {
        if (const auto taken = take_at_counter(on, made, what, by); !taken) return taken.error();
    }
    insert_payment(on, made, by.who.address, in, by.who.user_id);
    if (made.state == status::completed) {
        (void)in_.orders.paid(on, order_id, made.captured, by.who.user_id);
        announce(on, outcome_event(made, true, true));
    }
    announce(on, payment_event(made));
    return shown(on, 201, made);
}

// Cash is counted before it falls into the drawer.
result<void> payment_service::take_at_counter(tx& on, payment& made, const new_payment& what,
                                              const payer& by) const
{
    made.captured = made.amount.minor;
    if (what.how == method::cash && what.tendered) {
        const auto change = change_of(made.amount.minor, *what.tendered);
        if (!change) return change.error();
        made.tendered = what.tendered;
    }
    if (!what.till) return {};
    made.cash_session = open_session_of(on, *what.till, made.amount.currency);
    if (made.cash_session.empty()) {
        if (what.how == method::cash) return failure(errc::no_open_session);
        return {};
    }
    if (what.how != method::cash) return {};
    drawer_movement moved;
    moved.amount = made.captured;
    moved.payment_id = made.id;
    moved.actor = by.who.user_id;
    add_movement(on, made.cash_session, moved, in_.node);
    return {};
}

task<result<store::written>> payment_service::cancel(store::write_key key, std::string id, payer by)
{
    business change = [this, id, by](tx& on) -> result<answer> {
        const auto seen = find_payment(on, id);
        if (!seen || !by.sees.may_see(seen->account, seen->guest)) return failure(errc::not_found);
        const auto* const way = in_.ways.find(seen->how);
        const bool at_gateway = way && way->refunds_itself();
        if (!in_.settle.cancel(on, id, "cancelled", at_gateway, by.who.user_id))
            return refused_step(name_of(find_payment(on, id)->state));
        return shown(on, 200, *find_payment(on, id));
    };
    co_return co_await write(std::move(key), std::move(change));
}

task<result<store::written>> payment_service::settle(store::write_key key, std::string id,
                                                     std::string reference, identity::actor by)
{
    business change = [this, id, reference, by](tx& on) -> result<answer> {
        return settle_in(on, id, reference, by);
    };
    co_return co_await write(std::move(key), std::move(change));
}

result<answer> payment_service::settle_in(tx& on, const std::string& id,
                                          const std::string& reference,
                                          const identity::actor& by) const
{
    const auto seen = find_payment(on, id);
    if (!seen) return failure(errc::not_found);
    const auto order = in_.orders.lock(on, seen->order_id);
    auto of = lock_payment(on, id);
    const auto* const way = in_.ways.find(of->how);
    if (of->state == status::review && of->refunded == 0 && of->captured > 0 && order &&
        order->open) {
        if (!in_.orders.paid(on, of->order_id, of->captured, by.user_id))
            return refused_step(name_of(of->state));
        of->state = status::completed;
        of->failure_code.clear();
        update_payment(on, *of, {}, by.user_id);
        announce(on, outcome_event(*of, true, true));
        announce(on, payment_event(*of));
    } else if (is_open(of->state) && way && way->settled_by_staff()) {
        report came;
        came.what = outcome::paid;
        came.provider_ref = reference;
        in_.settle.apply(on, id, came, by.user_id);
    } else {
        return refused_step(name_of(of->state));
    }
    log_.audit(on, by, {"payment.settle", "payment", id});
    return shown(on, 200, *find_payment(on, id));
}

task<result<void>> payment_service::look_again(std::string id)
{
    std::function<bool(tx&)> look = [id](tx& on) {
        const auto found = find_payment(on, id);
        if (found && is_open(found->state)) postpone_payment(on, id, std::chrono::milliseconds(0));
        return found.has_value();
    };
    const auto done = co_await in_.where.reads.query<bool>(std::move(look));
    if (!done) co_return done.error();
    if (!*done) co_return failure(errc::not_found);
    wake_();
    co_return result<void>();
}

task<result<store::seen<shown_payment>>> payment_service::find(std::string id, viewer by)
{
    using found = std::optional<shown_payment>;
    std::function<found(tx&)> read = [id, by](tx& on) -> found {
        auto one = find_payment(on, id);
        if (!one || !by.may_see(one->account, one->guest)) return std::nullopt;
        return shown_payment{*std::move(one), refunds_of_payment(on, id)};
    };
    auto got = co_await in_.where.reads.read<found>(std::move(read));
    if (!got) co_return got.error();
    if (!got->value) co_return failure(errc::not_found);
    co_return store::seen<shown_payment>{*std::move(got->value), got->pos};
}

task<result<store::seen<std::vector<shown_payment>>>> payment_service::of_order(
    std::string order_id, viewer by)
{
    const auto seen = co_await in_.orders.check_sight(order_id, by);
    if (!seen) co_return seen.error();
    std::function<std::vector<shown_payment>(tx&)> read = [order_id](tx& on) {
        std::vector<shown_payment> out;
        for (auto& one : payments_of_order(on, order_id)) out.push_back({std::move(one), {}});
        for (auto& back : refunds_of_order(on, order_id)) {
            for (auto& one : out) {
                if (one.what.id == back.payment_id) one.refunds.push_back(back);
            }
        }
        return out;
    };
    co_return co_await in_.where.reads.read<std::vector<shown_payment>>(std::move(read));
}

task<result<store::seen<std::vector<payment>>>> payment_service::list(payment_filter what)
{
    std::function<std::vector<payment>(tx&)> read = [what](tx& on) {
        return list_payments(on, what);
    };
    co_return co_await in_.where.reads.read<std::vector<payment>>(std::move(read));
}

}  // namespace kieng::payments

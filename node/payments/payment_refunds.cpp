// The part of payment_service that pays back.
#include "base/ids.hpp"
#include "node/payments/announcement.hpp"
#include "node/payments/payment_json.hpp"
#include "node/payments/payment_service.hpp"
#include "node/payments/refund_store.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

failure too_large(const payment& of)
{
    failure out(errc::refund_too_large);
    out.members = R"("refundable":)" + std::to_string(of.captured - of.refunded);
    return out;
}

answer shown(int status, const payment& of, const refund& what)
{
    answer out;
    out.status = status;
    out.body = to_json(of, what);
    return out;
}

}  // namespace

task<result<store::written>> payment_service::refund(store::write_key key, std::string id,
                                                     new_refund what, identity::actor by)
{
    payments::refund made;
    made.id = make_uuid(in_.now, in_.bits);
    made.created_at = made.updated_at = in_.now.wall();
    business change = [this, id, what, by, made](tx& on) -> result<answer> {
        return refund_in(on, id, what, by, made);
    };
    co_return co_await write(std::move(key), std::move(change));
}

result<answer> payment_service::refund_in(tx& on, const std::string& id, const new_refund& what,
                                          const identity::actor& by, payments::refund made) const
{
    const auto seen = find_payment(on, id);
    if (!seen) return failure(errc::not_found);
    (void)in_.orders.lock(on, seen->order_id);
    auto of = lock_payment(on, id);
    const auto left = of->captured - of->refunded;
    made.amount = {what.amount.value_or(left), of->amount.currency};
    made.reason = what.reason;
    if (made.amount.minor <= 0 || made.amount.minor > left) return too_large(*of);
    if (of->how == method::cash) {
        if (const auto paid = from_drawer(on, *of, made, what, by); !paid) return paid.error();
    } else {
        const auto* const way = in_.ways.find(of->how);
        const bool itself = way && way->refunds_itself();
        if (!in_.settle.give_back(on, *of, made, itself, by.user_id)) return too_large(*of);
    }
    log_.audit(on, by,
               {"payment.refund", "payment", id,
                R"({"amount":)" + std::to_string(made.amount.minor) + "}"});
    announce(on, payment_event(*of));
    return shown(201, *of, *find_refund(on, made.id));
}

// Cash is paid back as soon as it is out of the drawer.
result<void> payment_service::from_drawer(tx& on, payment& of, payments::refund& made,
                                          const new_refund& what, const identity::actor& by) const
{
    std::string session;
    if (what.till) {
        session = open_session_of(on, *what.till, of.amount.currency);
        if (session.empty()) return failure(errc::no_open_session);
    }
    made.payment_id = of.id;
    made.order_id = of.order_id;
    made.state = refund_status::completed;
    if (!insert_refund(on, made, session, {}, by.user_id)) return too_large(of);
    of.refunded += made.amount.minor;
    ++of.version;
    if (!session.empty()) {
        drawer_movement moved;
        moved.kind = drawer::refund;
        moved.amount = signed_amount(drawer::refund, made.amount.minor);
        moved.payment_id = of.id;
        moved.refund_id = made.id;
        moved.reason = made.reason;
        moved.actor = by.user_id;
        add_movement(on, session, moved, in_.node);
    }
    if (counts_for_order(of)) in_.orders.refunded(on, of.order_id, made.amount.minor, by.user_id);
    announce(on, refund_event(of, made));
    return {};
}

task<result<store::written>> payment_service::settle_refund(store::write_key key, std::string id,
                                                            bool succeeded, identity::actor by)
{
    business change = [this, id, succeeded, by](tx& on) -> result<answer> {
        const auto seen = find_refund(on, id);
        if (!seen) return failure(errc::not_found);
        const auto of = find_payment(on, seen->payment_id);
        const auto* const way = in_.ways.find(of->how);
        const bool by_hand = !way || !way->refunds_itself();
        refund_report done;
        done.state = succeeded ? refund_status::completed : refund_status::failed;
        if (!succeeded) done.code = "not_paid";
        if (!by_hand || !may_become(seen->state, done.state)) {
            failure out(errc::invalid_transition);
            out.members = R"("from":")" + std::string(name_of(seen->state)) + '"';
            return out;
        }
        in_.settle.apply(on, id, done, by.user_id);
        log_.audit(on, by, {"refund.settle", "refund", id});
        return shown(200, *find_payment(on, seen->payment_id), *find_refund(on, id));
    };
    co_return co_await write(std::move(key), std::move(change));
}

std::int64_t payment_service::refund_order(tx& on, const std::string& order_id, std::int64_t amount,
                                           const std::string& reason,
                                           const std::string& actor) const
{
    auto all = payments_of_order(on, order_id);
    std::reverse(all.begin(), all.end());
    std::int64_t begun = 0;
    for (auto& one : all) {
        const auto part = std::min(amount - begun, one.captured - one.refunded);
        if (!counts_for_order(one) || part <= 0) continue;
        const auto* const way = in_.ways.find(one.how);
        payments::refund made;
        made.id = make_uuid(in_.now, in_.bits);
        made.amount = {part, one.amount.currency};
        made.reason = reason;
        made.automatic = true;
        made.created_at = made.updated_at = in_.now.wall();
        if (in_.settle.give_back(on, one, made, way && way->refunds_itself(), actor)) begun += part;
    }
    return begun;
}

}  // namespace kieng::payments

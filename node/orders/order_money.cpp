// What payments tell orders, inside their unit of work.
#include "node/orders/order_announcement.hpp"
#include "node/orders/order_changes.hpp"
#include "node/orders/order_service.hpp"
#include "node/orders/order_store.hpp"

namespace kieng::orders {
namespace {

// Money for goods that were handed over, or promised, before it came.
result<payment_effect> note(store::tx& on, order& of, std::int64_t amount,
                            const order_store::doer& by)
{
    if (of.paid >= of.total) return payment_effect::unchanged;
    of.paid += amount;
    of.payment = payment_of(of);
    order_store::write_money(on, of, by);
    announce(on, step_event(of, std::nullopt));
    return payment_effect::noted;
}

result<payment_effect> settle(store::tx& on, order& of, std::int64_t amount,
                              const order_store::doer& by)
{
    of.paid += amount;
    of.payment = payment_of(of);
    order_store::write_money(on, of, by);
    if (of.paid < of.total) {
        announce(on, step_event(of, std::nullopt));
        return payment_effect::noted;
    }
    for (const status to : {status::paid, status::confirmed}) {
        const auto done = take_step(on, of, {to, {}, {}, false}, by);
        if (!done) return done.error();
    }
    return payment_effect::confirmed;
}

}  // namespace

std::optional<order> order_service::locked(store::tx& on, const std::string& id)
{
    return order_store::lock(on, id);
}

result<payment_effect> order_service::paid(store::tx& on, const std::string& id,
                                           std::int64_t amount, const std::string& actor) const
{
    auto of = order_store::lock(on, id);
    if (!of) return failure(errc::not_found);
    const order_store::doer by{actor, in_.node};
    switch (of->at) {
    case status::created:
    case status::pending: return settle(on, *of, amount, by);
    case status::paid:
    case status::confirmed:
    case status::processing:
    case status::shipped:
    case status::delivered:
    case status::returned: return note(on, *of, amount, by);
    case status::cancelled:
    case status::failed:
    case status::refunded: return payment_effect::too_late;
    }
    return failure(errc::internal_error);
}

result<bool> order_service::payment_failed(store::tx& on, const std::string& id,
                                           const std::string& reason) const
{
    auto of = order_store::lock(on, id);
    if (!of) return failure(errc::not_found);
    if (of->at != status::pending) return false;
    const auto done = take_step(on, *of, {status::cancelled, reason, {}, false}, {"", in_.node});
    if (!done) return done.error();
    return true;
}

result<void> order_service::refunded(store::tx& on, const std::string& id, std::int64_t amount,
                                     const std::string& actor) const
{
    auto of = order_store::lock(on, id);
    if (!of) return failure(errc::not_found);
    if (amount < 1 || amount > of->paid - of->refunded) return failure(errc::refund_too_large);
    const order_store::doer by{actor, in_.node};
    of->refunded += amount;
    of->refund_due = std::max<std::int64_t>(0, of->refund_due - amount);
    of->refund_due = std::min(of->refund_due, of->paid - of->refunded);
    of->payment = payment_of(*of);
    order_store::write_money(on, *of, by);
    const bool whole = of->refunded == of->paid && may_become(of->at, status::refunded);
    if (whole) return take_step(on, *of, {status::refunded, {}, {}, false}, by);
    announce(on, step_event(*of, std::nullopt));
    return {};
}

}  // namespace kieng::orders

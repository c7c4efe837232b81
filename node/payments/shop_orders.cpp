#include "node/payments/shop_orders.hpp"

#include "base/log.hpp"

#include <stdexcept>

namespace kieng::payments {
namespace {

bool takes_money(orders::status at) noexcept
{
    using orders::status;
    switch (at) {
    case status::created:
    case status::pending:
    case status::paid:
    case status::confirmed:
    case status::processing:
    case status::shipped:
    case status::delivered: return true;
    case status::cancelled:
    case status::failed:
    case status::returned:
    case status::refunded: return false;
    }
    return false;
}

}  // namespace

std::optional<payable> shop_orders::lock(store::tx& on, const std::string& id)
{
    const auto found = orders::order_service::locked(on, id);
    if (!found) return std::nullopt;
    payable out;
    out.id = found->id;
    out.number = found->number;
    out.account = found->customer_id;
    out.guest = found->guest_id;
    out.due = {found->total - found->paid, found->currency};
    out.open = takes_money(found->at);
    out.refund_due = found->refund_due;
    out.standing = orders::name_of(found->at);
    out.held_until = found->expires_at;
    return out;
}

bool shop_orders::paid(store::tx& on, const std::string& id, std::int64_t amount,
                       const std::string& actor)
{
    using orders::payment_effect;
    const auto done = service_.paid(on, id, amount, actor);
    // An order takes money or says why not; anything else must not be half written.
    if (!done && done.error().code != errc::not_found)
        throw std::logic_error("an order could not take money: " +
                               std::string(name_of(done.error().code)));
    if (!done) return false;
    switch (*done) {
    case payment_effect::confirmed:
    case payment_effect::noted: return true;
    case payment_effect::unchanged:
    case payment_effect::too_late: return false;
    }
    return false;
}

void shop_orders::given_up(store::tx& on, const std::string& id, const std::string& reason)
{
    const auto done = service_.payment_failed(on, id, reason);
    if (!done)
        log::warning("order_not_given_up", {{"order", id}, {"code", name_of(done.error().code)}});
}

task<result<void>> shop_orders::check_sight(std::string id, viewer by)
{
    orders::viewer who;
    who.all = by.all;
    who.customer_id = by.account;
    who.guest_id = by.guest;
    const orders::order_expansion with;
    const auto found = co_await service_.find(std::move(id), std::move(who), with);
    if (!found) co_return found.error();
    co_return result<void>();
}

void shop_orders::refunded(store::tx& on, const std::string& id, std::int64_t amount,
                           const std::string& actor)
{
    const auto done = service_.refunded(on, id, amount, actor);
    if (!done)
        log::error("refund_not_noted", {{"order", id}, {"code", name_of(done.error().code)}});
}

}  // namespace kieng::payments

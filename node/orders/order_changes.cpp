#include "node/orders/order_changes.hpp"

#include "node/orders/order_announcement.hpp"
#include "node/orders/placing_failures.hpp"

namespace kieng::orders {
namespace {

// Whether the condition of an open way holds.
bool holds(const order& of, status to) noexcept
{
    // Nobody but a payment makes an order paid, and nothing but that, or goods on trust, confirms it.
    if (to == status::paid) return of.paid >= of.total;
    if (to == status::confirmed && of.at == status::pending) return is_approved_unpaid(of.method);
    if (to == status::refunded) return of.refunded >= of.paid;
    return true;
}

std::vector<step_input::line> all_lines(const order& of)
{
    std::vector<step_input::line> out;
    for (const auto& line : of.lines)
        out.push_back({line.line, line.quantity - line.returned, true});
    return out;
}

void end_goods(store::tx& on, const order& of, const change& what, const order_store::doer& by)
{
    if (of.at == status::confirmed || of.at == status::processing)
        order_store::restock(on, of, all_lines(of), by);
    else
        order_store::release_goods(on, of, what.expired, by);
}

void move_goods(store::tx& on, const order& of, const change& what, const order_store::doer& by)
{
    switch (what.to) {
    case status::confirmed: order_store::commit_goods(on, of, by); break;
    case status::cancelled:
    case status::failed: end_goods(on, of, what, by); break;
    case status::returned: order_store::restock(on, of, what.back, by); break;
    case status::created:
    case status::pending:
    case status::paid:
    case status::processing:
    case status::shipped:
    case status::delivered:
    case status::refunded: break;
    }
}

}  // namespace

result<void> take_step(store::tx& on, order& of, const change& what, const order_store::doer& by)
{
    const status from = of.at;
    if (!may_become(from, what.to) || !holds(of, what.to)) return invalid_transition(from, what.to);
    // Goods before the order's own row: what they are depends on where it stood.
    move_goods(on, of, what, by);
    if (!order_store::move(on, of, what.to, what.why, by)) return invalid_transition(from, what.to);
    const bool ended = what.to == status::cancelled || what.to == status::failed;
    const std::int64_t owed = of.paid - of.refunded - of.refund_due;
    announce(on, step_event(of, from));
    if (ended && owed > 0) return owe_back(on, of, owed, what.why, by);
    return {};
}

result<void> owe_back(store::tx& on, order& of, std::int64_t amount,
                      const std::optional<std::string>& why, const order_store::doer& by)
{
    const std::int64_t left = of.paid - of.refunded - of.refund_due;
    if (amount > left || amount < 1) {
        failure out(errc::refund_too_large);
        out.members = "\"refundable\":" + std::to_string(left);
        return out;
    }
    of.refund_due += amount;
    order_store::write_money(on, of, by);
    announce(on, refund_event(of, amount, why));
    return {};
}

}  // namespace kieng::orders

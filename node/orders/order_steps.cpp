#include "node/orders/order_steps.hpp"

#include "base/ids.hpp"
#include "node/orders/order_announcement.hpp"
#include "node/orders/placing_failures.hpp"
#include "node/orders/totals.hpp"

namespace kieng::orders {
namespace {

failure too_large(const order& of, const step_input::line& wanted)
{
    failure out(errc::return_too_large);
    const auto index = static_cast<std::size_t>(wanted.line - 1);
    const std::int64_t left =
        index < of.lines.size() ? of.lines[index].quantity - of.lines[index].returned : 0;
    out.members = "\"items\":[{\"line\":" + std::to_string(wanted.line) +
                  ",\"requested\":" + std::to_string(wanted.quantity) +
                  ",\"returnable\":" + std::to_string(left) + "}]";
    return out;
}

// What is to come back, every line of it known and not more than was sold.
result<std::vector<step_input::line>> lines_back(const order& of, const step_input& with)
{
    std::vector<step_input::line> out = with.lines;
    if (out.empty()) {
        for (const auto& line : of.lines) {
            const std::int64_t left = line.quantity - line.returned;
            if (left > 0) out.push_back({line.line, left, true});
        }
    }
    if (out.empty()) return too_large(of, {});
    for (const auto& one : out) {
        const auto index = static_cast<std::size_t>(one.line - 1);
        if (index >= of.lines.size() ||
            one.quantity > of.lines[index].quantity - of.lines[index].returned)
            return too_large(of, one);
    }
    return out;
}

// What the lines were sold for: part of a total that fits.
std::int64_t value_of(const order& of, const std::vector<step_input::line>& lines)
{
    std::int64_t out = 0;
    for (const auto& one : lines)
        out += of.lines[static_cast<std::size_t>(one.line - 1)].unit_price * one.quantity;
    return out;
}

store::answer shown(const order& of)
{
    store::answer out;
    append_order(out.body, of);
    return out;
}

}  // namespace

task<result<store::written>> order_steps::take(store::write_key key, step what, std::string id,
                                               step_input with, viewer who, std::string user)
{
    store::unit_of_work::business work =
        [this, what, id = std::move(id), with = std::move(with), who = std::move(who),
         user = std::move(user)](store::tx& on) -> result<store::answer> {
        auto of = order_store::lock(on, id);
        if (!of || !who.may_see(*of)) return failure(errc::not_found);
        if (with.row_version && *with.row_version != of->version) return other_version(of->version);
        const order_store::doer by{user, in_.node};
        const auto done = in_transaction(on, *of, what, with, who.all, by);
        if (!done) return done.error();
        return shown(*of);
    };
    co_return co_await in_.work.run(std::move(key), std::move(work));
}

result<void> order_steps::in_transaction(store::tx& on, order& of, step what,
                                         const step_input& with, bool staff,
                                         const order_store::doer& by) const
{
    switch (what) {
    case step::confirm: return take_step(on, of, {status::confirmed, with.reason, {}, false}, by);
    case step::process: return take_step(on, of, {status::processing, with.reason, {}, false}, by);
    case step::ship: return ship(on, of, with, by);
    case step::deliver: return take_step(on, of, {status::delivered, with.reason, {}, false}, by);
    case step::cancel: return cancel(on, of, with, staff, by);
    case step::give_back: return give_back(on, of, with, by);
    case step::refund: return refund(on, of, with, by);
    }
    return failure(errc::internal_error);
}

result<void> order_steps::cancel(store::tx& on, order& of, const step_input& with, bool staff,
                                 const order_store::doer& by) const
{
    // Once money or goods are on their way the shop decides.
    const bool late = of.at != status::pending && may_become(of.at, status::cancelled);
    if (!staff && late)
        return failure(errc::forbidden,
                       {"Đơn hàng đã được xử lý; xin liên hệ cửa hàng để hủy.",
                        "The order is being dealt with; ask the shop to cancel it."});
    const std::string usual = staff ? "cancelled_by_staff" : "cancelled_by_customer";
    return take_step(on, of, {status::cancelled, with.reason.value_or(usual), {}, false}, by);
}

result<void> order_steps::ship(store::tx& on, order& of, const step_input& with,
                               const order_store::doer& by) const
{
    const auto done = take_step(on, of, {status::shipped, with.reason, {}, false}, by);
    if (!done) return done.error();
    order_store::add_shipment(on, make_uuid(in_.now, in_.bits), of, with, by);
    announce(on, shipment_event(of, with.carrier, with.tracking_number));
    return {};
}

result<void> order_steps::give_back(store::tx& on, order& of, const step_input& with,
                                    const order_store::doer& by) const
{
    if (!may_become(of.at, status::returned)) return invalid_transition(of.at, status::returned);
    const bool over = of.delivered_at && in_.now.wall() > *of.delivered_at + kReturnWindow;
    if (over) return failure(errc::return_window_closed);
    auto lines = lines_back(of, with);
    if (!lines) return lines.error();
    order_store::new_return back{make_uuid(in_.now, in_.bits), value_of(of, *lines), with.reason,
                                 *lines};
    order_store::add_return(on, of, back, by);
    bool all = true;
    for (const auto& one : *lines)
        of.lines[static_cast<std::size_t>(one.line - 1)].returned += one.quantity;
    for (const auto& line : of.lines) all = all && line.returned == line.quantity;
    if (all) return take_step(on, of, {status::returned, with.reason, *lines, false}, by);
    // A parcel comes back whole or not at all; what is missing of it is a case for people.
    if (of.at == status::shipped)
        return invalid("/items", fault_code::not_enough, "all of a shipped order");
    order_store::restock(on, of, *lines, by);
    order_store::write_money(on, of, by);
    announce(on, step_event(of, std::nullopt));
    return {};
}

result<void> order_steps::refund(store::tx& on, order& of, const step_input& with,
                                 const order_store::doer& by) const
{
    if (of.at != status::delivered && of.at != status::returned)
        return invalid_transition(of.at, status::refunded);
    // The order is refunded once the money has gone; until then it is owed.
    const std::int64_t left = of.paid - of.refunded - of.refund_due;
    return owe_back(on, of, with.amount.value_or(left), with.reason, by);
}

}  // namespace kieng::orders

#include "node/payments/order_listener.hpp"

#include "base/log.hpp"
#include "node/payments/consumer_store.hpp"
#include "node/payments/refund_store.hpp"

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

// What is on its way back already of what the order took.
std::int64_t on_its_way(tx& on, const std::string& order_id)
{
    std::int64_t out = 0;
    const auto all = payments_of_order(on, order_id);
    for (const auto& back : refunds_of_order(on, order_id)) {
        const bool under_way =
            back.state == refund_status::pending || back.state == refund_status::processing;
        for (const auto& one : all) {
            if (under_way && one.id == back.payment_id && counts_for_order(one))
                out += back.amount.minor;
        }
    }
    return out;
}

}  // namespace

void order_listener::order_changed(tx& on, const std::string& order_id) const
{
    const auto order = in_.orders.lock(on, order_id);
    if (!order) return;
    if (!order->open) {
        for (const auto& one : payments_of_order(on, order_id)) {
            if (!is_open(one.state)) continue;
            const auto* const way = in_.ways.find(one.how);
            in_.settle.cancel(on, one.id, "order_ended", way && way->refunds_itself(), {});
        }
    }
    const auto owed = order->refund_due - on_its_way(on, order_id);
    if (owed > 0) (void)refunds_.refund_order(on, order_id, owed, "order_refund", {});
}

task<bool> order_listener::listen()
{
    std::function<bool(tx&)> look = [begun = begun_](tx& on) {
        if (!begun) begin_cursor(on);
        return has_news(on);
    };
    const auto some = co_await in_.where.reads.query<bool>(std::move(look));
    if (!some) co_return false;
    begun_ = true;
    if (!*some) co_return false;
    const auto more = std::make_shared<bool>(false);
    business change = [this, more](tx& on) -> result<answer> {
        const auto news = next_news(on);
        *more = !news.orders.empty();
        if (news.from == news.to) return answer{};
        for (const auto& id : news.orders) order_changed(on, id);
        if (!move_cursor(on, news)) return failure(errc::in_progress);
        return answer{};
    };
    store::write_key key;
    key.principal = "payments";
    const auto done = co_await in_.where.writes.run(std::move(key), std::move(change));
    // Another node moved the cursor: what it left is for the next time.
    if (!done && done.error().code != errc::in_progress)
        log::warning("orders_not_heard", {{"code", name_of(done.error().code)}});
    co_return done&&* more;
}

}  // namespace kieng::payments

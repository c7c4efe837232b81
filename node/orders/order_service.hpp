// The use cases of orders. What other capabilities may call. Thread safe; calls come from coroutines on an io_context, those with a store::tx
// from inside a unit of work.
//
// All coroutines may also fail with database_unavailable, overloaded; writes with idempotency_key_reused, in_progress, abandoned,
// outcome_unknown, draining.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "node/orders/order.hpp"
#include "node/orders/order_draft.hpp"
#include "node/orders/order_placing.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/group_commit.hpp"
#include "node/platform/store/tx_fwd.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kieng::orders {

// A finished sale at the counter, as payments write it down.
struct counter_sale {
    std::string order_id, number;
    std::string customer_id;  // empty: none
    std::string cashier;      // user id
    std::optional<std::string> till;
    std::string currency;
    std::int64_t total = 0;
    std::vector<counter_payment> payments;  // their amounts sum up to the total
    bool offline = false;                   // it has happened: it cannot be refused any more
};

// What payments do for orders, in the transaction of the order. Both may be empty: then nothing is written down, or shown.
struct payment_hooks {
    // Writes a sale's payments down; answers them as a JSON array. Errors: those of a till, such as no_open_session.
    std::function<result<std::string>(store::tx&, const counter_sale&)> record;
    // The payments of an order as a JSON array.
    std::function<std::string(store::tx&, const std::string& order_id)> list;
};

// Who looks: everything, or what is theirs.
struct viewer {
    bool all = false;
    std::string customer_id, guest_id;  // empty: none

    [[nodiscard]] bool may_see(const order& what) const noexcept
    {
        return all || (!customer_id.empty() && customer_id == what.customer_id) ||
               (!guest_id.empty() && guest_id == what.guest_id);
    }
};

struct order_filter {
    std::vector<status> statuses;  // empty: any
    std::optional<std::string> customer_id, number;
    std::optional<channel> through;
    std::optional<wall_time> from, to;  // to: exclusive
    std::string before;                 // id where the page before ended
    int limit = 20;
};

struct order_expansion {
    bool product = false, payments = false, history = false;
};

// An order with what it was asked to be shown with, the additions as JSON.
struct shown_order {
    order what;
    std::vector<std::string> products;  // one per line, with expansion
    std::optional<std::string> payments;
    std::vector<history_entry> history;
};

// What became of money that came in for an order.
enum class payment_effect : std::uint8_t {
    confirmed = 1,  // the order is paid, and confirmed
    noted,  // the money counts, the order stays where it is (in part, or goods were handed over before)
    unchanged,  // it was counted before
    too_late,   // the order has ended without it: it goes back
};

class order_service {
public:
    struct surroundings {
        store::database& reads;
        store::unit_of_work& work;
        const clock& now;
        random& bits;
        std::string node;
    };
    explicit order_service(surroundings in);

    void set_payments(payment_hooks hooks) { hooks_ = std::move(hooks); }

    // Places an order that is still to be paid. Under load orders share a commit.
    // Errors: price_changed, insufficient_stock, product_unavailable, currency_mixed, money_overflow.
    task<result<store::written>> place(store::write_key key, order_draft draft);
    // Writes down a sale at the counter. Errors besides: those of payment_hooks::record.
    task<result<store::written>> sell(store::write_key key, order_draft draft);

    // Reads. Errors: not_found (also for what the viewer may not see).
    task<result<store::seen<shown_order>>> find(std::string id, viewer who, order_expansion with);
    // Newest first; one more than the limit tells that there is more.
    task<result<store::seen<std::vector<order>>>> list(order_filter what, viewer who);

    // Ends pending orders whose time is over, at most `most`; returns how many. Any node may do it at any time.
    task<result<int>> expire_due(int most);

    // For payments, inside their unit of work. The order's row is locked first, so theirs comes after it.
    // `id` of an order that does not exist: not_found.
    result<payment_effect> paid(store::tx& on, const std::string& id, std::int64_t amount,
                                const std::string& actor) const;
    // A payment failed for good: a pending order is cancelled (payment_failed). False: it had moved on, nothing happened.
    result<bool> payment_failed(store::tx& on, const std::string& id,
                                const std::string& reason) const;
    // Money went back. When all of it has, an order that was delivered or returned is refunded.
    // Errors: refund_too_large.
    result<void> refunded(store::tx& on, const std::string& id, std::int64_t amount,
                          const std::string& actor) const;
    // The order, locked for the rest of the transaction; nothing if there is none.
    [[nodiscard]] static std::optional<order> locked(store::tx& on, const std::string& id);

    [[nodiscard]] store::group_figures figures() const { return batches_.figures(); }
    // Refuses orders that wait for their turn (draining).
    void stop() { batches_.stop(); }

private:
    std::vector<store::unit_done> place_all(store::tx& on,
                                            const std::vector<const order_draft*>& drafts) const;
    store::unit_done end_of(store::tx& on, placing_outcome outcome) const;
    result<store::answer> sell_in(store::tx& on, const order_draft& draft) const;

    const surroundings in_;
    payment_hooks hooks_;
    store::group_commit<order_draft> batches_;
};

}  // namespace kieng::orders

// The SQL of orders that exist. Functions run on a pool thread, those that change something inside a unit of work; database errors throw.
#pragma once

#include "node/orders/order.hpp"
#include "node/orders/order_json.hpp"
#include "node/orders/order_service.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::orders::order_store {

// An order with its lines, and the position that shows it.
[[nodiscard]] store::seen<std::optional<shown_order>> read(store::tx& on, const std::string& id,
                                                           const order_expansion& with);
[[nodiscard]] store::seen<std::vector<order>> list(store::tx& on, const order_filter& what,
                                                   const viewer& who);

// The order with its lines, its row locked: the first lock of whoever changes it.
[[nodiscard]] std::optional<order> lock(store::tx& on, const std::string& id);

// Who does something, and where.
struct doer {
    std::string user;  // empty: nobody signed in, or the shop itself
    std::string node;
};
// Compare-and-set of the status, with its line in the history. False: the order is not `of.at` any more. `of` follows.
[[nodiscard]] bool move(store::tx& on, order& of, status to, const std::optional<std::string>& why,
                        const doer& by);
// Writes paid, refunded, refund_due and the payment status, which `of` has.
void write_money(store::tx& on, order& of, const doer& by);

// What is held becomes sold, is let go, or comes back: once, however often it is called. Announces what stock changed.
void commit_goods(store::tx& on, const order& of, const doer& by);
void release_goods(store::tx& on, const order& of, bool expired, const doer& by);
void restock(store::tx& on, const order& of, const std::vector<step_input::line>& lines,
             const doer& by);

void add_shipment(store::tx& on, const std::string& id, const order& of, const step_input& with,
                  const doer& by);
struct new_return {
    std::string id;
    std::int64_t value = 0;
    std::optional<std::string> reason;
    std::vector<step_input::line> lines;
};
void add_return(store::tx& on, const order& of, const new_return& what, const doer& by);

// Pending orders whose time is over, the longest first. Locks nothing.
[[nodiscard]] std::vector<std::string> overdue(store::tx& on, int most);
// Locks a pending order whose time is over; nothing if it moved on or somebody else has it.
[[nodiscard]] std::optional<order> lock_overdue(store::tx& on, const std::string& id);

}  // namespace kieng::orders::order_store

// The table payments. Functions run inside a transaction and return values; database errors throw. Who changes a payment has locked its
// order first: order rows come before payments in the order of locks.
#pragma once

#include "node/payments/payment.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

// What a node does with a payment next, and when; nothing: nobody has to.
using next_step = std::optional<std::chrono::milliseconds>;

void insert_payment(store::tx& on, const payment& what, const std::string& payer_address,
                    next_step in, const std::string& by);
[[nodiscard]] std::optional<payment> find_payment(store::tx& on, const std::string& id);
[[nodiscard]] std::optional<payment> lock_payment(store::tx& on, const std::string& id);
// The first of these references that there is.
[[nodiscard]] std::optional<std::string> payment_by_reference(
    store::tx& on, const std::vector<std::string>& references);
// All attempts of an order, in order.
[[nodiscard]] std::vector<payment> payments_of_order(store::tx& on, const std::string& order);
// Writes what may change (status, references, what was captured, what the payer does next) and raises `what.version`.
void update_payment(store::tx& on, payment& what, next_step in, const std::string& by);

struct payment_filter {
    std::optional<status> state;
    std::optional<method> how;
    std::optional<wall_time> before_at;  // where the page before ended
    std::string before_id;
    int limit = 20;
};
// Newest first, one more than the limit where there is more.
[[nodiscard]] std::vector<payment> list_payments(store::tx& on, const payment_filter& what);

// A payment that a node looks after now; others leave it alone for the time of the lease.
struct due_payment {
    payment what;
    std::string payer_address;
    int steps = 0;  // times that somebody looked after it, this one included
};
[[nodiscard]] std::vector<due_payment> claim_due_payments(store::tx& on, int most,
                                                          std::chrono::milliseconds lease);
// Looks again after a while, or never; changes nothing else.
void postpone_payment(store::tx& on, const std::string& id, next_step in);

}  // namespace kieng::payments

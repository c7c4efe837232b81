// The table refunds. Functions run inside a transaction and return values; database errors throw. What a payment can still give back
// is decided by one conditional update, so refunds never exceed what came in, in any interleaving.
#pragma once

#include "node/payments/payment.hpp"
#include "node/payments/payment_store.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

// Takes the amount out of the payment and writes the refund down; false: there is not so much left, and nothing happened.
[[nodiscard]] bool insert_refund(store::tx& on, const refund& what, const std::string& cash_session,
                                 next_step in, const std::string& by);
[[nodiscard]] std::optional<refund> find_refund(store::tx& on, const std::string& id);
[[nodiscard]] std::optional<refund> lock_refund(store::tx& on, const std::string& id);
[[nodiscard]] std::vector<refund> refunds_of_payment(store::tx& on, const std::string& payment);
[[nodiscard]] std::vector<refund> refunds_of_order(store::tx& on, const std::string& order);
// Writes status, provider's reference and failure, and raises `what.version`. One that failed gives its amount back to the payment.
void update_refund(store::tx& on, refund& what, next_step in);

struct due_refund {
    refund what;
    int steps = 0;
};
[[nodiscard]] std::vector<due_refund> claim_due_refunds(store::tx& on, int most,
                                                        std::chrono::milliseconds lease);
void postpone_refund(store::tx& on, const std::string& id, next_step in);

}  // namespace kieng::payments

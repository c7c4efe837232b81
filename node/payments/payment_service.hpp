// Paying orders and paying back. Gateways are never asked from here: what they have to hear is written down in the same transaction and
// the caretaker tells them. Thread safe.
// All coroutines may also fail with database_unavailable, overloaded; writes with idempotency_key_reused, in_progress, outcome_unknown.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/audit_service.hpp"
#include "node/payments/cash_service.hpp"
#include "node/payments/context.hpp"
#include "node/payments/payment_store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

struct new_payment {
    method how = method::cash;
    std::optional<std::int64_t> tendered;  // cash in hand
    std::optional<std::string> till;       // whose drawer it falls into
};
struct new_refund {
    std::optional<std::int64_t> amount;  // none: all that is left
    std::string reason;
    std::optional<std::string> till;  // cash: the drawer it is taken from
};

// Who pays, from where.
struct payer {
    viewer sees;
    identity::actor who;
    bool at_counter = false;  // may take cash and cards
    bool english = false;
};

// A payment with what went back of it.
struct shown_payment {
    payment what;
    std::vector<refund> refunds;
};

class payment_service {
public:
    // `wake`: called after a commit that left something to do for the caretaker; any thread.
    payment_service(const context& in, const identity::audit_service& log,
                    std::function<void()> wake)
        : in_(in),
          log_(log),
          wake_(std::move(wake))
    {}

    // Errors: not_found, forbidden, already_paid, payment_pending, too_many_payment_attempts, invalid_transition, no_open_session,
    // validation_failed.
    task<result<store::written>> start(store::write_key key, std::string order_id, new_payment what,
                                       payer by);
    // Errors: not_found, invalid_transition.
    task<result<store::written>> cancel(store::write_key key, std::string id, payer by);
    // The money came: staff saw it. Also takes what is under review. Errors: not_found, invalid_transition, validation_failed.
    task<result<store::written>> settle(store::write_key key, std::string id, std::string reference,
                                        identity::actor by);
    // Errors: not_found, refund_too_large, no_open_session.
    task<result<store::written>> refund(store::write_key key, std::string id, new_refund what,
                                        identity::actor by);
    // A refund that staff pay by hand was paid, or cannot be. Errors: not_found, invalid_transition.
    task<result<store::written>> settle_refund(store::write_key key, std::string id, bool succeeded,
                                               identity::actor by);
    // Has the provider asked soon. Errors: not_found.
    task<result<void>> look_again(std::string id);

    // Errors: not_found.
    task<result<store::seen<shown_payment>>> find(std::string id, viewer by);
    // All attempts of an order. Errors: not_found.
    task<result<store::seen<std::vector<shown_payment>>>> of_order(std::string order_id, viewer by);
    task<result<store::seen<std::vector<payment>>>> list(payment_filter what);

    // For others that hold a transaction: pays back so much of what came in for an order, the newest payment first. Returns how much of it
    // could be begun.
    std::int64_t refund_order(store::tx& on, const std::string& order_id, std::int64_t amount,
                              const std::string& reason, const std::string& actor) const;

private:
    result<store::answer> start_in(store::tx& on, const std::string& order_id,
                                   const new_payment& what, const payer& by,
                                   const std::string& id) const;
    result<void> take_at_counter(store::tx& on, payment& made, const new_payment& what,
                                 const payer& by) const;
    result<store::answer> settle_in(store::tx& on, const std::string& id,
                                    const std::string& reference, const identity::actor& by) const;
    result<store::answer> refund_in(store::tx& on, const std::string& id, const new_refund& what,
                                    const identity::actor& by, payments::refund made) const;
    result<void> from_drawer(store::tx& on, payment& of, payments::refund& made,
                             const new_refund& what, const identity::actor& by) const;
    task<result<store::written>> write(store::write_key key, store::unit_of_work::business change);

    const context& in_;
    const identity::audit_service& log_;
    const std::function<void()> wake_;
};

}  // namespace kieng::payments

// The drawers of the tills: opened with a float, filled and emptied with a reason, closed with a count. Thread safe.
// All coroutines may also fail with database_unavailable, overloaded; writes with idempotency_key_reused, in_progress, outcome_unknown.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/audit_service.hpp"
#include "node/payments/cash_session.hpp"
#include "node/payments/cash_store.hpp"
#include "node/payments/context.hpp"

#include <string>
#include <vector>

namespace kieng::payments {

// Who stands at the till. `approves`: may see and close every session, and accept a large difference.
struct till_person {
    identity::actor who;
    bool approves = false;
};

class cash_service {
public:
    cash_service(const context& in, const identity::audit_service& log) : in_(in), log_(log) {}

    // Errors: session_already_open.
    task<result<store::written>> open(store::write_key key, cash_opening what, till_person by);
    // Errors: not_found (also for somebody else's), no_open_session, validation_failed (not so much in the drawer).
    task<result<store::written>> move(store::write_key key, std::string id, cash_transfer what,
                                      till_person by);
    // Errors: not_found, no_open_session, difference_too_large, money_overflow.
    task<result<store::written>> close(store::write_key key, std::string id, cash_closing what,
                                       till_person by);
    // Errors: not_found.
    task<result<store::seen<cash_report>>> report(std::string id, till_person by);
    task<result<store::seen<std::vector<cash_session>>>> list(session_filter what, till_person by);

    // For orders, in the transaction of a sale at the counter: writes the payment down, and its cash into the drawer of its till.
    // Errors: no_open_session, validation_failed (/payments, less tendered than due).
    result<payment> record(store::tx& on, counter_payment what) const;

private:
    const context& in_;
    const identity::audit_service& log_;
};

}  // namespace kieng::payments

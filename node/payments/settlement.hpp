// What a provider's word does to a payment and its order: one function for webhooks, IPNs, answers, questions and staff alike, so that
// early, late, doubled and contradicting messages come out the same whichever way they came. docs/PAYMENTS.md, "What counts".
//
// apply() runs inside a unit of work and may be called any number of times with the same report. Thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/payments/order_desk.hpp"
#include "node/payments/payment.hpp"
#include "node/payments/provider.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace kieng::payments {

enum class verdict : std::uint8_t {
    applied = 1,   // it changed something
    unchanged,     // it was known already, or says nothing
    wrong_amount,  // the money came, but not what was asked for
    unmatched,     // no payment of ours
};
[[nodiscard]] std::string_view name_of(verdict v) noexcept;

class settlement {
public:
    settlement(order_desk& orders, const clock& now, random& bits,
               std::chrono::milliseconds query_after)
        : orders_(orders),
          now_(now),
          bits_(bits),
          query_after_(query_after)
    {}

    verdict apply(store::tx& on, const std::string& payment_id, const report& what,
                  const std::string& actor) const;

    // Ends an open attempt without money. False: it was over. `at_gateway`: the gateway has to hear of it.
    bool cancel(store::tx& on, const std::string& payment_id, const std::string& reason,
                bool at_gateway, const std::string& actor) const;

    // Begins to give money back: what the provider does itself is due at once, the rest waits for staff. False: it exceeds what is left.
    bool give_back(store::tx& on, payment& of, refund what, bool by_provider,
                   const std::string& actor) const;
    // How a refund went on.
    void apply(store::tx& on, const std::string& refund_id, const refund_report& what,
               const std::string& actor) const;

private:
    verdict paid(store::tx& on, payment& of, const report& what, const std::string& actor) const;
    verdict stray(store::tx& on, const payment& of, const report& what,
                  const std::string& actor) const;
    verdict declined(store::tx& on, payment& of, const report& what,
                     const std::string& actor) const;
    verdict waiting(store::tx& on, payment& of, const report& what, const std::string& actor) const;
    void send_back(store::tx& on, payment& of, std::string reason, const std::string& actor) const;
    void drop_other_attempts(store::tx& on, const payment& of, const std::string& actor) const;

    order_desk& orders_;
    const clock& now_;
    random& bits_;
    const std::chrono::milliseconds query_after_;
};

}  // namespace kieng::payments

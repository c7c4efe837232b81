// A way to pay, as the rest of the capability sees it: what it needs to begin, what became of a payment, how money goes back.
//
// prepare() and verify_webhook() are pure. The others may ask a gateway and take as long as its deadline; they run outside of any
// transaction and may be called again for the same payment or refund: providers repeat under the same key. Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/payments/payment.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::payments {

// A payment about to begin.
struct intent {
    std::string payment_id, order_id, order_number, reference;
    money amount;
    std::string payer_address;
    bool english = false;
    wall_time at{};
    std::optional<wall_time> held_until;  // when the order gives up its goods
};

// How it began.
struct started {
    status state = status::pending;  // or processing, where a gateway waits for the payer
    std::string provider_ref;
    next_action action;
    std::optional<wall_time> expires_at;
};

enum class outcome : std::uint8_t { unknown = 1, waiting, authorized, paid, declined };

// What a provider says became of a payment.
struct report {
    outcome what = outcome::unknown;
    std::string provider_ref;
    std::optional<money> amount;   // what was paid; unset: what was asked for
    std::string code;              // why not
    std::optional<started> begun;  // create(): how it began, unless it is over already
};

struct refund_report {
    refund_status state = refund_status::processing;
    std::string provider_ref;
    std::string code;
};

// A message of a provider.
struct webhook {
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::vector<std::pair<std::string, std::string>> query;    // decoded
    std::string raw;                                           // body, or query where there is none
};

// What it means.
struct notice {
    std::string event_id;
    std::vector<std::string> references;  // ours, in the order they are tried
    report what;
};

class provider {
public:
    virtual ~provider() = default;

    [[nodiscard]] virtual method how() const noexcept = 0;
    [[nodiscard]] virtual bool takes(std::string_view currency) const = 0;
    // Whether money goes back through the provider's own hands; otherwise staff pay it back and say so.
    [[nodiscard]] virtual bool refunds_itself() const noexcept { return false; }
    // Whether query() can tell anything.
    [[nodiscard]] virtual bool can_query() const noexcept { return false; }
    // Whether staff may say that the money came.
    [[nodiscard]] virtual bool settled_by_staff() const noexcept { return false; }

    // How a payment begins that needs nobody else; nothing: create() has to ask the gateway.
    [[nodiscard]] virtual std::optional<started> prepare(const intent& what) const = 0;

    // Errors of all that follow: gateway_unavailable (try again).
    virtual task<result<report>> create(payment of, std::string payer_address);
    virtual task<result<report>> query(payment of);
    virtual task<result<report>> capture(payment of);
    virtual task<result<report>> cancel(payment of);
    virtual task<result<refund_report>> refund(payment of, payments::refund what);
    // Errors: signature_invalid, validation_failed.
    [[nodiscard]] virtual result<notice> verify_webhook(const webhook& what, wall_time now) const;
};

}  // namespace kieng::payments

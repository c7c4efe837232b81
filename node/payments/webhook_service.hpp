// What providers tell us: verified over the bytes as they came, stored, and only then acted upon. A message about a payment that is not
// there yet stays stored and is tried again; one that came before changes nothing. Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/payments/context.hpp"
#include "node/payments/provider.hpp"
#include "node/payments/vnpay.hpp"
#include "node/payments/webhook_store.hpp"

#include <functional>
#include <string>

namespace kieng::payments {

enum class taken : std::uint8_t { applied = 1, unchanged, wrong_amount, waits };
[[nodiscard]] std::string_view name_of(taken how) noexcept;

class webhook_service {
public:
    webhook_service(const context& in, std::function<void()> wake) : in_(in), wake_(std::move(wake))
    {}

    // `waits`: no payment of ours yet; it is stored and tried again.
    // Errors: not_found (no such provider), signature_invalid, malformed_json, validation_failed, database_unavailable, overloaded,
    // outcome_unknown (the provider sends it again).
    task<result<taken>> take(method how, webhook what);

    // The same for VNPay, in its own words.
    task<vnpay::reply> take_ipn(webhook what);

    // Acts on one that is stored; `last`: it is not tried again.
    task<result<taken>> act(stored_webhook what, notice said, bool last);
    // What a stored message says. It was verified when it came.
    [[nodiscard]] result<notice> read(const stored_webhook& what) const;

private:
    const context& in_;
    const std::function<void()> wake_;
};

}  // namespace kieng::payments

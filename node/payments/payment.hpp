// What a payment and a refund are, and the only ways they may change. Plain values: no clock, no database, no JSON.
#pragma once

#include "base/clock.hpp"
#include "base/money.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::payments {

// How money comes in; `card`: on a card terminal of the shop. The numbers are stored, and are those of an order's payment method.
enum class method : std::uint8_t { cash = 1, bank_transfer, cod, vnpay, mock, card };
inline constexpr std::array kMethods{method::cash,  method::bank_transfer, method::cod,
                                     method::vnpay, method::mock,          method::card};
[[nodiscard]] std::string_view name_of(method m) noexcept;
[[nodiscard]] std::optional<method> method_of(std::string_view name) noexcept;

// The numbers are stored. `review`: money came that no order waits for; it is given back, or a person decides.
enum class status : std::uint8_t { pending = 1, processing, completed, failed, cancelled, review };
inline constexpr std::array kStatuses{status::pending, status::processing, status::completed,
                                      status::failed,  status::cancelled,  status::review};
[[nodiscard]] std::string_view name_of(status s) noexcept;
[[nodiscard]] std::optional<status> status_of(std::string_view name) noexcept;

struct transition {
    status from, to;
};
// A payment that is over never begins again: what comes late goes through `review`. docs/PAYMENTS.md, "Life of a payment".
inline constexpr std::array kTransitions{
    transition{status::pending, status::processing},
    transition{status::pending, status::completed},
    transition{status::pending, status::failed},
    transition{status::pending, status::cancelled},
    transition{status::pending, status::review},
    transition{status::processing, status::completed},
    transition{status::processing, status::failed},
    transition{status::processing, status::cancelled},
    transition{status::processing, status::review},
    transition{status::failed, status::review},
    transition{status::cancelled, status::review},
    transition{status::review, status::completed},
};
[[nodiscard]] constexpr bool may_become(status from, status to) noexcept
{
    for (const auto& one : kTransitions) {
        if (one.from == from && one.to == to) return true;
    }
    return false;
}
// Whether the payment still waits for its money.
[[nodiscard]] constexpr bool is_open(status s) noexcept
{
    return s == status::pending || s == status::processing;
}

// One try to pay an order and three more.
inline constexpr int kMaxAttempts = 4;

// What the payer does next.
struct next_action {
    enum class kind : std::uint8_t { none = 1, redirect, qr };
    kind what = kind::none;
    std::string url;   // redirect
    std::string text;  // qr: the text that the code holds
};

// A payment as it is told. `reference` is ours and stands in bank messages and at gateways, `provider_ref` is theirs.
struct payment {
    std::string id, order_id, order_number, reference, provider_ref;
    std::string account, guest;  // the buyer: a user id, or the id of a guest token
    method how = method::cash;
    status state = status::pending;
    int attempt = 1;
    money amount;
    std::int64_t captured = 0;
    std::int64_t refunded = 0;  // given back or about to be
    bool authorized = false;    // the gateway holds the money for us
    std::string failure_code;
    next_action action;
    std::optional<std::int64_t> tendered;
    std::string cash_session;
    std::optional<wall_time> expires_at;
    std::int64_t version = 1;
    wall_time created_at{}, updated_at{};
};

// Whether the order took this money: then it has to hear when it goes back.
[[nodiscard]] inline bool counts_for_order(const payment& of) noexcept
{
    return of.state == status::completed && of.failure_code.empty();
}

// The numbers are stored.
enum class refund_status : std::uint8_t { pending = 1, processing, completed, failed };
inline constexpr std::array kRefundStatuses{refund_status::pending, refund_status::processing,
                                            refund_status::completed, refund_status::failed};
[[nodiscard]] std::string_view name_of(refund_status s) noexcept;
[[nodiscard]] constexpr bool may_become(refund_status from, refund_status to) noexcept
{
    if (from == refund_status::pending) return to != refund_status::pending;
    return from == refund_status::processing &&
           (to == refund_status::completed || to == refund_status::failed);
}

struct refund {
    std::string id, payment_id, order_id, reason, provider_ref, failure_code;
    money amount;
    refund_status state = refund_status::pending;
    bool automatic = false;  // money that came too late or twice
    std::int64_t version = 1;
    wall_time created_at{}, updated_at{};
};

// Our name for an attempt: letters and digits only, because banks drop the rest ("DH-261120-000123", 2 -> "DH261120000123T2").
[[nodiscard]] std::string reference_of(std::string_view order_number, int attempt);
// The names of that form in a text that people and banks have been at, in order; case does not count.
[[nodiscard]] std::vector<std::string> references_in(std::string_view text);

}  // namespace kieng::payments

// Every expected failure of the product, in one enum, so that the table from failure to HTTP answer can be total and
// checked by the compiler (node/platform/http/problem_table.cpp).
//
// Enumerators start at 1: an enumerator of value 0 would read as "no error" in boolean contexts.
// Values are never sent or stored; the wire carries the names returned by name_of().
#pragma once

#include <string_view>

namespace kieng {

enum class errc {
    bad_request = 1,
    malformed_json,
    invalid_parameter,
    cursor_invalid,
    idempotency_key_invalid,
    idempotency_key_missing,
    version_ambiguous,
    version_missing,
    version_invalid,
    unauthenticated,
    token_invalid,
    token_expired,
    session_ended,
    token_reused,
    invalid_credentials,
    signature_invalid,
    forbidden,
    account_disabled,
    not_found,
    method_not_allowed,
    not_acceptable,
    request_timeout,
    email_taken,
    slug_taken,
    sku_taken,
    barcode_taken,
    version_conflict,
    status_transition_refused,
    category_in_use,
    product_has_orders,
    last_owner,
    address_limit_reached,
    price_changed,
    insufficient_stock,
    product_unavailable,
    invalid_transition,
    document_closed,
    location_in_use,
    no_open_session,
    session_already_open,
    difference_too_large,
    already_paid,
    payment_pending,
    too_many_payment_attempts,
    refund_too_large,
    return_too_large,
    return_window_closed,
    in_progress,
    abandoned,
    history_changed,
    other_incarnation,
    payload_too_large,
    uri_too_long,
    unsupported_media_type,
    expectation_failed,
    validation_failed,
    idempotency_key_reused,
    weak_password,
    password_too_long,
    wrong_password,
    category_cycle,
    category_too_deep,
    csv_invalid,
    money_overflow,
    currency_mixed,
    version_required,
    rate_limited,
    too_many_attempts,
    hashing_busy,
    stock_busy,
    header_too_large,
    internal_error,
    not_implemented,
    overloaded,
    starting,
    draining,
    database_unavailable,
    outcome_unknown,
    gateway_unavailable,
    version_not_supported,
};

// The last enumerator, for tests that walk all of them.
inline constexpr errc kLastErrc = errc::version_not_supported;

// The stable English name sent as `code`, for example "version_conflict".
[[nodiscard]] std::string_view name_of(errc code) noexcept;

}  // namespace kieng

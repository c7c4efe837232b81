#include "base/errc.hpp"

namespace kieng {

std::string_view name_of(errc code) noexcept
{
    switch (code) {
    case errc::bad_request: return "bad_request";
    case errc::malformed_json: return "malformed_json";
    case errc::invalid_parameter: return "invalid_parameter";
    case errc::cursor_invalid: return "cursor_invalid";
    case errc::idempotency_key_invalid: return "idempotency_key_invalid";
    case errc::idempotency_key_missing: return "idempotency_key_missing";
    case errc::version_ambiguous: return "version_ambiguous";
    case errc::version_missing: return "version_missing";
    case errc::version_invalid: return "version_invalid";
    case errc::unauthenticated: return "unauthenticated";
    case errc::token_invalid: return "token_invalid";
    case errc::token_expired: return "token_expired";
    case errc::session_ended: return "session_ended";
    case errc::token_reused: return "token_reused";
    case errc::invalid_credentials: return "invalid_credentials";
    case errc::signature_invalid: return "signature_invalid";
    case errc::forbidden: return "forbidden";
    case errc::account_disabled: return "account_disabled";
    case errc::not_found: return "not_found";
    case errc::method_not_allowed: return "method_not_allowed";
    case errc::not_acceptable: return "not_acceptable";
    case errc::request_timeout: return "request_timeout";
    case errc::email_taken: return "email_taken";
    case errc::slug_taken: return "slug_taken";
    case errc::sku_taken: return "sku_taken";
    case errc::barcode_taken: return "barcode_taken";
    case errc::version_conflict: return "version_conflict";
    case errc::status_transition_refused: return "status_transition_refused";
    case errc::category_in_use: return "category_in_use";
    case errc::product_has_orders: return "product_has_orders";
    case errc::last_owner: return "last_owner";
    case errc::address_limit_reached: return "address_limit_reached";
    case errc::price_changed: return "price_changed";
    case errc::insufficient_stock: return "insufficient_stock";
    case errc::product_unavailable: return "product_unavailable";
    case errc::invalid_transition: return "invalid_transition";
    case errc::document_closed: return "document_closed";
    case errc::location_in_use: return "location_in_use";
    case errc::no_open_session: return "no_open_session";
    case errc::session_already_open: return "session_already_open";
    case errc::difference_too_large: return "difference_too_large";
    case errc::already_paid: return "already_paid";
    case errc::payment_pending: return "payment_pending";
    case errc::too_many_payment_attempts: return "too_many_payment_attempts";
    case errc::refund_too_large: return "refund_too_large";
    case errc::return_too_large: return "return_too_large";
    case errc::return_window_closed: return "return_window_closed";
    case errc::in_progress: return "in_progress";
    case errc::abandoned: return "abandoned";
    case errc::history_changed: return "history_changed";
    case errc::other_incarnation: return "other_incarnation";
    case errc::payload_too_large: return "payload_too_large";
    case errc::uri_too_long: return "uri_too_long";
    case errc::unsupported_media_type: return "unsupported_media_type";
    case errc::expectation_failed: return "expectation_failed";
    case errc::validation_failed: return "validation_failed";
    case errc::idempotency_key_reused: return "idempotency_key_reused";
    case errc::weak_password: return "weak_password";
    case errc::password_too_long: return "password_too_long";
    case errc::wrong_password: return "wrong_password";
    case errc::category_cycle: return "category_cycle";
    case errc::category_too_deep: return "category_too_deep";
    case errc::csv_invalid: return "csv_invalid";
    case errc::money_overflow: return "money_overflow";
    case errc::currency_mixed: return "currency_mixed";
    case errc::version_required: return "version_required";
    case errc::rate_limited: return "rate_limited";
    case errc::too_many_attempts: return "too_many_attempts";
    case errc::hashing_busy: return "hashing_busy";
    case errc::stock_busy: return "stock_busy";
    case errc::header_too_large: return "header_too_large";
    case errc::internal_error: return "internal_error";
    case errc::not_implemented: return "not_implemented";
    case errc::overloaded: return "overloaded";
    case errc::starting: return "starting";
    case errc::draining: return "draining";
    case errc::database_unavailable: return "database_unavailable";
    case errc::outcome_unknown: return "outcome_unknown";
    case errc::gateway_unavailable: return "gateway_unavailable";
    case errc::version_not_supported: return "version_not_supported";
    }
    return "internal_error";
}

}  // namespace kieng

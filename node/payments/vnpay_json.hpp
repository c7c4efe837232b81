// VNPay's merchant API: questions about a payment (querydr) and refunds. Each message is signed over its members in a fixed order,
// with '|' between them. Pure functions.
#pragma once

#include "base/result.hpp"
#include "node/payments/provider.hpp"
#include "node/payments/vnpay.hpp"

#include <string>
#include <string_view>

namespace kieng::payments::vnpay {

[[nodiscard]] std::string query_body(const shop& of, const payment& what, std::string_view request,
                                     wall_time now);
[[nodiscard]] std::string refund_body(const shop& of, const payment& what, const refund& how,
                                      wall_time now);

// Errors: gateway_unavailable for an answer without a good signature, or one that says to ask later.
[[nodiscard]] result<report> read_query_answer(const shop& of, std::string_view body);
[[nodiscard]] result<refund_report> read_refund_answer(const shop& of, std::string_view body);

}  // namespace kieng::payments::vnpay

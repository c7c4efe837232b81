// Payments and refunds on the wire. Reading is strict: all faults of a body at once. Pure functions.
#pragma once

#include "base/result.hpp"
#include "node/payments/payment_service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::payments {

// Errors: malformed_json, validation_failed.
[[nodiscard]] result<new_payment> read_new_payment(std::string_view body);
[[nodiscard]] result<new_refund> read_new_refund(std::string_view body);
// {"reference": ".."}, empty without one.
[[nodiscard]] result<std::string> read_settlement(std::string_view body);
// {"succeeded": true}
[[nodiscard]] result<bool> read_refund_settlement(std::string_view body);

// With the QR code as a drawing, where there is one.
[[nodiscard]] std::string to_json(const shown_payment& what);
[[nodiscard]] std::string to_json(const payment& of, const refund& what);
// [..] without drawings.
[[nodiscard]] std::string to_json(const std::vector<shown_payment>& all);
[[nodiscard]] std::string to_json(const payment& what);

}  // namespace kieng::payments

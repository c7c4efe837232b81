// Cash sessions on the wire. Reading is strict: all faults of a body at once. Pure functions.
#pragma once

#include "base/result.hpp"
#include "node/payments/cash_session.hpp"

#include <string>
#include <string_view>

namespace kieng::payments {

// `currency`: where the body names none. Errors: malformed_json, validation_failed.
[[nodiscard]] result<cash_opening> read_cash_opening(std::string_view body,
                                                     const std::string& currency);
[[nodiscard]] result<cash_transfer> read_cash_transfer(std::string_view body);
[[nodiscard]] result<cash_closing> read_cash_closing(std::string_view body);

[[nodiscard]] std::string to_json(const cash_session& what);
[[nodiscard]] std::string to_json(const cash_report& what);

}  // namespace kieng::payments

// Messages of banks and of the mock gateway, and the gateway's answers, as JSON. Strict about what we act upon, deaf to the rest:
// providers add members as they please. Pure functions.
#pragma once

#include "base/result.hpp"
#include "node/payments/provider.hpp"

#include <string>
#include <string_view>

namespace kieng::payments {

// {"id":"..","transaction":"..","amount":180000,"currency":"VND","description":"thanh toan DH261120000123T1"}
// Errors: malformed_json, validation_failed.
[[nodiscard]] result<notice> read_bank_notice(std::string_view body);

// {"id":"evt_..","payment":{...}} as the mock gateway sends it. Errors: malformed_json, validation_failed.
[[nodiscard]] result<notice> read_mock_notice(std::string_view body);

// {"id":"pay_..","reference":"..","status":"pending|authorized|paid|declined|cancelled","amount":1,"currency":"VND","code":"..",
//  "redirectUrl":".."}. Errors: gateway_unavailable for what is no such answer.
[[nodiscard]] result<report> read_mock_payment(std::string_view body);
// {"id":"re_..","status":"pending|paid|declined","code":".."}. Errors: gateway_unavailable.
[[nodiscard]] result<refund_report> read_mock_refund(std::string_view body);

[[nodiscard]] std::string mock_payment_body(const payment& of);
[[nodiscard]] std::string mock_refund_body(const payment& of, const refund& what);

}  // namespace kieng::payments

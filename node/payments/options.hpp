// What an operator can set about payments. A provider whose settings are empty is not offered. Plain values.
#pragma once

#include "node/payments/vietqr.hpp"
#include "node/payments/vnpay.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace kieng::payments {

struct payment_options {
    vnpay::shop vnpay;             // VNPAY_TMN_CODE, VNPAY_HASH_SECRET, VNPAY_URL
    std::string vnpay_api_url;     // VNPAY_API_URL: questions and refunds; empty: neither
    std::string vnpay_return_url;  // VNPAY_RETURN_URL
    bank_account bank;             // BANK_BIN, BANK_ACCOUNT, BANK_ACCOUNT_NAME
    std::string bank_secret;       // BANK_WEBHOOK_SECRET; empty: staff settle transfers
    std::string mock_url;          // MOCK_GATEWAY_URL
    std::string mock_secret;       // MOCK_GATEWAY_SECRET
    std::chrono::milliseconds query_after{120'000};     // PAYMENT_QUERY_AFTER
    std::chrono::milliseconds gateway_timeout{10'000};  // PAYMENT_GATEWAY_TIMEOUT
    std::int64_t cash_difference = 50'000;              // CASH_DIFFERENCE_LIMIT, in minor units

    [[nodiscard]] bool has_vnpay() const noexcept { return !vnpay.terminal.empty(); }
    [[nodiscard]] bool has_bank() const noexcept { return !bank.number.empty(); }
    [[nodiscard]] bool has_mock() const noexcept { return !mock_url.empty(); }
};

}  // namespace kieng::payments

#include "node/settings_payments.hpp"

#include "node/platform/http/http_client.hpp"

namespace kieng::node {
namespace {

constexpr std::size_t kSecretBytes = 32;

// An address with a path, unlike those of nodes; empty: not set.
std::string address(settings_reader& in, std::string_view name, std::string value,
                    std::string_view example)
{
    if (!value.empty() && !http::http_client::is_url(value))
        in.fault(name, "is '" + value + "'; an http:// or https:// address is allowed",
                 std::string(example));
    return value;
}

// Settings that mean something together only.
void together(settings_reader& in, std::string_view with, bool wanted, std::string_view name,
              const std::string& value)
{
    if (wanted && value.empty())
        in.fault(name, "is missing; " + std::string(with) + " needs it");
    else if (!wanted && !value.empty())
        in.fault(with, "is missing; " + std::string(name) + " is nothing without it");
}

void read_vnpay(settings_reader& in, payments::payment_options& out)
{
    constexpr std::string_view pay = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html";
    constexpr std::string_view api = "https://sandbox.vnpayment.vn/merchant_webapi/api/transaction";
    out.vnpay.terminal = in.text("VNPAY_TMN_CODE");
    out.vnpay.secret = in.text("VNPAY_HASH_SECRET");
    out.vnpay.pay_url = address(in, "VNPAY_URL", in.text("VNPAY_URL"), pay);
    out.vnpay_api_url = address(in, "VNPAY_API_URL", in.text("VNPAY_API_URL"), api);
    out.vnpay_return_url = address(in, "VNPAY_RETURN_URL", in.text("VNPAY_RETURN_URL"),
                                   "https://shop.example/app/paid");
    const bool wanted = out.has_vnpay();
    together(in, "VNPAY_TMN_CODE", wanted, "VNPAY_HASH_SECRET", out.vnpay.secret);
    together(in, "VNPAY_TMN_CODE", wanted, "VNPAY_URL", out.vnpay.pay_url);
    together(in, "VNPAY_TMN_CODE", wanted, "VNPAY_RETURN_URL", out.vnpay_return_url);
}

void read_bank(settings_reader& in, payments::payment_options& out)
{
    out.bank.bin = in.text("BANK_BIN");
    out.bank.number = in.text("BANK_ACCOUNT");
    out.bank.holder = in.text("BANK_ACCOUNT_NAME");
    together(in, "BANK_ACCOUNT", out.has_bank(), "BANK_BIN", out.bank.bin);
    if (!out.bank.bin.empty() && !payments::is_bank_bin(out.bank.bin))
        in.fault("BANK_BIN", "is '" + out.bank.bin + "'; the six digits of a bank are allowed",
                 "970436");
    if (out.has_bank() && !payments::is_bank_account(out.bank.number))
        in.fault("BANK_ACCOUNT",
                 "is '" + out.bank.number + "'; up to 19 letters and digits are allowed",
                 "0011012345678");
    if (!in.text("BANK_WEBHOOK_SECRET").empty())
        out.bank_secret = in.secret("BANK_WEBHOOK_SECRET", kSecretBytes);
}

}  // namespace

payments::payment_options read_payments(settings_reader& in)
{
    payments::payment_options out;
    read_vnpay(in, out);
    read_bank(in, out);
    out.mock_url = in.url("MOCK_GATEWAY_URL");
    if (out.has_mock()) out.mock_secret = in.secret("MOCK_GATEWAY_SECRET", kSecretBytes);
    out.query_after = in.duration("PAYMENT_QUERY_AFTER", std::chrono::minutes(2),
                                  std::chrono::seconds(1), std::chrono::minutes(60));
    out.gateway_timeout = in.duration("PAYMENT_GATEWAY_TIMEOUT", std::chrono::seconds(10),
                                      std::chrono::milliseconds(100), std::chrono::seconds(60));
    out.cash_difference = in.number("CASH_DIFFERENCE_LIMIT", 50'000, 0, 9'000'000'000'000'000);
    return out;
}

}  // namespace kieng::node

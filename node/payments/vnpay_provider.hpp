// VNPay: the payer is sent to its page, the result comes by IPN; questions and refunds go to its merchant API.
#pragma once

#include "node/payments/gateway_tools.hpp"
#include "node/payments/options.hpp"
#include "node/payments/provider.hpp"

namespace kieng::payments {

class vnpay_provider final : public provider {
public:
    vnpay_provider(const payment_options& how, gateway_tools with)
        : shop_(how.vnpay),
          api_url_(how.vnpay_api_url),
          return_url_(how.vnpay_return_url),
          with_(with)
    {}
    [[nodiscard]] method how() const noexcept override { return method::vnpay; }
    [[nodiscard]] bool takes(std::string_view currency) const override { return currency == "VND"; }
    [[nodiscard]] bool refunds_itself() const noexcept override { return !api_url_.empty(); }
    [[nodiscard]] bool can_query() const noexcept override { return !api_url_.empty(); }
    [[nodiscard]] std::optional<started> prepare(const intent& what) const override;

    task<result<report>> query(payment of) override;
    task<result<refund_report>> refund(payment of, payments::refund what) override;
    // The query of an IPN.
    [[nodiscard]] result<notice> verify_webhook(const webhook& what, wall_time now) const override;

private:
    task<result<std::string>> ask(std::string body) const;

    const vnpay::shop shop_;
    const std::string api_url_, return_url_;
    const gateway_tools with_;
};

}  // namespace kieng::payments

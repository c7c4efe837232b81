// The mock gateway (scripts/mock-gateway.py): a real process that declines, stalls and loses answers, for tests and demonstrations.
#pragma once

#include "node/payments/gateway_tools.hpp"
#include "node/payments/provider.hpp"

namespace kieng::payments {

class mock_provider : public provider {
public:
    mock_provider(std::string url, std::string secret, gateway_tools with)
        : url_(std::move(url)),
          secret_(std::move(secret)),
          with_(with)
    {}
    [[nodiscard]] method how() const noexcept override { return method::mock; }
    [[nodiscard]] bool takes(std::string_view) const override { return true; }
    [[nodiscard]] bool refunds_itself() const noexcept override { return true; }
    [[nodiscard]] bool can_query() const noexcept override { return true; }
    [[nodiscard]] std::optional<started> prepare(const intent&) const override { return {}; }

    task<result<report>> create(payment of, std::string payer_address) override;
    task<result<report>> query(payment of) override;
    task<result<report>> capture(payment of) override;
    task<result<report>> cancel(payment of) override;
    task<result<refund_report>> refund(payment of, payments::refund what) override;
    [[nodiscard]] result<notice> verify_webhook(const webhook& what, wall_time now) const override;

private:
    task<result<report>> ask(std::string verb, std::string path, std::string body,
                             std::string key) const;
    [[nodiscard]] http::client_request request(std::string verb, std::string path, std::string body,
                                               std::string key) const;

    const std::string url_, secret_;
    const gateway_tools with_;
};

}  // namespace kieng::payments

// Ways to pay that need no gateway: at the counter, by a bank transfer with a QR code, and on delivery.
#pragma once

#include "node/payments/options.hpp"
#include "node/payments/provider.hpp"

namespace kieng::payments {

// Cash, and cards on a terminal of the shop: complete at once, at a till; the drawer is the service's business.
class counter_provider final : public provider {
public:
    explicit counter_provider(method how) : how_(how) {}
    [[nodiscard]] method how() const noexcept override { return how_; }
    [[nodiscard]] bool takes(std::string_view) const override { return true; }
    [[nodiscard]] std::optional<started> prepare(const intent& what) const override;

private:
    const method how_;
};

// The buyer pays the carrier; staff settle it once the carrier has paid out.
class cod_provider final : public provider {
public:
    [[nodiscard]] method how() const noexcept override { return method::cod; }
    [[nodiscard]] bool takes(std::string_view) const override { return true; }
    [[nodiscard]] bool settled_by_staff() const noexcept override { return true; }
    [[nodiscard]] std::optional<started> prepare(const intent& what) const override;
};

// A VietQR code that carries amount and reference. The bank tells by webhook, or staff find the transfer and settle it.
class bank_provider final : public provider {
public:
    bank_provider(bank_account to, std::string secret)
        : to_(std::move(to)),
          secret_(std::move(secret))
    {}
    [[nodiscard]] method how() const noexcept override { return method::bank_transfer; }
    [[nodiscard]] bool takes(std::string_view currency) const override { return currency == "VND"; }
    [[nodiscard]] bool settled_by_staff() const noexcept override { return true; }
    [[nodiscard]] std::optional<started> prepare(const intent& what) const override;
    [[nodiscard]] result<notice> verify_webhook(const webhook& what, wall_time now) const override;

private:
    const bank_account to_;
    const std::string secret_;
};

// The value of a header, if it is there once.
[[nodiscard]] std::string_view header_of(const webhook& what, std::string_view lower_case_name);
// Whether a message carries a good, recent signature of the secret. Errors: signature_invalid.
[[nodiscard]] result<void> check_signature(const webhook& what, std::string_view secret,
                                           wall_time now);

}  // namespace kieng::payments

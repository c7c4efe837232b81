// The ways to pay that this shop offers, by what is set. Constant after construction; thread safe as its members are.
#pragma once

#include "node/payments/gateway_tools.hpp"
#include "node/payments/options.hpp"
#include "node/payments/provider.hpp"

#include <memory>
#include <vector>

namespace kieng::payments {

class providers {
public:
    providers(const payment_options& how, gateway_tools with);

    // One more, or another one in place of what is there: before anybody asks.
    void put(std::unique_ptr<provider> way);

    // Null: not offered.
    [[nodiscard]] provider* find(method how) const noexcept;
    // Names of what takes this currency: "cash|cod|...".
    [[nodiscard]] std::string names(std::string_view currency) const;

private:
    std::vector<std::unique_ptr<provider>> all_;
};

}  // namespace kieng::payments

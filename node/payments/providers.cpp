#include "node/payments/providers.hpp"

#include "node/payments/local_providers.hpp"
#include "node/payments/mock_provider.hpp"
#include "node/payments/vnpay_provider.hpp"

namespace kieng::payments {

providers::providers(const payment_options& how, gateway_tools with)
{
    all_.push_back(std::make_unique<counter_provider>(method::cash));
    all_.push_back(std::make_unique<counter_provider>(method::card));
    all_.push_back(std::make_unique<cod_provider>());
    if (how.has_bank()) all_.push_back(std::make_unique<bank_provider>(how.bank, how.bank_secret));
    if (how.has_vnpay()) all_.push_back(std::make_unique<vnpay_provider>(how, with));
    if (how.has_mock())
        all_.push_back(std::make_unique<mock_provider>(how.mock_url, how.mock_secret, with));
}

void providers::put(std::unique_ptr<provider> way)
{
    std::erase_if(all_, [&](const auto& one) { return one->how() == way->how(); });
    all_.push_back(std::move(way));
}

provider* providers::find(method how) const noexcept
{
    for (const auto& one : all_) {
        if (one->how() == how) return one.get();
    }
    return nullptr;
}

std::string providers::names(std::string_view currency) const
{
    std::string out;
    for (const auto& one : all_) {
        if (!one->takes(currency)) continue;
        if (!out.empty()) out += '|';
        out += name_of(one->how());
    }
    return out;
}

}  // namespace kieng::payments

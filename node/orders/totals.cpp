#include "node/orders/totals.hpp"

#include <algorithm>
#include <numeric>

namespace kieng::orders {
namespace {

__extension__ using wide = __int128;

failure too_much()
{
    return failure(errc::money_overflow);
}

}  // namespace

result<std::int64_t> times(std::int64_t unit_price, std::int64_t quantity)
{
    const wide product = static_cast<wide>(unit_price) * quantity;
    if (product > kMaxMoney || product < -static_cast<wide>(kMaxMoney)) return too_much();
    return static_cast<std::int64_t>(product);
}

result<money> total(std::span<const priced_line> lines)
{
    money out;
    wide sum = 0;
    for (const auto& one : lines) {
        if (out.currency.empty()) out.currency = one.unit_price.currency;
        if (one.unit_price.currency != out.currency) return failure(errc::currency_mixed);
        const auto product = times(one.unit_price.minor, one.quantity);
        if (!product) return product.error();
        sum += *product;
    }
    if (sum > kMaxMoney) return too_much();
    out.minor = static_cast<std::int64_t>(sum);
    return out;
}

result<std::int64_t> total(std::span<const order_line> lines)
{
    wide sum = 0;
    for (const auto& one : lines) {
        const auto product = times(one.unit_price, one.quantity);
        if (!product) return product.error();
        sum += *product;
    }
    if (sum > kMaxMoney) return too_much();
    return static_cast<std::int64_t>(sum);
}

std::int64_t share_of(std::int64_t amount, std::int64_t basis_points) noexcept
{
    constexpr wide kWhole = 10'000;
    return static_cast<std::int64_t>((static_cast<wide>(amount) * basis_points + kWhole / 2) /
                                     kWhole);
}

std::vector<std::int64_t> spread(std::int64_t amount, std::span<const std::int64_t> weights)
{
    std::vector<std::int64_t> out(weights.size(), 0);
    if (out.empty()) return out;
    const wide all = std::accumulate(weights.begin(), weights.end(), wide{0});
    if (all == 0) {
        out.front() = amount;
        return out;
    }
    std::vector<std::int64_t> remainders;
    wide given = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const wide product = static_cast<wide>(amount) * weights[i];
        out[i] = static_cast<std::int64_t>(product / all);
        remainders.push_back(static_cast<std::int64_t>(product % all));
        given += out[i];
    }
    std::vector<std::size_t> turn(out.size());
    std::iota(turn.begin(), turn.end(), std::size_t{0});
    std::stable_sort(turn.begin(), turn.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    const auto left = static_cast<std::size_t>(static_cast<wide>(amount) - given);
    for (std::size_t i = 0; i < left; ++i) ++out[turn[i]];
    return out;
}

}  // namespace kieng::orders

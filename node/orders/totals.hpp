// Sums of money without rounding and without overflow: products and sums are kept in 128 bits, and what does not fit into 9 x 10^15 minor
// units is a failure, never a wrong number. Pure functions, thread safe.
#pragma once

#include "base/money.hpp"
#include "base/result.hpp"
#include "node/orders/order.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kieng::orders {

struct priced_line {
    std::int64_t quantity = 1;
    money unit_price;
};

// Errors: money_overflow.
[[nodiscard]] result<std::int64_t> times(std::int64_t unit_price, std::int64_t quantity);
// Errors: money_overflow, currency_mixed. No lines: nothing of no currency.
[[nodiscard]] result<money> total(std::span<const priced_line> lines);
// The same of the lines of one order, whose currency is known.
[[nodiscard]] result<std::int64_t> total(std::span<const order_line> lines);

// A share in basis points (12.5 % = 1250), halves rounded up. `amount` is 0 or more, `basis_points` within 0..10000.
[[nodiscard]] std::int64_t share_of(std::int64_t amount, std::int64_t basis_points) noexcept;

// Parts an amount in proportion to the weights so that the parts sum up to it exactly: each gets its whole share, and what remains goes by
// one to the largest remainders, the first of equals before. All weights 0: everything to the first.
[[nodiscard]] std::vector<std::int64_t> spread(std::int64_t amount,
                                               std::span<const std::int64_t> weights);

}  // namespace kieng::orders

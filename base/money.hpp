// Money is an integer of minor units and an ISO 4217 currency; never floating point.
// Source of the limits: prices and totals go up to 9 x 10^15, the largest integer every JSON reader keeps exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng {

inline constexpr std::int64_t kMaxMoney = 9'000'000'000'000'000;

struct money {
    std::int64_t minor = 0;
    std::string currency;

    friend bool operator==(const money&, const money&) = default;
};

// Digits behind the decimal point of a supported currency (VND 0, USD 2), or nothing for one we do not know.
[[nodiscard]] std::optional<int> currency_exponent(std::string_view code) noexcept;

}  // namespace kieng

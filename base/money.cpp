#include "base/money.hpp"

#include <algorithm>
#include <array>

namespace kieng {

std::optional<int> currency_exponent(std::string_view code) noexcept
{
    struct row {
        std::string_view code;
        int exponent;
    };
    static constexpr std::array<row, 20> table{{
        {"AUD", 2}, {"CAD", 2}, {"CHF", 2}, {"CNY", 2}, {"EUR", 2}, {"GBP", 2}, {"HKD", 2},
        {"IDR", 2}, {"INR", 2}, {"JPY", 0}, {"KHR", 2}, {"KRW", 0}, {"LAK", 2}, {"MYR", 2},
        {"PHP", 2}, {"SGD", 2}, {"THB", 2}, {"TWD", 2}, {"USD", 2}, {"VND", 0},
    }};
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const row& r) { return r.code == code; });
    if (found == table.end()) return std::nullopt;
    return found->exponent;
}

}  // namespace kieng

#include "node/payments/cash.hpp"

#include "base/money.hpp"

#include <algorithm>

namespace kieng::payments {

bool is_note(std::int64_t value) noexcept
{
    return std::find(kNotes.begin(), kNotes.end(), value) != kNotes.end();
}

result<std::int64_t> sum_of(std::span<const note_count> notes)
{
    __extension__ using wide = __int128;
    wide sum = 0;
    for (const auto& one : notes) sum += static_cast<wide>(one.value) * one.count;
    if (sum > kMaxMoney || sum < 0) return failure(errc::money_overflow);
    return static_cast<std::int64_t>(sum);
}

result<std::int64_t> change_of(std::int64_t due, std::int64_t tendered)
{
    if (tendered < due)
        return invalid("/tendered", fault_code::not_enough, ">= " + std::to_string(due));
    return tendered - due;
}

std::string_view name_of(drawer kind) noexcept
{
    switch (kind) {
    case drawer::opening_float: return "float";
    case drawer::sale: return "sale";
    case drawer::refund: return "refund";
    case drawer::cash_in: return "in";
    case drawer::cash_out: return "out";
    }
    return "";
}

std::int64_t signed_amount(drawer kind, std::int64_t amount) noexcept
{
    switch (kind) {
    case drawer::opening_float:
    case drawer::sale:
    case drawer::cash_in: return amount;
    case drawer::refund:
    case drawer::cash_out: return -amount;
    }
    return 0;
}

}  // namespace kieng::payments

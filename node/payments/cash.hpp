// Counting notes and coins: what was counted, what comes back to the buyer, what is missing in a drawer. Pure.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kieng::payments {

// Vietnamese notes in use, largest first. Coins and other currencies are counted as one sum.
inline constexpr std::array<std::int64_t, 10> kNotes{500'000, 200'000, 100'000, 50'000, 20'000,
                                                     10'000,  5'000,   2'000,   1'000,  500};
inline constexpr std::int64_t kMaxNotes = 1'000'000;  // of one kind

struct note_count {
    std::int64_t value = 0;
    std::int64_t count = 0;

    friend bool operator==(const note_count&, const note_count&) = default;
};

// Whether a note of this value exists.
[[nodiscard]] bool is_note(std::int64_t value) noexcept;
// The sum of what was counted. Errors: money_overflow.
[[nodiscard]] result<std::int64_t> sum_of(std::span<const note_count> notes);
// What goes back to the buyer. Errors: validation_failed (/tendered, not enough).
[[nodiscard]] result<std::int64_t> change_of(std::int64_t due, std::int64_t tendered);

// The kinds of movement of a drawer. The numbers are stored.
enum class drawer : std::uint8_t { opening_float = 1, sale, refund, cash_in, cash_out };
inline constexpr std::array kDrawerKinds{drawer::opening_float, drawer::sale, drawer::refund,
                                         drawer::cash_in, drawer::cash_out};
[[nodiscard]] std::string_view name_of(drawer kind) noexcept;
// The amount with the sign it has in the drawer.
[[nodiscard]] std::int64_t signed_amount(drawer kind, std::int64_t amount) noexcept;

}  // namespace kieng::payments

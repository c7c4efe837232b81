// VietQR (NAPAS): the text of a transfer that every bank's app in Vietnam reads, in the form of EMVCo's merchant QR codes.
// Pure functions, thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::payments {

struct bank_account {
    std::string bin;     // the bank: six digits, for example 970403
    std::string number;  // the account: up to 19 letters and digits
    std::string holder;  // shown to the payer, not part of the code
};

// CRC-16/CCITT-FALSE: polynomial 0x1021, first value 0xFFFF.
[[nodiscard]] std::uint16_t crc16(std::string_view bytes) noexcept;

// Without an amount the code is static and the payer types one. The message is cut to what the form holds and to ASCII.
[[nodiscard]] std::string vietqr_text(const bank_account& to, std::optional<std::int64_t> amount,
                                      std::string_view message);

// Whether the parts of an account are such that a code can hold them.
[[nodiscard]] bool is_bank_bin(std::string_view text) noexcept;
[[nodiscard]] bool is_bank_account(std::string_view text) noexcept;

}  // namespace kieng::payments

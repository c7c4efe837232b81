#include "node/payments/vietqr.hpp"

#include <algorithm>
#include <array>

namespace kieng::payments {
namespace {

constexpr std::size_t kMostMessage = 25;

// Tag, length in two digits, value.
void put(std::string& out, std::string_view tag, std::string_view value)
{
    out += tag;
    out += static_cast<char>('0' + value.size() / 10);
    out += static_cast<char>('0' + value.size() % 10);
    out += value;
}

std::string plain(std::string_view message)
{
    std::string out;
    for (const char c : message) {
        if (c >= 0x20 && c < 0x7F && out.size() < kMostMessage) out.push_back(c);
    }
    return out;
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) noexcept
{
    unsigned crc = 0xFFFF;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x8000U) != 0 ? ((crc << 1) ^ 0x1021U) : crc << 1;
        crc &= 0xFFFFU;
    }
    return static_cast<std::uint16_t>(crc);
}

std::string vietqr_text(const bank_account& to, std::optional<std::int64_t> amount,
                        std::string_view message)
{
    std::string beneficiary;
    put(beneficiary, "00", to.bin);
    put(beneficiary, "01", to.number);
    std::string account;
    put(account, "00", "A000000727");
    put(account, "01", beneficiary);
    put(account, "02", "QRIBFTTA");

    std::string out;
    put(out, "00", "01");
    put(out, "01", amount ? "12" : "11");
    put(out, "38", account);
    put(out, "53", "704");
    if (amount) put(out, "54", std::to_string(*amount));
    put(out, "58", "VN");
    const std::string said = plain(message);
    if (!said.empty()) {
        std::string more;
        put(more, "08", said);
        put(out, "62", more);
    }
    out += "6304";
    constexpr char digits[] = "0123456789ABCDEF";
    const unsigned crc = crc16(out);
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[(crc >> shift) & 15U];
    return out;
}

bool is_bank_bin(std::string_view text) noexcept
{
    return text.size() == 6 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_bank_account(std::string_view text) noexcept
{
    const auto good = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    return !text.empty() && text.size() <= 19 && std::all_of(text.begin(), text.end(), good);
}

}  // namespace kieng::payments

#include "node/payments/vietqr.hpp"

#include "node/payments/qr_svg.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace kieng::payments;

namespace {

const bank_account kShop{"970403", "0011012345678", "CUA HANG KIENG"};

}  // namespace

TEST_CASE("the checksum is CRC-16/CCITT-FALSE")
{
    CHECK(crc16("123456789") == 0x29B1);
    CHECK(crc16("") == 0xFFFF);
}

TEST_CASE("the codes of NAPAS's own examples come out letter by letter")
{
    CHECK(
        vietqr_text(kShop, 180'000, "thanh toan don hang") ==
        "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA53037045406180000"
        "5802VN62230819thanh toan don hang63045FAB");
    CHECK(vietqr_text(kShop, std::nullopt, "") ==
          "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN"
          "63049E6F");
}

TEST_CASE("a message keeps to ASCII and to its length")
{
    const auto long_one = vietqr_text(kShop, 1, std::string(60, 'x'));
    CHECK(long_one.find("62290825" + std::string(25, 'x') + "6304") != std::string::npos);
    CHECK(vietqr_text(kShop, 1, "áo\n").find("62050801o6304") != std::string::npos);
}

TEST_CASE("bank and account are checked before they stand in a code")
{
    CHECK(is_bank_bin("970403"));
    CHECK_FALSE(is_bank_bin("97040"));
    CHECK_FALSE(is_bank_bin("97040x"));
    CHECK(is_bank_account("0011012345678"));
    CHECK(is_bank_account("VQRQ0001abcd"));
    CHECK_FALSE(is_bank_account(""));
    CHECK_FALSE(is_bank_account("0011 0123"));
    CHECK_FALSE(is_bank_account(std::string(20, '1')));
}

TEST_CASE("the drawing is a code of the right size with its three corner marks")
{
    const auto svg = qr_svg(vietqr_text(kShop, 180'000, "DH261120000123T1"));
    CHECK(svg.starts_with(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )"));
    CHECK(svg.ends_with("</svg>"));
    // Digits and capitals take less room than bytes: version 5 is enough, 37 modules and twice the quiet zone.
    CHECK(svg.find(R"(viewBox="0 0 45 45")") != std::string::npos);
    // The upper edges of the marks on the left and on the right, and of the one below.
    CHECK(svg.find(R"(<path d="M4 4h7v1h-7z)") != std::string::npos);
    CHECK(svg.find("M34 4h7v1h-7z") != std::string::npos);
    CHECK(svg.find("M4 34h7v1h-7z") != std::string::npos);
    CHECK(svg.find("M34 34h7v1h-7z") == std::string::npos);
}

TEST_CASE("what no code holds is refused")
{
    CHECK_THROWS_AS((void)qr_svg(""), std::invalid_argument);
    CHECK_THROWS_AS((void)qr_svg(std::string(513, 'x')), std::invalid_argument);
    CHECK_NOTHROW((void)qr_svg(std::string(512, 'x')));
}

#include "node/payments/vnpay.hpp"

#include "base/encoding.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::payments;

namespace {

using query = std::vector<std::pair<std::string, std::string>>;

const vnpay::shop kShop{"KIENG001", "a secret of the shop", "https://pay.example/vpcpay.html"};
// Computed with another program over the same parameters.
constexpr const char* kSignature =
    "eb2806ee12a056c9a7ae72635956b96a59c60c3dcc656b7da6885d881a1549264930f912d3fbd1fb9c397a536d141f"
    "4152596aa10c1412b199cb8461aa8438e5";

query paid_query()
{
    return {{"vnp_Amount", "2500000000"},
            {"vnp_BankCode", "NCB"},
            {"vnp_BankTranNo", "VNP14226112"},
            {"vnp_CardType", "ATM"},
            {"vnp_OrderInfo", "Thanh toan DH-261120-000123 (áo & quần)"},
            {"vnp_PayDate", "20261120090300"},
            {"vnp_ResponseCode", "00"},
            {"vnp_TmnCode", "KIENG001"},
            {"vnp_TransactionNo", "14226112"},
            {"vnp_TransactionStatus", "00"},
            {"vnp_TxnRef", "DH261120000123T1"},
            {"vnp_SecureHash", kSignature}};
}

query signed_query(query what)
{
    vnpay::parameters said(what.begin(), what.end());
    said.erase("vnp_SecureHash");
    query out(said.begin(), said.end());
    out.emplace_back("vnp_SecureHash",
                     vnpay::hmac_sha512_hex(kShop.secret, vnpay::canonical(said)));
    return out;
}

query with(const std::string& name, const std::string& value)
{
    auto out = paid_query();
    for (auto& one : out) {
        if (one.first == name) one.second = value;
    }
    return out;
}

}  // namespace

TEST_CASE("parameters are sorted, escaped as forms are, and signed by HMAC-SHA512")
{
    const vnpay::parameters said{
        {"vnp_Version", "2.1.0"},    {"vnp_Amount", "1806000"},
        {"vnp_Command", "pay"},      {"vnp_CreateDate", "20210801153333"},
        {"vnp_CurrCode", "VND"},     {"vnp_IpAddr", "127.0.0.1"},
        {"vnp_Locale", "vn"},        {"vnp_OrderInfo", "Thanh toan don hang :5"},
        {"vnp_OrderType", "other"},  {"vnp_ReturnUrl", "https://domainmerchant.vn/ReturnUrl"},
        {"vnp_TmnCode", "DEMOV210"}, {"vnp_TxnRef", "5"}};
    const auto text = vnpay::canonical(said);
    CHECK(text ==
          "vnp_Amount=1806000&vnp_Command=pay&vnp_CreateDate=20210801153333&vnp_CurrCode=VND&vnp_"
          "IpAddr=127.0.0.1&vnp_Locale=vn&vnp_OrderInfo=Thanh+toan+don+hang+%3A5&vnp_OrderType="
          "other&vnp_ReturnUrl=https%3A%2F%2Fdomainmerchant.vn%2FReturnUrl&vnp_TmnCode=DEMOV210&"
          "vnp_TxnRef=5&vnp_Version=2.1.0");
    CHECK(vnpay::hmac_sha512_hex("RAOEXHYVSDDIIENYWSLDIIZTANXUXZFJ", text) ==
          "d0058b07898b38ab1771b0a443387f017fcfdb859c53c3fb9afa3e69c4c636d90cddfac399120776d6711529"
          "9676465a58157e17d4972b25ff4a53ba73009b62");
}

TEST_CASE("times are Vietnam's, also over midnight and new year")
{
    const auto at = from_iso8601("2026-12-31T17:00:00Z");
    REQUIRE(at.has_value());
    CHECK(vnpay::local_time(*at) == "20270101000000");
    CHECK(vnpay::from_local_time("20270101000000") == at);
    CHECK(vnpay::local_time(*from_iso8601("2026-11-20T02:03:09.999Z")) == "20261120090309");
    CHECK_FALSE(vnpay::from_local_time("2027010100000").has_value());
    CHECK_FALSE(vnpay::from_local_time("20271301000000").has_value());
}

TEST_CASE(
    "the redirect carries the amount in hundredths, both times and a signature over all of it")
{
    const auto at = *from_iso8601("2026-11-20T02:03:00Z");
    const auto url =
        vnpay::redirect_url(kShop, {"DH261120000123T1", 25'000'000, "Thanh toan DH-261120-000123",
                                    "https://shop.example/app/", "192.0.2.7", false, at,
                                    at + std::chrono::minutes(15)});
    CHECK(url.starts_with(kShop.pay_url + "?vnp_Amount=2500000000&vnp_Command=pay&"));
    CHECK(url.find("vnp_CreateDate=20261120090300") != std::string::npos);
    CHECK(url.find("vnp_ExpireDate=20261120091800") != std::string::npos);
    CHECK(url.find("vnp_Locale=vn") != std::string::npos);
    const auto mark = url.find("&vnp_SecureHash=");
    const auto text = url.substr(kShop.pay_url.size() + 1, mark - kShop.pay_url.size() - 1);
    CHECK(url.substr(mark + 16) == vnpay::hmac_sha512_hex(kShop.secret, text));
}

TEST_CASE("a notice with the right signature is read, in any order and letter case")
{
    auto said = paid_query();
    auto read = vnpay::read_ipn(kShop, said);
    REQUIRE(read.has_value());
    CHECK(read->reference == "DH261120000123T1");
    CHECK(read->amount == 25'000'000);
    CHECK(read->transaction == "14226112");
    CHECK(read->paid);
    std::reverse(said.begin(), said.end());
    for (char& c : said.front().second) c = static_cast<char>(std::toupper(c));
    said.emplace_back("vnp_SecureHashType", "HMACSHA512");
    CHECK(vnpay::read_ipn(kShop, said).has_value());
}

TEST_CASE("one changed, added, doubled or missing parameter makes the signature wrong")
{
    for (const auto& one : paid_query()) {
        CAPTURE(one.first);
        auto changed = with(one.first, one.second + "1");
        CHECK(vnpay::read_ipn(kShop, changed).error().code == errc::signature_invalid);
        auto missing = paid_query();
        std::erase(missing, one);
        CHECK(vnpay::read_ipn(kShop, missing).error().code == errc::signature_invalid);
        auto doubled = paid_query();
        doubled.push_back(one);
        CHECK(vnpay::read_ipn(kShop, doubled).error().code == errc::signature_invalid);
    }
    auto added = paid_query();
    added.emplace_back("vnp_Extra", "1");
    CHECK(vnpay::read_ipn(kShop, added).has_error());
    CHECK(vnpay::read_ipn(kShop, {}).has_error());
    CHECK(vnpay::read_ipn({"OTHER", kShop.secret, ""}, paid_query()).has_error());
}

TEST_CASE("only both codes together mean that it is paid, and a broken amount is none of ours")
{
    for (const auto& [name, value] :
         {std::pair{"vnp_ResponseCode", "24"}, {"vnp_TransactionStatus", "02"}}) {
        const auto read = vnpay::read_ipn(kShop, signed_query(with(name, value)));
        REQUIRE(read.has_value());
        CHECK_FALSE(read->paid);
    }
    CHECK(vnpay::read_ipn(kShop, signed_query(with("vnp_Amount", "2500000001")))->amount == -1);
    CHECK(vnpay::read_ipn(kShop, signed_query(with("vnp_Amount", "much"))).error().code ==
          errc::validation_failed);
    CHECK(vnpay::read_ipn(kShop, signed_query(with("vnp_TxnRef", ""))).has_error());
}

TEST_CASE("the answers are the ones VNPay knows")
{
    using enum vnpay::reply;
    CHECK(vnpay::reply_json(confirmed) == R"({"RspCode":"00","Message":"Confirm Success"})");
    CHECK(vnpay::reply_json(order_not_found).find("\"01\"") != std::string::npos);
    CHECK(vnpay::reply_json(already_confirmed).find("\"02\"") != std::string::npos);
    CHECK(vnpay::reply_json(invalid_amount).find("\"04\"") != std::string::npos);
    CHECK(vnpay::reply_json(invalid_signature).find("\"97\"") != std::string::npos);
    CHECK(vnpay::reply_json(unknown_error).find("\"99\"") != std::string::npos);
}

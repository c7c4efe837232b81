#include "node/payments/notice_json.hpp"
#include "node/payments/vnpay_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::payments;
using nlohmann::json;

namespace {

const vnpay::shop kShop{"KIENG001", "a secret of the shop", "https://pay.example/vpcpay.html"};

payment some_payment()
{
    payment out;
    out.id = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60001";
    out.reference = "DH261120000123T1";
    out.provider_ref = "14226112";
    out.amount = {25'000'000, "VND"};
    out.captured = 25'000'000;
    out.created_at = *from_iso8601("2026-11-20T02:03:00Z");
    return out;
}

std::string signature_over(const json& of, const std::vector<const char*>& names)
{
    std::string bytes;
    for (const char* name : names) {
        if (name != names.front()) bytes += '|';
        bytes += of.value(name, "");
    }
    return vnpay::hmac_sha512_hex(kShop.secret, bytes);
}

std::string answer(const std::string& code, const std::string& state, bool refund)
{
    json out{{"vnp_ResponseId", "r1"},        {"vnp_Command", refund ? "refund" : "querydr"},
             {"vnp_ResponseCode", code},      {"vnp_Message", "m"},
             {"vnp_TmnCode", "KIENG001"},     {"vnp_TxnRef", "DH261120000123T1"},
             {"vnp_Amount", "2500000000"},    {"vnp_TransactionNo", "99"},
             {"vnp_TransactionStatus", state}};
    std::vector<const char*> names{
        "vnp_ResponseId", "vnp_Command",       "vnp_ResponseCode",    "vnp_Message",
        "vnp_TmnCode",    "vnp_TxnRef",        "vnp_Amount",          "vnp_BankCode",
        "vnp_PayDate",    "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus",
        "vnp_OrderInfo"};
    if (!refund) {
        names.push_back("vnp_PromotionCode");
        names.push_back("vnp_PromotionAmount");
    }
    out["vnp_SecureHash"] = signature_over(out, names);
    return out.dump();
}

}  // namespace

TEST_CASE("a transfer is known by the references in its text")
{
    const auto read = read_bank_notice(
        R"({"id":"b1","amount":180000,"currency":"VND","description":"tt DH261120000123T1","bank":{"x":1}})");
    REQUIRE(read.has_value());
    CHECK(read->references == std::vector<std::string>{"DH261120000123T1"});
    CHECK(read->what.amount == money{180'000, "VND"});
    CHECK(read->what.provider_ref == "b1");
    for (const char* bad : {R"({})", R"({"id":""})", R"({"id":7,"amount":1,"currency":"VND"})",
                            R"({"id":"b1","amount":1.5,"currency":"VND"})",
                            R"({"id":"b1","amount":-1,"currency":"VND"})",
                            R"({"id":"b1","amount":1,"currency":"XXX"})", "[]", "7"}) {
        CAPTURE(bad);
        CHECK(read_bank_notice(bad).error().code == errc::validation_failed);
    }
    CHECK(read_bank_notice("{").error().code == errc::malformed_json);
    CHECK(read_bank_notice(R"({"id":"a","id":"b"})").error().code == errc::malformed_json);
}

TEST_CASE("what the mock gateway says is read, and nothing is made of what it does not say")
{
    const auto pending = read_mock_payment(
        R"({"id":"pay_1","status":"pending","amount":5,"currency":"VND","redirectUrl":"http://127.0.0.1/p"})");
    REQUIRE(pending.has_value());
    CHECK(pending->what == outcome::waiting);
    REQUIRE(pending->begun.has_value());
    CHECK(pending->begun->action.url == "http://127.0.0.1/p");
    CHECK(
        read_mock_payment(R"({"id":"pay_1","status":"paid","amount":5,"currency":"VND"})")->what ==
        outcome::paid);
    CHECK(read_mock_payment(R"({"id":"pay_1","status":"cancelled"})")->code == "cancelled");
    CHECK(read_mock_payment(R"({"id":"pay_1","status":"mislaid"})")->what == outcome::unknown);
    for (const char* bad : {"", "<html>", "[]", R"({"status":"paid"})"})
        CHECK(read_mock_payment(bad).error().code == errc::gateway_unavailable);
    CHECK(read_mock_refund(R"({"id":"re_1","status":"paid"})")->state == refund_status::completed);
    CHECK(read_mock_refund(R"({"id":"re_1","status":"declined","code":"x"})")->state ==
          refund_status::failed);
    CHECK(read_mock_refund(R"({"id":"re_1","status":"what"})").has_error());
    CHECK(read_mock_notice(R"({"id":"e","payment":{"reference":"R","status":"mislaid"}})")
              .error()
              .code == errc::validation_failed);
}

TEST_CASE("questions and refunds to VNPay are signed over their members in order")
{
    const auto now = *from_iso8601("2026-11-20T03:00:00Z");
    const auto asked = json::parse(vnpay::query_body(kShop, some_payment(), "q1", now));
    CHECK(asked["vnp_TransactionDate"] == "20261120090300");
    CHECK(asked["vnp_SecureHash"] ==
          signature_over(asked, {"vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode",
                                 "vnp_TxnRef", "vnp_TransactionDate", "vnp_CreateDate",
                                 "vnp_IpAddr", "vnp_OrderInfo"}));
    refund part;
    part.id = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60002";
    part.amount = {1'000'000, "VND"};
    const auto back = json::parse(vnpay::refund_body(kShop, some_payment(), part, now));
    CHECK(back["vnp_TransactionType"] == "03");
    CHECK(back["vnp_Amount"] == "100000000");
    CHECK(back["vnp_RequestId"] == "0193a1b28c9d7e0fa1b2c3d4e5f60002");
    CHECK(back["vnp_SecureHash"] ==
          signature_over(back, {"vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode",
                                "vnp_TransactionType", "vnp_TxnRef", "vnp_Amount",
                                "vnp_TransactionNo", "vnp_TransactionDate", "vnp_CreateBy",
                                "vnp_CreateDate", "vnp_IpAddr", "vnp_OrderInfo"}));
    part.amount.minor = 25'000'000;
    CHECK(json::parse(
              vnpay::refund_body(kShop, some_payment(), part, now))["vnp_TransactionType"] == "02");
}

TEST_CASE("VNPay's answers count with a good signature alone")
{
    const auto state_of = [](const char* state) {
        return vnpay::read_query_answer(kShop, answer("00", state, false))->what;
    };
    CHECK(state_of("00") == outcome::paid);
    CHECK(state_of("01") == outcome::waiting);
    CHECK(state_of("02") == outcome::declined);
    CHECK(vnpay::read_query_answer(kShop, answer("00", "00", false))->amount ==
          money{25'000'000, "VND"});
    CHECK(vnpay::read_query_answer(kShop, answer("91", "", false))->what == outcome::unknown);
    CHECK(vnpay::read_query_answer(kShop, answer("94", "", false)).has_error());
    auto forged = json::parse(answer("00", "01", false));
    forged["vnp_TransactionStatus"] = "00";
    CHECK(vnpay::read_query_answer(kShop, forged.dump()).has_error());
    CHECK(vnpay::read_query_answer(kShop, "").has_error());
    const auto refund_of = [](const char* code) {
        return vnpay::read_refund_answer(kShop, answer(code, "05", true));
    };
    CHECK(refund_of("00")->state == refund_status::completed);
    CHECK(refund_of("94")->state == refund_status::processing);
    CHECK(refund_of("95")->state == refund_status::failed);
    CHECK(refund_of("95")->code == "vnpay_95");
    CHECK(refund_of("99").has_error());
}

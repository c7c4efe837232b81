#include "node/payments/vnpay_json.hpp"

#include "base/encoding.hpp"
#include "base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace kieng::payments::vnpay {
namespace {

using nlohmann::json;
using member = std::pair<const char*, std::string>;

// VNPay wants an address on every message; a server's own tells it nothing.
constexpr const char* kAddress = "127.0.0.1";

std::string signed_body(const shop& of, const std::vector<member>& in_order,
                        const std::vector<member>& unsigned_ones = {})
{
    std::string bytes, out = "{";
    for (const auto& [name, value] : in_order) {
        if (!bytes.empty()) bytes += '|';
        bytes += value;
        out += json_string(name) + ":" + json_string(value) + ",";
    }
    for (const auto& [name, value] : unsigned_ones)
        out += json_string(name) + ":" + json_string(value) + ",";
    return out + R"("vnp_SecureHash":")" + hmac_sha512_hex(of.secret, bytes) + "\"}";
}

std::string text_at(const json& of, const char* name)
{
    const auto found = of.find(name);
    return found != of.end() && found->is_string() ? found->get<std::string>() : std::string();
}

failure later(const char* why)
{
    return failure(errc::gateway_unavailable, sentence(why, why));
}

template <std::size_t N>
result<json> checked(const shop& of, std::string_view body, const std::array<const char*, N>& order)
{
    auto read = parse_json(body);
    if (!read || !read->is_object()) return later("not VNPay's answer");
    std::string bytes;
    for (const char* name : order) {
        if (name != order.front()) bytes += '|';
        bytes += text_at(*read, name);
    }
    if (!equal_in_constant_time(text_at(*read, "vnp_SecureHash"),
                                hmac_sha512_hex(of.secret, bytes)))
        return later("VNPay's answer has a wrong signature");
    return read;
}

std::optional<std::int64_t> hundredths(const json& of)
{
    const auto text = text_at(of, "vnp_Amount");
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
    return out % 100 == 0 ? out / 100 : -1;
}

constexpr std::array kQueryAnswer{
    "vnp_ResponseId", "vnp_Command",       "vnp_ResponseCode",    "vnp_Message",
    "vnp_TmnCode",    "vnp_TxnRef",        "vnp_Amount",          "vnp_BankCode",
    "vnp_PayDate",    "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus",
    "vnp_OrderInfo",  "vnp_PromotionCode", "vnp_PromotionAmount"};
constexpr std::array kRefundAnswer{
    "vnp_ResponseId", "vnp_Command",       "vnp_ResponseCode",    "vnp_Message",
    "vnp_TmnCode",    "vnp_TxnRef",        "vnp_Amount",          "vnp_BankCode",
    "vnp_PayDate",    "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus",
    "vnp_OrderInfo"};

}  // namespace

std::string query_body(const shop& of, const payment& what, std::string_view request, wall_time now)
{
    return signed_body(of, {{"vnp_RequestId", std::string(request)},
                            {"vnp_Version", "2.1.0"},
                            {"vnp_Command", "querydr"},
                            {"vnp_TmnCode", of.terminal},
                            {"vnp_TxnRef", what.reference},
                            {"vnp_TransactionDate", local_time(what.created_at)},
                            {"vnp_CreateDate", local_time(now)},
                            {"vnp_IpAddr", kAddress},
                            {"vnp_OrderInfo", "Kiem tra " + what.reference}});
}

std::string refund_body(const shop& of, const payment& what, const refund& how, wall_time now)
{
    std::string request;  // the same for each repeat of the refund
    for (const char c : how.id) {
        if (c != '-') request += c;
    }
    const bool whole = how.amount.minor == what.captured;
    return signed_body(of, {{"vnp_RequestId", request},
                            {"vnp_Version", "2.1.0"},
                            {"vnp_Command", "refund"},
                            {"vnp_TmnCode", of.terminal},
                            {"vnp_TransactionType", whole ? "02" : "03"},
                            {"vnp_TxnRef", what.reference},
                            {"vnp_Amount", std::to_string(how.amount.minor * 100)},
                            {"vnp_TransactionNo", what.provider_ref},
                            {"vnp_TransactionDate", local_time(what.created_at)},
                            {"vnp_CreateBy", "kieng"},
                            {"vnp_CreateDate", local_time(now)},
                            {"vnp_IpAddr", kAddress},
                            {"vnp_OrderInfo", "Hoan tien " + what.reference}});
}

result<report> read_query_answer(const shop& of, std::string_view body)
{
    const auto said = checked(of, body, kQueryAnswer);
    if (!said) return said.error();
    report out;
    const auto answered = text_at(*said, "vnp_ResponseCode");
    if (answered == "91") return out;  // no such transaction: the payer never came
    if (answered != "00") return later("VNPay did not answer the question");
    const auto state = text_at(*said, "vnp_TransactionStatus");
    out.provider_ref = text_at(*said, "vnp_TransactionNo");
    if (const auto amount = hundredths(*said)) out.amount = money{*amount, "VND"};
    // 01 not finished, 04 taken back by the bank and looked into, 05 and 06 a refund on its way: paid all the same.
    if (state == "00" || state == "05" || state == "06")
        out.what = outcome::paid;
    else if (state == "01" || state == "04" || state.empty())
        out.what = outcome::waiting;
    else
        out.what = outcome::declined;
    if (out.what == outcome::declined) out.code = "vnpay_" + state;
    return out;
}

result<refund_report> read_refund_answer(const shop& of, std::string_view body)
{
    const auto said = checked(of, body, kRefundAnswer);
    if (!said) return said.error();
    refund_report out;
    out.provider_ref = text_at(*said, "vnp_TransactionNo");
    const auto code = text_at(*said, "vnp_ResponseCode");
    if (code == "99" || code.empty()) return later("VNPay could not refund now");
    if (code == "00" || code == "94") {  // 94: the same request came before
        out.state = code == "00" ? refund_status::completed : refund_status::processing;
        return out;
    }
    out.state = refund_status::failed;
    out.code = "vnpay_" + code;
    return out;
}

}  // namespace kieng::payments::vnpay

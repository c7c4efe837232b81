#include "node/payments/vnpay.hpp"

#include "base/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace kieng::payments::vnpay {
namespace {

constexpr std::chrono::hours kVietnam{7};
constexpr std::string_view kVersion = "2.1.0";

// As HTML forms escape.
void append_escaped(std::string& out, std::string_view text)
{
    for (const char c : percent_encode(text)) {
        if (c == '~')
            out += "%7E";
        else
            out += c;
    }
    for (auto at = out.find("%20"); at != std::string::npos; at = out.find("%20", at))
        out.replace(at, 3, "+");
}

std::string lower(std::string text)
{
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::optional<std::int64_t> number(std::string_view text)
{
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return out;
}

std::string value_of(const parameters& in, const char* name)
{
    const auto found = in.find(name);
    return found == in.end() ? std::string() : found->second;
}

}  // namespace

std::string hmac_sha512_hex(std::string_view key, std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    const auto* const made = HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()),
                                  reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size(), out.data(), &length);
    if (made == nullptr) throw std::runtime_error("HMAC-SHA512 failed");
    return to_hex({reinterpret_cast<const char*>(out.data()), length});
}

std::string local_time(wall_time at)
{
    const auto local = at + kVietnam;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(local - day));
    std::array<char, 32> out{};
    const int length = std::snprintf(
        out.data(), out.size(), "%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    return {out.data(), static_cast<std::size_t>(length)};
}

std::optional<wall_time> from_local_time(std::string_view text)
{
    const bool digits = text.size() == 14 && std::all_of(text.begin(), text.end(), [](char c) {
                            return c >= '0' && c <= '9';
                        });
    if (!digits) return std::nullopt;
    std::string iso(text.substr(0, 4));
    iso += "-";
    iso += text.substr(4, 2);
    iso += "-";
    iso += text.substr(6, 2);
    iso += "T";
    iso += text.substr(8, 2);
    iso += ":";
    iso += text.substr(10, 2);
    iso += ":";
    iso += text.substr(12, 2);
    return from_iso8601(iso + "+07:00");
}

std::string canonical(const parameters& what)
{
    std::string out;
    for (const auto& [name, value] : what) {
        if (!out.empty()) out += '&';
        std::string pair;
        append_escaped(pair, name);
        pair += '=';
        append_escaped(pair, value);
        out += pair;
    }
    return out;
}

std::string redirect_url(const shop& of, const order& what)
{
    const parameters said{
        {"vnp_Version", std::string(kVersion)},
        {"vnp_Command", "pay"},
        {"vnp_TmnCode", of.terminal},
        {"vnp_Amount", std::to_string(what.amount * 100)},
        {"vnp_CreateDate", local_time(what.created)},
        {"vnp_ExpireDate", local_time(what.expires)},
        {"vnp_CurrCode", "VND"},
        {"vnp_IpAddr", what.address},
        {"vnp_Locale", what.english ? "en" : "vn"},
        {"vnp_OrderInfo", what.info},
        {"vnp_OrderType", "other"},
        {"vnp_ReturnUrl", what.return_url},
        {"vnp_TxnRef", what.reference},
    };
    const auto text = canonical(said);
    return of.pay_url + "?" + text + "&vnp_SecureHash=" + hmac_sha512_hex(of.secret, text);
}

result<notice> read_ipn(const shop& of,
                        const std::vector<std::pair<std::string, std::string>>& query)
{
    parameters said;
    std::string signature;
    bool doubled = false;
    for (const auto& [name, value] : query) {
        if (name == "vnp_SecureHash") {
            doubled = doubled || !signature.empty();
            signature = value;
        } else if (name.starts_with("vnp_") && name != "vnp_SecureHashType") {
            doubled = !said.emplace(name, value).second || doubled;
        }
    }
    const auto right = hmac_sha512_hex(of.secret, canonical(said));
    if (doubled || !equal_in_constant_time(lower(signature), right))
        return failure(errc::signature_invalid);
    if (value_of(said, "vnp_TmnCode") != of.terminal) return failure(errc::signature_invalid);
    notice out;
    out.reference = value_of(said, "vnp_TxnRef");
    out.transaction = value_of(said, "vnp_TransactionNo");
    out.response_code = value_of(said, "vnp_ResponseCode");
    out.status_code = value_of(said, "vnp_TransactionStatus");
    const auto amount = number(value_of(said, "vnp_Amount"));
    if (out.reference.empty()) return invalid("query:vnp_TxnRef", fault_code::required);
    if (out.response_code.empty()) return invalid("query:vnp_ResponseCode", fault_code::required);
    if (!amount || *amount < 0) return invalid("query:vnp_Amount", fault_code::bad_format);
    // A broken hundredth is an amount we never asked for.
    out.amount = *amount % 100 == 0 ? *amount / 100 : -1;
    out.paid = out.response_code == "00" && out.status_code == "00";
    return out;
}

std::string reply_json(reply what)
{
    switch (what) {
    case reply::confirmed: return R"({"RspCode":"00","Message":"Confirm Success"})";
    case reply::order_not_found: return R"({"RspCode":"01","Message":"Order not found"})";
    case reply::already_confirmed: return R"({"RspCode":"02","Message":"Order already confirmed"})";
    case reply::invalid_amount: return R"({"RspCode":"04","Message":"Invalid amount"})";
    case reply::invalid_signature: return R"({"RspCode":"97","Message":"Invalid signature"})";
    case reply::unknown_error: break;
    }
    return R"({"RspCode":"99","Message":"Unknown error"})";
}

}  // namespace kieng::payments::vnpay

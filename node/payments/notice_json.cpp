#include "node/payments/notice_json.hpp"

#include "base/encoding.hpp"
#include "base/json_reader.hpp"

#include <nlohmann/json.hpp>

namespace kieng::payments {
namespace {

using nlohmann::json;
constexpr std::size_t kMostName = 200;

std::string text_at(const json& of, const char* name)
{
    const auto found = of.find(name);
    if (found == of.end() || !found->is_string()) return {};
    auto text = found->get<std::string>();
    if (text.size() > kMostName) text.clear();
    return text;
}

std::optional<money> amount_in(const json& of)
{
    const auto amount = of.find("amount");
    const auto currency = text_at(of, "currency");
    if (amount == of.end() || !amount->is_number_integer() || !currency_exponent(currency))
        return std::nullopt;
    const auto minor = amount->get<std::int64_t>();
    if (minor < 0 || minor > kMaxMoney) return std::nullopt;
    return money{minor, currency};
}

outcome outcome_of(std::string_view status)
{
    if (status == "paid") return outcome::paid;
    if (status == "authorized") return outcome::authorized;
    if (status == "pending") return outcome::waiting;
    if (status == "declined" || status == "cancelled") return outcome::declined;
    return outcome::unknown;
}

report report_of(const json& of)
{
    report out;
    const auto said = text_at(of, "status");
    out.what = outcome_of(said);
    out.provider_ref = text_at(of, "id");
    out.amount = amount_in(of);
    out.code = text_at(of, "code");
    if (out.what == outcome::declined && out.code.empty()) out.code = said;
    const auto url = text_at(of, "redirectUrl");
    if (out.what == outcome::waiting && !url.empty()) {
        started how;
        how.state = status::processing;
        how.provider_ref = out.provider_ref;
        how.action.what = next_action::kind::redirect;
        how.action.url = url;
        out.begun = how;
    }
    return out;
}

failure no_answer_of_a_gateway()
{
    constexpr std::string_view what = "not a gateway's answer";
    return failure(errc::gateway_unavailable, sentence(std::string(what), std::string(what)));
}

result<json> object_of(std::string_view body)
{
    auto read = parse_json(body);
    if (!read) return read.error();
    if (!read->is_object()) return invalid("", fault_code::wrong_type, "object");
    return read;
}

}  // namespace

result<notice> read_bank_notice(std::string_view body)
{
    const auto read = object_of(body);
    if (!read) return read.error();
    notice out;
    out.event_id = text_at(*read, "id");
    if (out.event_id.empty()) return invalid("/id", fault_code::required);
    const auto amount = amount_in(*read);
    if (!amount) return invalid("/amount", fault_code::bad_format, "amount and currency");
    out.references = references_in(text_at(*read, "description"));
    out.what.what = outcome::paid;
    out.what.amount = amount;
    out.what.provider_ref = text_at(*read, "transaction");
    if (out.what.provider_ref.empty()) out.what.provider_ref = out.event_id;
    return out;
}

result<notice> read_mock_notice(std::string_view body)
{
    const auto read = object_of(body);
    if (!read) return read.error();
    notice out;
    out.event_id = text_at(*read, "id");
    if (out.event_id.empty()) return invalid("/id", fault_code::required);
    const auto payment = read->find("payment");
    if (payment == read->end() || !payment->is_object())
        return invalid("/payment", fault_code::required);
    const auto reference = text_at(*payment, "reference");
    if (reference.empty()) return invalid("/payment/reference", fault_code::required);
    out.references = {reference};
    out.what = report_of(*payment);
    if (out.what.what == outcome::unknown)
        return invalid("/payment/status", fault_code::not_one_of,
                       "pending|authorized|paid|declined|cancelled");
    return out;
}

result<report> read_mock_payment(std::string_view body)
{
    const auto read = object_of(body);
    if (!read || text_at(*read, "id").empty()) return no_answer_of_a_gateway();
    return report_of(*read);
}

result<refund_report> read_mock_refund(std::string_view body)
{
    const auto read = object_of(body);
    if (!read || text_at(*read, "id").empty()) return no_answer_of_a_gateway();
    refund_report out;
    out.provider_ref = text_at(*read, "id");
    out.code = text_at(*read, "code");
    const auto said = text_at(*read, "status");
    if (said == "paid")
        out.state = refund_status::completed;
    else if (said == "declined")
        out.state = refund_status::failed;
    else if (said != "pending")
        return no_answer_of_a_gateway();
    return out;
}

std::string mock_payment_body(const payment& of)
{
    return R"({"reference":)" + json_string(of.reference) + R"(,"orderId":)" +
           json_string(of.order_id) + R"(,"amount":)" + std::to_string(of.amount.minor) +
           R"(,"currency":)" + json_string(of.amount.currency) + "}";
}

std::string mock_refund_body(const payment& of, const refund& what)
{
    return R"({"payment":)" + json_string(of.provider_ref) + R"(,"reference":)" +
           json_string(of.reference) + R"(,"amount":)" + std::to_string(what.amount.minor) +
           R"(,"currency":)" + json_string(what.amount.currency) + "}";
}

}  // namespace kieng::payments

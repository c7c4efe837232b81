#include "node/payments/payment_json.hpp"

#include "base/json_reader.hpp"
#include "base/json_text.hpp"
#include "node/payments/qr_svg.hpp"

namespace kieng::payments {
namespace {

using need = object_reader::need;

constexpr text_rule kTill{.min = 1, .max = 40};
constexpr text_rule kReason{.min = 1, .max = 500};

void append_action(std::string& out, const next_action& what, bool drawn)
{
    switch (what.what) {
    case next_action::kind::none: out += "null"; return;
    case next_action::kind::redirect:
        out += R"({"type":"redirect","url":)" + json_string(what.url) + "}";
        return;
    case next_action::kind::qr:
        out += R"({"type":"qr","text":)" + json_string(what.text);
        if (drawn) out += R"(,"svg":)" + json_string(qr_svg(what.text));
        out += "}";
        return;
    }
}

// Without the closing brace.
void append_payment(std::string& out, const payment& p, bool drawn)
{
    out += R"({"id":)" + json_string(p.id) + R"(,"orderId":)" + json_string(p.order_id);
    out += R"(,"orderNumber":)" + json_string(p.order_number) + R"(,"method":)" +
           json_string(name_of(p.how));
    out += R"(,"status":)" + json_string(name_of(p.state)) + R"(,"attempt":)" +
           std::to_string(p.attempt);
    out += R"(,"amount":)" + std::to_string(p.amount.minor) + R"(,"currency":)" +
           json_string(p.amount.currency);
    out += R"(,"captured":)" + std::to_string(p.captured) + R"(,"refunded":)" +
           std::to_string(p.refunded);
    out += R"(,"reference":)" + json_string(p.reference) + R"(,"providerRef":)";
    append_text_or_null(out, p.provider_ref);
    out += R"(,"failureCode":)";
    append_text_or_null(out, p.failure_code);
    out += R"(,"nextAction":)";
    append_action(out, p.action, drawn);
    out += R"(,"tendered":)";
    append_optional(out, p.tendered);
    out += R"(,"change":)";
    append_optional(out, p.tendered ? std::optional(*p.tendered - p.amount.minor) : std::nullopt);
    out += R"(,"cashSessionId":)";
    append_text_or_null(out, p.cash_session);
    out += R"(,"expiresAt":)";
    if (p.expires_at)
        append_time(out, *p.expires_at);
    else
        out += "null";
    out += R"(,"version":)" + std::to_string(p.version) + R"(,"createdAt":)";
    append_time(out, p.created_at);
    out += R"(,"updatedAt":)";
    append_time(out, p.updated_at);
}

void append_refund(std::string& out, const refund& r)
{
    out += R"({"id":)" + json_string(r.id) + R"(,"paymentId":)" + json_string(r.payment_id);
    out += R"(,"orderId":)" + json_string(r.order_id) + R"(,"status":)" +
           json_string(name_of(r.state));
    out += R"(,"amount":)" + std::to_string(r.amount.minor) + R"(,"currency":)" +
           json_string(r.amount.currency);
    out += R"(,"reason":)" + json_string(r.reason) + R"(,"automatic":)" + json_bool(r.automatic);
    out += R"(,"providerRef":)";
    append_text_or_null(out, r.provider_ref);
    out += R"(,"failureCode":)";
    append_text_or_null(out, r.failure_code);
    out += R"(,"version":)" + std::to_string(r.version) + R"(,"createdAt":)";
    append_time(out, r.created_at);
    out += R"(,"updatedAt":)";
    append_time(out, r.updated_at);
    out += "}";
}

void append_shown(std::string& out, const shown_payment& what, bool drawn)
{
    append_payment(out, what.what, drawn);
    out += R"(,"refunds":[)";
    for (std::size_t i = 0; i < what.refunds.size(); ++i) {
        if (i > 0) out += ',';
        append_refund(out, what.refunds[i]);
    }
    out += "]}";
}

std::vector<std::string_view> method_names()
{
    std::vector<std::string_view> out;
    for (const auto one : kMethods) out.push_back(name_of(one));
    return out;
}

}  // namespace

result<new_payment> read_new_payment(std::string_view body)
{
    new_payment out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        const auto how = in.choice("method", need::required, method_names());
        if (how) out.how = *method_of(*how);
        out.tendered = in.integer("tendered", need::optional, 0, kMaxMoney);
        out.till = in.text("till", need::optional, kTill);
        if (how && out.tendered && out.how != method::cash)
            in.fault("tendered", fault_code::depends, "method=cash");
    });
    if (!read) return read.error();
    return out;
}

result<new_refund> read_new_refund(std::string_view body)
{
    new_refund out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        out.amount = in.integer("amount", need::optional, 1, kMaxMoney);
        out.reason = in.text("reason", need::required, kReason).value_or("");
        out.till = in.text("till", need::optional, kTill);
    });
    if (!read) return read.error();
    return out;
}

result<std::string> read_settlement(std::string_view body)
{
    std::string out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        out = in.text("reference", need::optional, {.min = 1, .max = 100}).value_or("");
    });
    if (!read) return read.error();
    return out;
}

result<bool> read_refund_settlement(std::string_view body)
{
    bool out = false;
    const auto read = read_json_object(body, [&](object_reader& in) {
        out = in.boolean("succeeded", need::required).value_or(false);
    });
    if (!read) return read.error();
    return out;
}

std::string to_json(const shown_payment& what)
{
    std::string out;
    append_shown(out, what, true);
    return out;
}

std::string to_json(const payment& of, const refund& what)
{
    std::string out;
    append_refund(out, what);
    out.back() = ',';
    out += R"("payment":)";
    append_payment(out, of, false);
    return out + "}}";
}

std::string to_json(const std::vector<shown_payment>& all)
{
    std::string out = "[";
    for (const auto& one : all) {
        if (out.size() > 1) out += ',';
        append_shown(out, one, false);
    }
    return out + "]";
}

std::string to_json(const payment& what)
{
    std::string out;
    append_payment(out, what, false);
    return out + "}";
}

}  // namespace kieng::payments

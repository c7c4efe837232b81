#include "node/payments/announcement.hpp"

#include "base/json_text.hpp"

namespace kieng::payments {
namespace {

std::vector<std::string> tags_of(const payment& of)
{
    std::vector<std::string> out{"payment:" + of.id, "list:payments", "order:" + of.order_id};
    if (!of.account.empty()) out.push_back("user:" + of.account);
    return out;
}

std::string head_of(std::string_view topic, const payment& of)
{
    std::string out = R"({"topic":)" + json_string(topic) + R"(,"orderId":)" +
                      json_string(of.order_id) + R"(,"paymentId":)" + json_string(of.id) +
                      R"(,"orderNumber":)" + json_string(of.order_number) + R"(,"method":)" +
                      json_string(name_of(of.how));
    return out + R"(,"attempt":)" + std::to_string(of.attempt);
}

std::string amount_of(const money& what)
{
    return R"(,"amount":)" + std::to_string(what.minor) + R"(,"currency":)" +
           json_string(what.currency);
}

}  // namespace

store::event outcome_event(const payment& of, bool success, bool final)
{
    std::string data = head_of("payment-outcomes", of);
    data += success ? R"(,"status":"SUCCESS")" : R"(,"status":"FAILED")";
    data += amount_of({success ? of.captured : of.amount.minor, of.amount.currency});
    if (!success)
        data += R"(,"reason":)" + json_string(of.failure_code) + R"(,"final":)" + json_bool(final);
    data += R"(,"timestamp":)" + json_time(of.updated_at) + "}";
    return {"PaymentCompletedEvent", "payment", of.id, of.version, tags_of(of), data};
}

store::event payment_event(const payment& of)
{
    std::string data = head_of("payments", of);
    data += R"(,"status":)" + json_string(name_of(of.state)) + amount_of(of.amount);
    data += R"(,"captured":)" + std::to_string(of.captured) + R"(,"refunded":)" +
            std::to_string(of.refunded) + "}";
    return {"PaymentUpdatedEvent", "payment", of.id, of.version, tags_of(of), data};
}

store::event refund_event(const payment& of, const refund& what)
{
    std::string data = head_of("payments", of);
    data += R"(,"refundId":)" + json_string(what.id) + R"(,"status":)" +
            json_string(name_of(what.state)) + R"(,"reason":)" + json_string(what.reason) +
            R"(,"automatic":)" + json_bool(what.automatic) + amount_of(what.amount) + "}";
    return {"RefundUpdatedEvent", "payment", of.id, what.version, tags_of(of), data};
}

store::event cash_event(const std::string& session, std::int64_t version, std::string_view what)
{
    return {"CashSessionUpdatedEvent",
            "cash_session",
            session,
            version,
            {"cash_session:" + session, "list:cash_sessions"},
            R"({"topic":"payments","sessionId":)" + json_string(session) + R"(,"change":)" +
                json_string(what) + "}"};
}

}  // namespace kieng::payments

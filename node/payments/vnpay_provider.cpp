#include "node/payments/vnpay_provider.hpp"

#include "base/ids.hpp"
#include "node/payments/vnpay_json.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

// VNPay's page closes before the order gives up its goods, so that no payment comes for goods that are gone.
constexpr std::chrono::minutes kPage{15};
constexpr std::chrono::minutes kBefore{1};

}  // namespace

std::optional<started> vnpay_provider::prepare(const intent& what) const
{
    started out;
    wall_time until = what.at + kPage;
    if (what.held_until) until = std::min(until, *what.held_until - kBefore);
    // Where the goods are given up within the minute, the page is closed when it opens: no payment, but no late one either.
    until = std::max(until, what.at + std::chrono::seconds(1));
    const vnpay::order order{what.reference,
                             what.amount.minor,
                             "Thanh toan " + what.order_number,
                             return_url_,
                             what.payer_address,
                             what.english,
                             what.at,
                             until};
    out.state = status::processing;
    out.action.what = next_action::kind::redirect;
    out.action.url = vnpay::redirect_url(shop_, order);
    out.expires_at = until;
    return out;
}

task<result<std::string>> vnpay_provider::ask(std::string body) const
{
    http::client_request what;
    what.method = "POST";
    what.url = api_url_;
    what.content_type = "application/json";
    what.body = std::move(body);
    auto answer = co_await with_.client.ask(std::move(what), with_.within);
    if (!answer) co_return answer.error();
    if (answer->status != 200) co_return failure(errc::gateway_unavailable);
    co_return std::move(answer->body);
}

task<result<report>> vnpay_provider::query(payment of)
{
    if (!can_query()) co_return report{};
    auto request = make_uuid(with_.now, with_.bits);
    std::erase(request, '-');
    auto body = vnpay::query_body(shop_, of, request, with_.now.wall());
    const auto answer = co_await ask(std::move(body));
    if (!answer) co_return answer.error();
    co_return vnpay::read_query_answer(shop_, *answer);
}

task<result<refund_report>> vnpay_provider::refund(payment of, payments::refund what)
{
    if (!refunds_itself()) co_return refund_report{};
    auto body = vnpay::refund_body(shop_, of, what, with_.now.wall());
    const auto answer = co_await ask(std::move(body));
    if (!answer) co_return answer.error();
    co_return vnpay::read_refund_answer(shop_, *answer);
}

result<notice> vnpay_provider::verify_webhook(const webhook& what, wall_time) const
{
    const auto said = vnpay::read_ipn(shop_, what.query);
    if (!said) return said.error();
    notice out;
    // VNPay numbers no messages; these three together never mean two different things.
    out.event_id = said->reference + ":" + said->transaction + ":" + said->response_code + "." +
                   said->status_code;
    out.references = {said->reference};
    out.what.what = said->paid ? outcome::paid : outcome::declined;
    out.what.provider_ref = said->paid ? said->transaction : "";
    out.what.amount = money{said->amount, "VND"};
    if (!said->paid) out.what.code = "vnpay_" + said->response_code;
    return out;
}

}  // namespace kieng::payments

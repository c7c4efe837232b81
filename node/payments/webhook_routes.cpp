#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/payments/payment_routes.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

using http::request;
using http::response;

task<response> take(webhook_service& webhooks, request& from)
{
    if (const auto plain = identity::no_query(from); !plain)
        co_return http::problem(plain.error(), from);
    const auto how = method_of(from.param("provider"));
    if (!how || *how == method::vnpay) co_return http::problem(failure(errc::not_found), from);
    webhook what;
    what.headers = from.headers;
    what.raw = from.body;
    const auto done = co_await webhooks.take(*how, std::move(what));
    if (!done) co_return http::problem(done.error(), from);
    const int status = *done == taken::waits ? 202 : 200;
    co_return http::json_response(status, R"({"status":")" + std::string(name_of(*done)) + "\"}");
}

task<response> take_ipn(webhook_service& webhooks, request& from)
{
    std::vector<field_fault> faults;
    for (const auto& [name, value] : from.query) {
        if (!name.starts_with("vnp_")) faults.push_back({"query:" + name, fault_code::unknown, {}});
    }
    if (!faults.empty()) {
        const failure why(errc::invalid_parameter, std::move(faults));
        co_return http::problem(why, from);
    }
    webhook what;
    what.query = from.query;
    const auto answer = co_await webhooks.take_ipn(std::move(what));
    co_return http::json_response(200, vnpay::reply_json(answer));
}

}  // namespace

std::vector<http::route> webhook_routes(webhook_service& webhooks)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto on = [&webhooks](task<response> (*handle)(webhook_service&, request&)) {
        return http::handler([&webhooks, handle](request& from) { return handle(webhooks, from); });
    };
    return {
        {verb::post, "/payments/webhooks/{provider}", identity::payments_notify, keyed::never,
         body_kind::json, on(take)},
        {verb::get, "/payments/vnpay/ipn", identity::payments_notify, keyed::never, body_kind::none,
         on(take_ipn)},
    };
}

}  // namespace kieng::payments

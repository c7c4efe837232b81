#include "node/incarnation_routes.hpp"

#include "base/json_reader.hpp"
#include "base/log.hpp"
#include "node/identity/permissions.hpp"

namespace kieng::node {
namespace {

using http::request;
using http::response;

// What the caller must write, so that nobody does this by a slip of the hand.
constexpr std::string_view kConfirmation = "history may be lost";

result<void> read_confirmation(const request& req)
{
    std::vector<field_fault> faults;
    http::query_reader(req, faults).finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    const std::function<void(object_reader&)> read = [](object_reader& body) {
        (void)body.choice("confirm", object_reader::need::required, {kConfirmation});
    };
    return read_json_object(req.body, read);
}

task<response> raise(cluster_part& cluster, request& req)
{
    const auto confirmed = read_confirmation(req);
    if (!confirmed.has_value()) co_return http::problem(confirmed.error(), req);
    const auto raised = co_await cluster.control().bump_incarnation();
    if (!raised.has_value()) co_return http::problem(raised.error(), req);
    log::warning("incarnation_raised", {{"incarnation", *raised}, {"by", req.who.user_id}});
    co_return http::json_response(200, "{\"incarnation\":" + std::to_string(*raised) + "}");
}

}  // namespace

std::vector<http::route> incarnation_routes(cluster_part& cluster)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const http::handler change = [&cluster](request& req) { return raise(cluster, req); };
    return {{verb::post, "/api/cluster/incarnation", identity::cluster_operate, keyed::never,
             body_kind::json, change}};
}

}  // namespace kieng::node

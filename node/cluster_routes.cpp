// What clients and operators ask of the cluster. Answered from what the control thread last published.
#include "node/cluster_routes.hpp"

#include "cluster/wire/healthy_servers_json.hpp"
#include "cluster/wire/stats_json.hpp"
#include "cluster/wire/status_json.hpp"
#include "node/identity/permissions.hpp"
#include "node/platform/http/negotiate.hpp"

namespace kieng::node {
namespace {

using http::request;
using http::response;
namespace wire = cluster::wire;

constexpr std::chrono::seconds kRefresh{30};
constexpr std::int64_t kLongestWait = 60;  // seconds

struct ask {
    bool text = false;
    std::optional<std::int64_t> since, wait;
};

result<ask> read_ask(const request& req, bool waits)
{
    std::vector<field_fault> faults;
    http::query_reader query(req, faults);
    ask out;
    const auto accept = req.header("accept").value_or("");
    out.text = query.flag("text") || (http::accepts_type(accept, "text/plain") &&
                                      !http::accepts_type(accept, "application/json"));
    if (waits) {
        out.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
        out.wait = query.integer("wait", 0, kLongestWait);
    }
    query.finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    return out;
}

wire::status_frame frame_of(const cluster::published& what, const request& req)
{
    wire::status_frame out;
    out.cluster = what.cluster;
    out.at = what.at;
    out.in = req.lang == http::language::vi ? wire::tongue::vi : wire::tongue::en;
    out.with_reasons = req.who.signed_in();
    return out;
}

response lines(std::string text)
{
    response out;
    out.content_type = "text/plain; charset=utf-8";
    out.body = std::move(text);
    return out;
}

task<response> show_status(cluster_part& cluster, request& req)
{
    const auto asked = read_ask(req, false);
    if (!asked.has_value()) co_return http::problem(asked.error(), req);
    const auto what = cluster.node().known();
    const auto frame = frame_of(*what, req);
    if (asked->text) co_return lines(wire::status_text(what->now, frame));
    co_return http::json_response(200, wire::status_json(what->now, frame));
}

task<response> show_servers(cluster_part& cluster, view_watch& views, request& req)
{
    const auto asked = read_ask(req, true);
    if (!asked.has_value()) co_return http::problem(asked.error(), req);
    auto what = cluster.node().known();
    if (asked->since && asked->wait && what->now.view <= *asked->since) {
        co_await views.wait(std::chrono::seconds(*asked->wait));
        what = cluster.node().known();
    }
    if (asked->text) co_return lines(wire::healthy_servers_text(what->now));
    auto out =
        http::json_response(200, wire::healthy_servers_json(what->now, what->cluster, kRefresh));
    out.etag = wire::healthy_servers_etag(what->now);
    co_return out;
}

task<response> operate(cluster_part& cluster, request& req)
{
    auto& node = cluster.node();
    std::vector<field_fault> faults;
    http::query_reader query(req, faults);
    const auto to = query.text("to", wire::kLongestNodeId);
    query.finish();
    const auto what = node.known();
    const bool handing_over = req.path == "/api/cluster/handover";
    if (to && !handing_over) faults.push_back({"query:to", fault_code::unknown, {}});
    if (to && handing_over) {
        const auto& members = what->now.members;
        const bool known = std::any_of(members.begin(), members.end(),
                                       [&](const auto& m) { return m.node.id == *to; });
        if (!known) faults.push_back({"query:to", fault_code::not_one_of, "a member's id"});
    }
    if (!faults.empty())
        co_return http::problem(failure(errc::invalid_parameter, std::move(faults)), req);
    if (handing_over)
        node.hand_over(to);
    else if (req.path == "/api/cluster/drain")
        node.drain();
    else
        node.undrain();
    co_return http::json_response(202, wire::status_json(what->now, frame_of(*what, req)));
}

}  // namespace

void view_watch::changed()
{
    std::vector<std::shared_ptr<timer>> all;
    {
        const std::lock_guard lock(state_->guard);
        all.swap(state_->waiting);
    }
    for (const auto& one : all)
        asio::post(one->get_executor(), [one] { one->expires_at(steady_time::min()); });
}

task<> view_watch::wait(std::chrono::milliseconds most)
{
    auto own = std::make_shared<timer>(co_await asio::this_coro::executor);
    own->expires_after(most);
    {
        const std::lock_guard lock(state_->guard);
        state_->waiting.push_back(own);
    }
    boost::system::error_code ended;
    use_task_t token;
    auto quietly = asio::redirect_error(token, ended);
    co_await own->async_wait(quietly);
    const std::lock_guard lock(state_->guard);
    std::erase(state_->waiting, own);
}

std::string view_json(const cluster_part& cluster)
{
    const auto what = cluster.node().known();
    return wire::healthy_servers_json(what->now, what->cluster, kRefresh);
}

std::vector<http::route> cluster_routes(cluster_part& cluster, view_watch& views)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto all = identity::system_read;
    const auto operators = identity::cluster_operate;
    const http::handler status = [&cluster](request& req) { return show_status(cluster, req); };
    const http::handler servers = [&cluster, &views](request& req) {
        return show_servers(cluster, views, req);
    };
    const http::handler change = [&cluster](request& req) { return operate(cluster, req); };
    return {
        {verb::get, "/api/cluster/status", all, keyed::never, body_kind::none, status},
        {verb::get, "/api/cluster/healthy-servers", all, keyed::never, body_kind::none, servers},
        {verb::post, "/api/cluster/handover", operators, keyed::never, body_kind::none, change},
        {verb::post, "/api/cluster/drain", operators, keyed::never, body_kind::none, change},
        {verb::post, "/api/cluster/undrain", operators, keyed::never, body_kind::none, change},
    };
}

}  // namespace kieng::node

// What clients and operators ask of the cluster. Answered from what the control thread last published.
#include "node/cluster_routes.hpp"

#include "cluster/wire/healthy_servers_json.hpp"
#include "cluster/wire/stats_json.hpp"
#include "cluster/wire/status_json.hpp"
#include "node/answer_form.hpp"
#include "node/identity/permissions.hpp"

#include <algorithm>

namespace kieng::node {
namespace {

using http::request;
using http::response;
namespace wire = cluster::wire;

constexpr std::chrono::seconds kRefresh{30};
constexpr std::int64_t kLongestWait = 60;  // seconds

struct ask {
    answer_form form = answer_form::json;
    std::optional<std::int64_t> since, wait;
    wire::requirement require = wire::requirement::none;
};

enum class page : std::uint8_t { status = 1, servers, stats };

result<ask> read_ask(const request& req, page of)
{
    ask out;
    out.form = form_of(req);
    if (out.form == answer_form::neither) return failure(errc::not_acceptable);
    std::vector<field_fault> faults;
    http::query_reader query(req, faults);
    query.flag("text");
    if (of == page::status) out.require = read_requirement(query);
    if (of == page::servers) {
        out.since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
        out.wait = query.integer("wait", 0, kLongestWait);
        if (out.wait && !out.since) query.fault("wait", fault_code::depends, "with since");
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
    out.with_reasons = req.who.may(identity::cluster_operate);
    return out;
}

task<response> show_status(cluster_part& cluster, request& req)
{
    const auto asked = read_ask(req, page::status);
    if (!asked.has_value()) co_return http::problem(asked.error(), req);
    const auto what = cluster.node().known();
    const auto frame = frame_of(*what, req);
    const bool text = asked->form == answer_form::text;
    auto out = text ? lines(wire::status_text(what->now, frame))
                    : http::json_response(200, wire::status_json(what->now, frame));
    if (!wire::satisfies(what->now, asked->require)) {
        out.status = 503;
        out.headers.emplace_back("Retry-After", "1");
    }
    co_return out;
}

task<response> show_stats(cluster_part& cluster, request& req)
{
    const auto asked = read_ask(req, page::stats);
    if (!asked.has_value()) co_return http::problem(asked.error(), req);
    const auto what = cluster.node().figures().statistics();
    if (asked->form == answer_form::text) co_return lines(wire::stats_text(*what));
    co_return http::json_response(200, wire::stats_json(*what, cluster.node().known()->cluster));
}

// Whether there was room to wait, if there was anything to wait for.
task<bool> wait_for_view(cluster_part& cluster, view_watch& views, request& req, ask asked)
{
    if (!asked.since || asked.wait.value_or(0) == 0) co_return true;
    std::function<bool()> still = [&cluster, since = *asked.since] {
        return cluster.node().known()->now.view <= since;
    };
    if (!still()) co_return true;
    if (req.rests) req.rests();
    const std::chrono::seconds most(*asked.wait);
    co_return co_await views.wait(most, std::move(still));
}

task<response> show_servers(cluster_part& cluster, view_watch& views, request& req)
{
    const auto asked = read_ask(req, page::servers);
    if (!asked.has_value()) co_return http::problem(asked.error(), req);
    const bool room = co_await wait_for_view(cluster, views, req, *asked);
    if (!room) co_return http::problem(failure(errc::overloaded), req);
    const auto what = cluster.node().known();
    if (asked->form == answer_form::text) co_return lines(wire::healthy_servers_text(what->now));
    auto out =
        http::json_response(200, wire::healthy_servers_json(what->now, what->cluster, kRefresh));
    out.etag = wire::healthy_servers_etag(what->now);
    co_return out;
}

// A node that is not fit for the role would cost the cluster its active node for a while. The holder looks once more.
std::optional<failure> why_not_to(const cluster::cluster_snapshot& now,
                                  const std::optional<std::string>& to)
{
    if (now.active.empty())
        return failure(errc::invalid_transition,
                       sentence("Hiện chưa có máy chủ chính.", "No node is active right now."));
    if (to == now.active) return std::nullopt;
    const auto may = [&](const cluster::member_facts& one) {
        return one.well && one.node.id != now.active && (!to || one.node.id == *to);
    };
    if (std::ranges::any_of(now.members, may)) return std::nullopt;
    if (!to)
        return failure(errc::invalid_transition,
                       sentence("Không máy chủ nào khác nhận được vai trò chính.",
                                "No other node can take the active role."));
    const auto named = std::ranges::find(
        now.members, *to, [](const auto& one) -> const std::string& { return one.node.id; });
    const std::string state(name_of(named->state)), database(name_of(named->database));
    return failure(errc::invalid_transition,
                   sentence(*to + " không nhận được vai trò chính: trạng thái " + state +
                                ", cơ sở dữ liệu " + database + ".",
                            *to + " cannot take the active role: it is " + state +
                                ", its database " + database + "."));
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
    if (handing_over) {
        if (auto no = why_not_to(what->now, to)) co_return http::problem(*std::move(no), req);
    }
    if (handing_over)
        node.hand_over(to);
    else if (req.path == "/api/cluster/drain")
        cluster.drain();
    else
        cluster.undrain();
    co_return http::json_response(202, wire::status_json(what->now, frame_of(*what, req)));
}

}  // namespace

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
    const http::handler stats = [&cluster](request& req) { return show_stats(cluster, req); };
    const http::handler servers = [&cluster, &views](request& req) {
        return show_servers(cluster, views, req);
    };
    const http::handler change = [&cluster](request& req) { return operate(cluster, req); };
    return {
        {verb::get, "/api/cluster/status", all, keyed::never, body_kind::none, status},
        {verb::get, "/api/cluster/stats", all, keyed::never, body_kind::none, stats},
        {verb::get, "/api/cluster/healthy-servers", all, keyed::never, body_kind::none, servers},
        {verb::post, "/api/cluster/handover", operators, keyed::never, body_kind::none, change},
        {verb::post, "/api/cluster/drain", operators, keyed::never, body_kind::none, change},
        {verb::post, "/api/cluster/undrain", operators, keyed::never, body_kind::none, change},
    };
}

}  // namespace kieng::node

// What nodes tell each other. The signature was checked before the body was read (peer_door); the body's digest is checked here.
#include "base/log.hpp"
#include "cluster/wire/sync_message.hpp"
#include "node/cluster_routes.hpp"
#include "node/identity/permissions.hpp"

#include <algorithm>

namespace kieng::node {
namespace {

using http::request;
using http::response;
namespace wire = cluster::wire;

response turned_away(const request& req)
{
    return http::problem(failure(errc::unauthenticated), req);
}

store::position to_store(const wire::sync_position& what, std::int64_t incarnation)
{
    store::position out;
    out.pos = what.pos;
    out.incarnation = incarnation;
    for (const auto& one : what.events) {
        store::event event;
        event.type = one.type;
        event.entity = one.entity;
        event.entity_id = one.entity_id;
        event.version = one.version;
        event.tags = one.tags;
        event.data = one.data;
        out.events.push_back(std::move(event));
    }
    return out;
}

// How long the new ones took from their commit to here, by the sender's clock set right by what heartbeats say of it. While they
// have said nothing yet nothing is measured.
void measure(const cluster_part& cluster, const wire::sync_message& what, std::int64_t before)
{
    const auto seen = cluster.node().known();
    const auto& members = seen->now.members;
    const auto from = std::find_if(members.begin(), members.end(),
                                   [&](const auto& one) { return one.node.id == what.from; });
    if (from == members.end() || !from->clock_offset) return;
    const auto now = system_clock().wall() + *from->clock_offset;
    for (const auto& one : what.positions) {
        if (one.pos <= before || one.events.empty()) continue;
        cluster.node().figures().synced(now - one.events.front().at, 1);
    }
}

task<response> receive_push(cluster_part& cluster, request& req)
{
    if (!cluster.door().body_holds(*req.peer, req.body)) co_return turned_away(req);
    const auto message = wire::read_sync_message(req.body);
    if (!message.has_value()) co_return http::problem(message.error(), req);
    if (message->from != req.peer->from) co_return turned_away(req);
    auto& feed = cluster.feed();
    if (message->incarnation != feed.incarnation()) {
        feed.look_now();
        co_return http::problem(failure(errc::other_incarnation), req);
    }
    const auto before = feed.applied();
    for (const auto& one : message->positions) {
        if (one.fetch)
            feed.look_now();
        else
            feed.arrived(to_store(one, message->incarnation));
    }
    measure(cluster, *message, before);
    co_return http::json_response(200, wire::write_sync_answer(feed.applied()));
}

task<response> receive_heartbeat(cluster_part& cluster, request& req)
{
    if (!cluster.door().body_holds(*req.peer, req.body)) co_return turned_away(req);
    auto message = wire::read_heartbeat(req.body);
    if (!message.has_value()) co_return http::problem(message.error(), req);
    std::string from = req.peer->from;
    auto answer = co_await cluster.node().take_heartbeat(std::move(from), std::move(*message));
    if (!answer.has_value()) co_return http::problem(answer.error(), req);
    co_return http::json_response(200, wire::write_heartbeat_answer(*answer));
}

task<> serve(cluster_part* cluster, http::peer_pass pass, std::string boot, http::body_sink& to)
{
    std::function<task<bool>(std::string)> sink = [&to](std::string piece) {
        return to.write(std::move(piece));
    };
    co_await cluster->node().serve_stream(std::move(pass.from), std::move(boot),
                                          std::move(pass.nonce), std::move(pass.secret_id),
                                          std::move(sink));
}

task<response> open_stream(cluster_part& cluster, request& req)
{
    std::vector<field_fault> faults;
    http::query_reader query(req, faults);
    const auto boot = query.uuid("boot");
    query.finish();
    if (faults.empty() && !boot) faults.push_back({"query:boot", fault_code::required, {}});
    if (!faults.empty())
        co_return http::problem(failure(errc::invalid_parameter, std::move(faults)), req);
    response out;
    out.content_type = "text/plain; charset=utf-8";
    out.headers.emplace_back("X-Accel-Buffering", "no");
    out.lasts = true;
    out.stream = [at = &cluster, pass = *req.peer, name = *boot](http::body_sink& to) {
        return serve(at, pass, name, to);
    };
    co_return out;
}

http::handler with(cluster_part& cluster, task<response> (*run)(cluster_part&, request&))
{
    return [&cluster, run](request& req) { return run(cluster, req); };
}

}  // namespace

std::vector<http::route> peer_routes(cluster_part& cluster)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto who = identity::cluster_peer;
    return {
        {verb::get, std::string(kPeerStream), who, keyed::never, body_kind::none,
         with(cluster, open_stream)},
        {verb::post, std::string(kPeerHeartbeat), who, keyed::never, body_kind::json,
         with(cluster, receive_heartbeat)},
        {verb::post, std::string(kPeerPush), who, keyed::never, body_kind::json,
         with(cluster, receive_push)},
    };
}

}  // namespace kieng::node

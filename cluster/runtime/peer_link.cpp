#include "cluster/runtime/peer_link.hpp"

namespace kieng::cluster {
namespace {

constexpr std::chrono::seconds kHeartbeatAnswer{2};

}  // namespace

peer_link::peer_link(shared& of, node_identity peer, peer_address to, stream_listener tell)
    : of_(of),
      peer_(std::move(peer)),
      reader_(of.on, of.self.id, of.self.boot, peer_.id, to, of.calls, of.secrets, of.now,
              std::move(tell)),
      pusher_(of.on, of.self.id, peer_.id, to, of.calls, of.now),
      heartbeats_(of.on, peer_.id, to, of.calls)
{}

void peer_link::start()
{
    auto self = shared_from_this();
    of_.group.start("listen to " + peer_.id, [self] { return self->reader_.run(self->of_.group); });
    of_.group.start("push to " + peer_.id, [self] { return self->pusher_.run(self->of_.group); });
}

void peer_link::stop()
{
    reader_.stop();
    pusher_.stop();
    heartbeats_.connection().close();
}

task<std::optional<wire::heartbeat_answer>> peer_link::heartbeat(std::string body)
{
    if (heartbeat_under_way_) co_return std::nullopt;
    heartbeat_under_way_ = true;
    std::string target = "/api/cluster/heartbeat";
    auto reply = co_await heartbeats_.post(std::move(target), std::move(body),
                                           of_.now.steady() + kHeartbeatAnswer);
    heartbeat_under_way_ = false;
    if (reply.fault != peer_fault::none || reply.status != 200) co_return std::nullopt;
    auto answer = wire::read_heartbeat_answer(reply.body);
    if (!answer) co_return std::nullopt;
    co_return std::move(*answer);
}

}  // namespace kieng::cluster

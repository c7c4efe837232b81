// All that one peer is to this node: the stream it is heard on, the pushes it gets, the heartbeats. On the control thread.
#pragma once

#include "cluster/runtime/stream_reader.hpp"
#include "cluster/runtime/sync_pusher.hpp"
#include "cluster/wire/heartbeat_message.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kieng::cluster {

class peer_link : public std::enable_shared_from_this<peer_link> {
public:
    // What all links of a node share; must outlive them.
    struct shared {
        executor on;
        node_identity self;
        peer_calls calls;
        const wire::peer_secrets& secrets;
        const clock& now;
        task_group& group;
    };

    peer_link(shared& of, node_identity peer, peer_address to, stream_listener tell);

    void start();
    // Ends its coroutines; they keep the link alive until they are done.
    void stop();

    // Sends a heartbeat and hands over the answer, or nothing. While one is under way another is not sent.
    task<std::optional<wire::heartbeat_answer>> heartbeat(std::string body);

    [[nodiscard]] const node_identity& peer() const noexcept { return peer_; }
    void renamed(const node_identity& now) { peer_ = now; }
    [[nodiscard]] stream_reader& reader() noexcept { return reader_; }
    [[nodiscard]] sync_pusher& pusher() noexcept { return pusher_; }

private:
    shared& of_;
    node_identity peer_;
    stream_reader reader_;
    sync_pusher pusher_;
    peer_caller heartbeats_;
    bool heartbeat_under_way_ = false;
};

}  // namespace kieng::cluster

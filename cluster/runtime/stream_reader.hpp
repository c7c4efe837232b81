// Listens to one peer: opens the stream when asked, checks every line, and says what it hears. When and how often to try is decided by
// cluster/core. On one io_context.
#pragma once

#include "base/bell.hpp"
#include "base/task_group.hpp"
#include "cluster/core/cluster_inputs.hpp"
#include "cluster/runtime/peer_caller.hpp"
#include "cluster/wire/beat_line.hpp"
#include "cluster/wire/stream_seal.hpp"

#include <functional>
#include <string>

namespace kieng::cluster {

// What the owner hears of a stream, in order.
struct stream_listener {
    std::function<void(const boot_id& boot)> opened;  // a sealed line held: it is the peer
    std::function<void(const boot_id& boot)>
        still_open;  // an attempt was asked for, and it is: before `tried`
    std::function<void(peer_fault why)> closed;  // an open stream ended
    // The outcome of one attempt, once each. `timed_out` may come while the attempt goes on: `opened` can still follow.
    std::function<void(input::reconnect_outcome how, peer_fault why)> tried;
    std::function<void(const wire::peer_line& line, std::uint64_t counter)> line;
};

class stream_reader {
public:
    stream_reader(const executor& on, node_id self, boot_id self_boot, std::string peer,
                  peer_address to, const peer_calls& how, const wire::peer_secrets& secrets,
                  const clock& now, stream_listener tell);

    // Runs until the group stops; the caller keeps the object alive so long.
    task<> run(task_group& in);
    void stop();
    // One attempt, unless one is under way or the stream is open; `within`: when its outcome is told at the latest.
    void attempt(std::chrono::nanoseconds within);
    // Gives up the stream, if it is that of this boot.
    void drop(const boot_id& boot);
    [[nodiscard]] const boot_id& boot() const noexcept { return boot_; }

private:
    task<> open();
    task<> listen();
    void tell(input::reconnect_outcome how, peer_fault why);
    [[nodiscard]] bool take_hello(std::string_view line);
    [[nodiscard]] bool take_line(std::string_view line);
    [[nodiscard]] bool take_lines();

    const node_id self_;
    const boot_id self_boot_;
    const wire::peer_secrets& secrets_;
    const clock& now_;
    const stream_listener tell_;
    peer_caller to_;
    bell wake_;
    timer patience_;
    bool stopping_ = false;
    bool wanted_ = false;  // an attempt was asked for
    bool told_ = false;    // the outcome of the attempt under way
    bool open_ = false;
    std::chrono::nanoseconds within_{0};
    std::string nonce_;
    std::optional<wire::line_opener> opener_;
    std::string received_;
    boot_id boot_;
};

// The first line of a stream, before any sealed one: "<boot> <nonce> <id of the secret that held>".
[[nodiscard]] std::string write_hello(std::string_view boot, std::string_view nonce,
                                      std::string_view secret_id);

}  // namespace kieng::cluster

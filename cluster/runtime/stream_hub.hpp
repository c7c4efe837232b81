// The streams that peers have opened to this node: what it says, all who listen hear. The far ends are read in stream_reader.hpp.
//
// The control thread says lines; each stream is written on the I/O thread of its connection, which seals them in order.
// A stream that falls behind by kMostWaiting lines ends, so that the peer opens a new one.
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/bell.hpp"
#include "cluster/wire/beat_line.hpp"
#include "cluster/wire/stream_seal.hpp"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster {

class outgoing_stream {
public:
    static constexpr std::size_t kMostWaiting = 256;
    static constexpr std::size_t kRemembered = 64;

    // On the thread of the connection.
    outgoing_stream(std::string peer, std::string boot, std::string first_line, std::string key,
                    const executor& on, const clock& now);

    // Writes until the sink refuses or the stream is closed. `sink`: false when the peer is gone.
    task<> write(std::function<task<bool>(std::string)> sink);

    // Any thread:
    void say(const std::string& line);
    void close();
    // When the line with this counter left, if it is among the last kRemembered.
    [[nodiscard]] std::optional<steady_time> left_at(std::uint64_t counter) const;
    [[nodiscard]] const std::string& peer() const noexcept { return peer_; }
    [[nodiscard]] const std::string& boot() const noexcept { return boot_; }

private:
    void wake();
    [[nodiscard]] std::string take();

    const std::string peer_, boot_;
    executor on_;
    const clock& now_;
    std::shared_ptr<bell> bell_;
    wire::line_sealer seal_;  // the connection's thread only
    mutable std::mutex guard_;
    std::string first_;  // guarded by guard_, like the two below
    std::deque<std::string> lines_;
    bool closed_ = false;
    std::array<std::pair<std::uint64_t, steady_time>, kRemembered> left_{};  // guarded by guard_
};

class stream_hub {
public:
    void add(std::shared_ptr<outgoing_stream> one);
    void remove(const outgoing_stream* one);
    // To everybody who listens, or to one peer.
    void say(const wire::peer_line& what);
    void say_to(const std::string& peer, const wire::peer_line& what);
    // Ends them all, and those that come later.
    void close();
    [[nodiscard]] std::size_t open_to(const std::string& peer) const;
    [[nodiscard]] bool open_to(const std::string& peer, const std::string& boot) const;
    [[nodiscard]] std::optional<steady_time> left_at(const std::string& peer,
                                                     std::uint64_t counter) const;
    void close_boot(const std::string& peer, const std::string& boot);

private:
    mutable std::mutex guard_;
    std::vector<std::shared_ptr<outgoing_stream>> open_;  // guarded by guard_
    bool closed_ = false;                                 // guarded by guard_
};

}  // namespace kieng::cluster

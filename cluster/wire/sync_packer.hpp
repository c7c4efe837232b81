// Fills push messages: positions wait per peer, and what has gathered while one request was in flight goes in the next.
//
// A position is written to JSON once (pack) and shared by the queues of all peers. Memory is bounded: a queue that passes its
// limits forgets its oldest positions and counts them; the receiver finds those in the outbox.
// pack is pure and thread safe; a sync_packer belongs to one thread.
#pragma once

#include "cluster/wire/sync_message.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace kieng::cluster::wire {

// A position as it stands in a message.
struct packed_position {
    std::int64_t incarnation = 0;
    std::int64_t pos = 0;
    std::size_t events = 0;  // 0 when it goes as {"pos","fetch":true}
    std::string json;
};

// A position that a receiver would refuse (too large, a text beyond its limit) goes as {"pos","fetch":true}.
// REQUIRES: pos and incarnation above 0.
[[nodiscard]] std::shared_ptr<const packed_position> pack(const sync_position& what,
                                                          std::int64_t incarnation);

class sync_packer {
public:
    // What may wait for one peer.
    static constexpr std::size_t kMostPositions = 20'000;
    static constexpr std::size_t kMostBytes = 8 * 1024 * 1024;

    struct push {
        std::int64_t incarnation = 0;
        std::int64_t highest = 0;  // the highest position in it
        std::size_t positions = 0;
        std::size_t events = 0;
        std::string body;
    };

    // `from`: the id of the node that pushes.
    explicit sync_packer(std::string from);

    void add(std::shared_ptr<const packed_position> what);
    // The next message, in the order of add(), and takes its positions out of the queue. Nothing when nothing waits. All
    // positions of one message are of one incarnation.
    [[nodiscard]] std::optional<push> next();
    // Forgets what waits, as for a peer that is down: it will catch up by the outbox.
    void clear();

    [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return bytes_; }
    // Positions forgotten since the start, by the limits or by clear().
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

private:
    void drop_oldest();

    std::string from_;
    std::deque<std::shared_ptr<const packed_position>> queue_;
    std::size_t bytes_ = 0;
    std::uint64_t forgotten_ = 0;
};

}  // namespace kieng::cluster::wire

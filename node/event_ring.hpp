// The last positions, in memory and in order, for the event streams of this node.
//
// heard() takes positions in any order; they show only once advance() passes them, so a reader never sees a hole. Bounded: the
// oldest go first; what is older is read from the outbox. A position that was passed without being heard empties the
// ring up to it, which has the same effect.
// A new history (reset) makes a new generation: whoever stands in an older one must forget. Thread safe.
#pragma once

#include "node/event_text.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace kieng::node {

struct ring_limits {
    std::size_t positions = 20'000;
    std::size_t bytes = 16U << 20;
};

class event_ring {
public:
    explicit event_ring(ring_limits most) : most_(most) {}

    void heard(shown_ptr what);
    void reset(std::int64_t pos);
    // `incarnation` names the history from a reset on.
    void advance(std::int64_t pos, std::int64_t incarnation);

    struct place {
        std::uint64_t generation = 0;
        std::int64_t incarnation = 0;  // 0: a reset is under way, or nothing is known yet
        std::int64_t applied = 0;
    };
    [[nodiscard]] place head() const;

    enum class found : std::uint8_t { level = 1, some, older, forgotten };
    struct reading {
        found how = found::level;
        std::vector<shown_ptr> positions;  // with `some`: those that follow, in order
        bool all = true;                   // with `some`: nothing follows them
        std::int64_t first = 0;            // with `older`: the ring begins here
    };
    // What follows a position, at most about so many bytes but at least one position.
    [[nodiscard]] reading after(std::uint64_t generation, std::int64_t pos,
                                std::size_t bytes) const;

    // Bytes of what follows a position; all that is held when that reaches back less far.
    [[nodiscard]] std::size_t behind(std::uint64_t generation, std::int64_t pos) const;

    struct size {
        std::size_t positions = 0, bytes = 0;
    };
    [[nodiscard]] size held() const;

private:
    void trim();
    void trim_early();

    const ring_limits most_;
    mutable std::mutex mutex_;  // guards all below
    std::uint64_t generation_ = 0;
    std::int64_t incarnation_ = 0;
    std::int64_t applied_ = 0;
    std::deque<shown_ptr> shown_;  // dense, the last is `applied_`
    std::size_t bytes_ = 0;
    std::map<std::int64_t, shown_ptr> early_;  // above applied_
    std::size_t early_bytes_ = 0;
};

}  // namespace kieng::node

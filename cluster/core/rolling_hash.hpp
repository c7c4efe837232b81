// A hash over (pos, entityId) of each block of 1,000 positions: how nodes notice that one of them missed something.
//
// The hash of a block does not depend on the order its events came in, so they are added on arrival. A block counts when the cursor
// has passed it and it was added from its first position on. The last 64 blocks are kept.
// Pure. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_messages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace kieng::cluster {

class rolling_hash {
public:
    static constexpr std::int64_t kBlock = 1'000;
    static constexpr std::size_t kKept = 64;

    // Positions above `applied` will be added.
    explicit rolling_hash(std::int64_t applied = 0) : from_(applied) {}

    // One event. REQUIRES: once per event of a position (ask sync_cursor::seen first).
    void add(std::int64_t pos, std::string_view entity_id);
    // All up to here has been added.
    void applied(std::int64_t pos);
    // Starts anew, as the cursor does after a jump.
    void reset(std::int64_t applied);

    // The blocks that are whole, oldest first, the newest `most` of them.
    [[nodiscard]] std::vector<hash_mark> marks(std::size_t most = 4) const;
    // The first block both know and differ on.
    [[nodiscard]] std::optional<hash_mark> differs_from(const std::vector<hash_mark>& others) const;

private:
    [[nodiscard]] bool whole(std::int64_t last) const noexcept
    {
        return last <= applied_ && last - kBlock >= from_;
    }

    std::int64_t from_;
    std::int64_t applied_ = from_;
    std::map<std::int64_t, std::uint64_t> blocks_;  // by last position
};

}  // namespace kieng::cluster

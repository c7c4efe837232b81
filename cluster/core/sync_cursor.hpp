// Follows the dense positions of the write history, whatever order they arrive in.
//
// States: `applied` = every position up to it has been seen; above it a sparse set of positions that came early. A hole is
// a position between `applied` and an early one. Duplicates change nothing. Memory is bounded: more than kMaxEarly early
// positions are forgotten (they come again from the outbox).
// Pure: no I/O, no clock. Not thread safe; the owner serialises.
#pragma once

#include <cstdint>
#include <set>

namespace kieng::cluster {

class sync_cursor {
public:
    static constexpr std::size_t kMaxEarly = 65'536;

    explicit sync_cursor(std::int64_t applied = 0) : applied_(applied) {}

    // Marks a position as seen. Returns whether `applied` moved.
    bool arrived(std::int64_t pos);
    // Starts anew at a position, as after a restart or below the trim line.
    void reset(std::int64_t applied);

    [[nodiscard]] std::int64_t applied() const noexcept { return applied_; }
    [[nodiscard]] bool has_hole() const noexcept { return !early_.empty(); }
    // Whether a position has been seen already.
    [[nodiscard]] bool seen(std::int64_t pos) const
    {
        return pos <= applied_ || early_.contains(pos);
    }

private:
    std::int64_t applied_;
    std::set<std::int64_t> early_;
};

}  // namespace kieng::cluster

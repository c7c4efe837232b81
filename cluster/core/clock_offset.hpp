// How far another clock is ahead of ours, from the times of requests and answers (RFC 5905 §8).
//
// Keeps the last 8 samples and believes the one with the shortest round trip, because an offset is exact to half of it. A clock that
// jumped shows as samples that contradict each other: then the old ones are dropped.
// Pure. Not thread safe; the owner serialises.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace kieng::cluster {

struct clock_sample {
    std::chrono::microseconds offset{0};  // theirs minus ours
    std::chrono::microseconds round_trip{0};
};

// sent and returned by our clock, received and answered by theirs.
[[nodiscard]] clock_sample compare_clocks(wall_time sent, wall_time received, wall_time answered,
                                          wall_time returned) noexcept;

class clock_offset {
public:
    static constexpr std::size_t kKept = 8;

    void add(clock_sample sample);
    [[nodiscard]] std::optional<clock_sample> best() const;
    [[nodiscard]] bool skewed(std::chrono::microseconds more_than) const;

private:
    std::deque<clock_sample> samples_;
};

}  // namespace kieng::cluster

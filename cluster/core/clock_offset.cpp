#include "cluster/core/clock_offset.hpp"

#include <algorithm>

namespace kieng::cluster {

clock_sample compare_clocks(wall_time sent, wall_time received, wall_time answered,
                            wall_time returned) noexcept
{
    const auto there = received - sent;
    const auto back = answered - returned;
    const auto trip = (returned - sent) - (answered - received);
    return {(there + back) / 2, std::max(trip, std::chrono::microseconds{0})};
}

void clock_offset::add(clock_sample sample)
{
    // Two samples of steady clocks lie at most half of each round trip apart; 100 ms allow for drift.
    std::erase_if(samples_, [&](const clock_sample& old) {
        const auto apart = std::chrono::abs(old.offset - sample.offset);
        return apart > (old.round_trip + sample.round_trip) / 2 + std::chrono::milliseconds{100};
    });
    samples_.push_back(sample);
    if (samples_.size() > kKept) samples_.pop_front();
}

std::optional<clock_sample> clock_offset::best() const
{
    if (samples_.empty()) return std::nullopt;
    return *std::ranges::min_element(samples_, {}, &clock_sample::round_trip);
}

bool clock_offset::skewed(std::chrono::microseconds more_than) const
{
    const auto sample = best();
    return sample && std::chrono::abs(sample->offset) > more_than + sample->round_trip / 2;
}

}  // namespace kieng::cluster

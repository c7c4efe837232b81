#include "cluster/core/client_latency.hpp"

#include <algorithm>
#include <vector>

namespace kieng::cluster::client {
namespace {

milliseconds nearest_rank(std::vector<milliseconds> values, int percent)
{
    const std::size_t rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace

void latency_window::add(milliseconds sample)
{
    samples_.push_back(sample);
    if (samples_.size() > kKept) samples_.pop_front();
}

std::optional<milliseconds> latency_window::percentile(int percent, int least) const
{
    if (samples_.empty() || samples_.size() < static_cast<std::size_t>(least)) return std::nullopt;
    return nearest_rank({samples_.begin(), samples_.end()}, percent);
}

bool latency_window::doubled(milliseconds floor) const
{
    if (samples_.size() < 2 * kRecent) return false;
    const auto split = samples_.end() - static_cast<std::ptrdiff_t>(kRecent);
    const milliseconds recent = nearest_rank({split, samples_.end()}, 95);
    return recent > floor && recent > 2 * nearest_rank({samples_.begin(), split}, 95);
}

}  // namespace kieng::cluster::client

#include "cluster/core/peer_watch.hpp"

#include <algorithm>

namespace kieng::cluster {

void round_trips::add(instant took, bool well)
{
    kept_.push_back({took, well});
    if (kept_.size() > 128) kept_.pop_front();
}

std::optional<instant> round_trips::quantile(double q) const
{
    std::vector<instant> times;
    for (const auto& done : kept_) {
        if (done.well) times.push_back(done.took);
    }
    if (times.empty()) return std::nullopt;
    const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(times.size() - 1) + 0.5);
    std::nth_element(times.begin(), times.begin() + at, times.end());
    return times[static_cast<std::size_t>(at)];
}

double round_trips::error_rate() const
{
    if (kept_.empty()) return 0;
    const auto failed = std::ranges::count(kept_, false, &one::well);
    return static_cast<double>(failed) / static_cast<double>(kept_.size());
}

}  // namespace kieng::cluster

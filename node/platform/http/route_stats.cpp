#include "node/platform/http/route_stats.hpp"

#include <algorithm>

namespace kieng::http {
namespace {

std::size_t slot_of(int status) noexcept
{
    const auto found = std::lower_bound(kCountedStatuses.begin(), kCountedStatuses.end(), status);
    if (found != kCountedStatuses.end() && *found == status)
        return static_cast<std::size_t>(found - kCountedStatuses.begin());
    const int first = status / 100 * 100;
    const auto of_class = std::lower_bound(kCountedStatuses.begin(), kCountedStatuses.end(), first);
    return of_class == kCountedStatuses.end()
               ? kCountedStatuses.size() - 1
               : static_cast<std::size_t>(of_class - kCountedStatuses.begin());
}

}  // namespace

void route_stats::count(std::size_t route, int status, std::chrono::microseconds took,
                        std::size_t bytes, bool from_cache) noexcept
{
    auto& to = slots_[route];
    to.statuses[slot_of(status)].add(1);
    const auto* bound =
        std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), took.count());
    to.durations[static_cast<std::size_t>(bound - kDurationBounds.begin())].add(1);
    to.microseconds.add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count())));
    to.bytes.add(bytes);
    if (from_cache) to.cached.add(1);
}

void route_stats::add_to(std::size_t route, route_sample& out) const
{
    const auto& from = slots_[route];
    for (std::size_t i = 0; i < kCountedStatuses.size(); ++i) {
        const auto n = from.statuses[i].get();
        if (n == 0) continue;
        out.count += n;
        const auto found =
            std::find_if(out.by_status.begin(), out.by_status.end(),
                         [i](const auto& entry) { return entry.first == kCountedStatuses[i]; });
        if (found == out.by_status.end()) {
            out.by_status.emplace_back(kCountedStatuses[i], n);
        } else {
            found->second += n;
        }
    }
    for (std::size_t i = 0; i < kDurationBuckets; ++i) out.durations[i] += from.durations[i].get();
    out.microseconds += from.microseconds.get();
    out.bytes += from.bytes.get();
    out.cached += from.cached.get();
}

}  // namespace kieng::http

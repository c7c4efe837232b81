#include "node/platform/http/rate_limiter.hpp"

#include <algorithm>

namespace kieng::http {

rate_limiter::verdict rate_limiter::take(std::string_view key, steady_time now)
{
    if (rate_ == 0) return {};
    using std::chrono::nanoseconds;
    const nanoseconds each(1'000'000'000 / rate_);
    const nanoseconds capacity = each * burst();

    auto& in = shards_[hash{}(key) % kShards];
    const std::scoped_lock lock(in.guard);
    auto found = in.full_at.find(key);
    if (found == in.full_at.end()) {
        if (in.full_at.size() >= per_shard_) make_room(in, now);
        found = in.full_at.emplace(std::string(key), now).first;
    }
    auto& full_at = found->second;
    full_at = std::max(full_at, now);
    const nanoseconds used = full_at - now;
    verdict made;
    if (used + each > capacity) {
        made.allowed = false;
        made.wait = used + each - capacity;
        made.until_full = used;
        return made;
    }
    full_at += each;
    made.until_full = full_at - now;
    made.remaining = (capacity - made.until_full) / each;
    return made;
}

// Drops the keys whose bucket is full again; if all are in use, the one nearest to full.
void rate_limiter::make_room(shard& in, steady_time now) const
{
    std::erase_if(in.full_at, [now](const auto& bucket) { return bucket.second <= now; });
    if (in.full_at.size() < per_shard_) return;
    const auto oldest =
        std::min_element(in.full_at.begin(), in.full_at.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    in.full_at.erase(oldest);
}

}  // namespace kieng::http

// Token buckets by key, bounded in number: rate r per second, burst 2r. A bucket is one moment (the generic cell rate
// algorithm), so an idle key costs nothing and a full table forgets the keys that are full again first.
// Thread safe; takes one of many locks for a few nanoseconds.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kieng::http {

class rate_limiter {
public:
    static constexpr std::size_t kMaxKeys = 65'536;

    // rate 0: take() allows everything and keeps nothing.
    explicit rate_limiter(std::int64_t rate, std::size_t max_keys = kMaxKeys)
        : rate_(rate),
          per_shard_(max_keys / kShards + 1)
    {}

    struct verdict {
        bool allowed = true;
        std::int64_t remaining = 0;
        std::chrono::nanoseconds wait{0};  // until the next one is allowed
        std::chrono::nanoseconds until_full{0};
    };
    [[nodiscard]] verdict take(std::string_view key, steady_time now);
    [[nodiscard]] bool on() const noexcept { return rate_ > 0; }
    [[nodiscard]] std::int64_t burst() const noexcept { return 2 * rate_; }
    [[nodiscard]] static constexpr int window_seconds() noexcept { return 2; }

private:
    static constexpr std::size_t kShards = 64;
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct shard {
        std::mutex guard;
        std::unordered_map<std::string, steady_time, hash, std::equal_to<>>
            full_at;  // guarded by guard
    };
    void make_room(shard& in, steady_time now) const;

    const std::int64_t rate_;
    const std::size_t per_shard_;
    std::array<shard, kShards> shards_;
};

}  // namespace kieng::http

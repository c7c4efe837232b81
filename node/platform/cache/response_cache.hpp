// Answers of hot reads as ready bytes, dropped by tag the moment something they show changes.
//
// An entry carries tags: everything the answer depends on, the ids it shows and the sets and keys it was looked up by
// ("product:<id>", "list:products", "slug:<s>"). drop() removes every entry with one of the tags and leaves a mark
// (tag, position), so that a fill that was read before the drop is refused. At most kMaxMarks marks are kept, oldest out first; the position
// of a discarded mark becomes the floor, and fills read below the floor are refused too. Memory is bounded by bytes, least
// recently used out first.
//
// States of a key: absent -> loading (one loader, others wait) -> present -> absent (dropped, evicted).
// Races: a drop while loading -> the fill is answered to the waiters whose need it meets and not kept. A loader that throws or
// fails -> every waiter gets the failure, nothing is kept.
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cache {

// What a loader read. `pos` is cluster_head.pos of the snapshot it was read in.
struct loaded {
    int status = 200;  // 200, 308, or 404 for "not there", which is kept too
    std::string content_type = "application/json";
    std::string body;      // empty for a 404: the problem is made per request
    std::string version;   // row version for If-Match; the ETag begins with it. May be empty
    std::string location;  // for a redirect (308)
    std::vector<std::string> tags;
    std::int64_t pos = 0;
};

// A kept answer. Immutable once shared.
struct entry {
    int status = 200;
    std::string content_type;
    std::string body;
    std::string location;
    std::string etag;  // strong, without quotes: "<version>.<hash>"; the gzip form adds "-gz"
    std::vector<std::string> tags;
    std::int64_t pos = 0;

    // The compressed body, made when first asked for; empty if it does not pay (under 1 KiB). Thread safe.
    [[nodiscard]] const std::string& gzip() const;
    // Memory the entry takes, for the cache's bound.
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    mutable std::once_flag compressed_;
    mutable std::string gzip_;
};
using entry_ptr = std::shared_ptr<const entry>;

struct counters {
    std::atomic<std::uint64_t> hits{0}, misses{0}, fills{0}, refused_fills{0}, dropped{0},
        evicted{0};
};

class response_cache {
public:
    static constexpr std::size_t kMaxMarks = 65'536;
    using loader = std::function<task<result<loaded>>()>;

    // max_bytes 0 keeps nothing (every read goes to the loader; single flight still holds).
    explicit response_cache(std::size_t max_bytes);
    ~response_cache();
    response_cache(const response_cache&) = delete;
    response_cache& operator=(const response_cache&) = delete;

    // The kept answer, or null. Never blocks beyond a shard's lock.
    [[nodiscard]] entry_ptr find(std::string_view key);

    // The answer, from the cache or from `read`, which runs once however many ask. `min_pos` is the position the caller has
    // already seen: an answer read at an older position is never given to it; it reads again instead.
    // Errors: those of the loader; history_changed when even a fresh read is older than min_pos.
    task<result<entry_ptr>> load(std::string key, std::int64_t min_pos, loader read);

    // Something at position `pos` touched these tags. All drops of a position happen under one lock.
    void drop(std::span<const std::string> tags, std::int64_t pos);
    // Forgets everything, as after lost history; fills read at or below `pos` are refused.
    void clear(std::int64_t pos);

    [[nodiscard]] std::size_t bytes() const noexcept;
    [[nodiscard]] std::size_t entries() const noexcept;
    [[nodiscard]] const counters& stats() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cache

// Rate, errors and duration per route, counted per I/O thread without locks and read by anyone.
//
// Each counter has one writer (its I/O thread); readers see each number whole, not the set at one moment.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kieng::http {

// Upper bounds of the duration buckets in microseconds; one more bucket holds the rest.
inline constexpr std::array<std::int64_t, 15> kDurationBounds{
    100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};
inline constexpr std::size_t kDurationBuckets = kDurationBounds.size() + 1;

// Statuses that are counted by themselves; any other counts as its class's first (200, 300, 400, 500).
inline constexpr std::array<int, 32> kCountedStatuses{
    200, 201, 202, 204, 206, 300, 301, 302, 304, 400, 401, 403, 404, 405, 406, 408,
    409, 412, 413, 414, 415, 417, 422, 428, 429, 431, 499, 500, 501, 503, 504, 505};

// A counter with one writer.
class lone_counter {
public:
    void add(std::uint64_t n) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t get() const noexcept
    {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

struct route_sample {
    std::string method;
    std::string path;  // as in the route table; empty: no route matched
    std::vector<std::pair<int, std::uint64_t>> by_status;     // only those that occurred
    std::array<std::uint64_t, kDurationBuckets> durations{};  // not cumulative
    std::uint64_t count = 0;
    std::uint64_t microseconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t cached = 0;
};

class route_stats {
public:
    // One slot per route and one for requests that matched none (the last).
    explicit route_stats(std::size_t routes) : slots_(std::make_unique<slot[]>(routes + 1)) {}

    void count(std::size_t route, int status, std::chrono::microseconds took, std::size_t bytes,
               bool from_cache) noexcept;
    // Adds this thread's numbers.
    void add_to(std::size_t route, route_sample& out) const;

private:
    struct slot {
        std::array<lone_counter, kCountedStatuses.size()> statuses;
        std::array<lone_counter, kDurationBuckets> durations;
        lone_counter microseconds;
        lone_counter bytes;
        lone_counter cached;
    };
    std::unique_ptr<slot[]> slots_;
};

}  // namespace kieng::http

// What the cluster counts of itself: for GET /api/cluster/stats (the last hour and day) and for GET /metrics (since the start).
// Bounded; thread safe.
#pragma once

#include "base/clock.hpp"
#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/wire/statistics_recorder.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

namespace kieng::cluster {

// Times by fixed bounds, as Prometheus wants them: one more count than bounds, the last holds the rest.
template <std::size_t N>
struct bounded_histogram {
    std::array<std::uint64_t, N + 1> counts{};
    double sum = 0;  // seconds

    void add(double seconds, const std::array<double, N>& upper, std::uint64_t times = 1)
    {
        std::size_t place = 0;
        while (place < N && seconds > upper[place]) ++place;
        counts[place] += times;
        sum += seconds * static_cast<double>(times);
    }
};

// Upper bounds, seconds.
inline constexpr std::array kSyncBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                        0.05,   0.1,   0.25,   0.5,   1.0,  2.5};
inline constexpr std::array kTakeoverBounds{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
using sync_histogram = bounded_histogram<kSyncBounds.size()>;
using takeover_histogram = bounded_histogram<kTakeoverBounds.size()>;

// Everything since the start.
struct cluster_totals {
    sync_histogram sync;                                  // commit on another node -> applied here
    std::map<std::string_view, std::uint64_t> takeovers;  // by reason; "handover" for planned ones
    std::map<std::string_view, takeover_histogram> phases;  // of this node's own takeovers
    std::map<std::pair<std::string_view, std::string_view>, std::uint64_t>
        detections;  // by the state that a peer was found in, and why
    std::map<std::string_view, std::uint64_t> warnings;  // begun, by code
};

class cluster_figures {
public:
    cluster_figures(node_id self, const clock& time);

    // A request or beat to a peer was answered after `response`, or was not.
    void checked(const node_id& peer, bool well, instant response);
    // So many positions of another node arrived, so long after their commit.
    void synced(std::chrono::microseconds latency, std::uint64_t positions);
    // Each epoch counts once, whoever tells of it first; the phases count with the one who measured them.
    void took_over(const takeover_record& what);
    // From before this node's start, or that it did not see: the last hour and day know of it, the counters since the start do not.
    void took_over_before(const takeover_record& what);
    void found(member_state to, sighting why);
    void warned(warning_code code);

    // At most a second old.
    [[nodiscard]] std::shared_ptr<const wire::cluster_statistics> statistics() const;
    [[nodiscard]] cluster_totals totals() const;

private:
    void count_recent(const takeover_record& what);

    const clock& time_;
    mutable std::mutex guard_;  // guards all below
    wire::statistics_recorder recent_;
    cluster_totals totals_;
    std::set<std::int64_t> counted_;  // epochs, the newest
    mutable std::shared_ptr<const wire::cluster_statistics> read_;
    mutable instant read_at_{0};
};

}  // namespace kieng::cluster

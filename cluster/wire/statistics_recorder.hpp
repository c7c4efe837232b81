// Keeps what GET /api/cluster/stats shows: what happened in the last hour by minutes, in the last day by quarters of an hour.
//
// Bounded: about 80 KiB per peer. Percentiles are exact to a fifth. Time is given in and never goes back. Pure: no I/O, no clock.
// Not thread safe; the owner serialises.
#pragma once

#include "cluster/wire/stats_json.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

namespace kieng::cluster::wire {

// How often which time was measured, four bins to each doubling.
class time_histogram {
public:
    void add(std::chrono::microseconds time);
    void add(const time_histogram& other);
    [[nodiscard]] time_percentiles read() const;

private:
    static constexpr std::size_t kBins = 128;  // up to 2^32 us, more than an hour

    [[nodiscard]] std::chrono::microseconds quantile(std::uint64_t per_cent) const;

    std::array<std::uint32_t, kBins> bins_{};
    std::uint64_t count_ = 0;
    std::chrono::microseconds max_{0};
};

class statistics_recorder {
public:
    statistics_recorder(node_id self, instant started);

    // A request or beat to a peer was answered, or was not; `response` counts when it was.
    void checked(const node_id& peer, bool well, std::chrono::microseconds response, instant now);
    // A position of another node was applied here, this long after its commit.
    void synced(std::chrono::microseconds latency, instant now);
    // The active role changed hands at `when`, which may be long ago.
    void took_over(bool planned, instant when, instant now);
    // How long that took, as the node knows that did it.
    void took(std::chrono::microseconds total, instant now);

    [[nodiscard]] cluster_statistics read(instant now) const;

private:
    struct peer_counts {
        std::uint64_t checks = 0, failures = 0;
        time_histogram response;
    };
    struct counts {
        std::map<node_id, peer_counts> peers;
        time_histogram sync, takeover;
        std::uint64_t failovers = 0, handovers = 0;
    };
    struct period {
        std::int64_t number = 0;
        counts of;
    };
    // The last `kept` periods of one length.
    struct window {
        std::chrono::seconds length;
        std::int64_t kept;
        std::deque<period> periods;

        counts& at(instant now);
        // Nothing for what is over.
        [[nodiscard]] counts* at(instant when, instant now);
        [[nodiscard]] window_statistics read(instant now) const;
    };

    node_id self_;
    instant started_;
    std::array<window, 2> windows_;
};

}  // namespace kieng::cluster::wire

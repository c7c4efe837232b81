// How long a node took to answer lately: percentiles, and whether it has become slow.
// Pure. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/client_settings.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace kieng::cluster::client {

class latency_window {
public:
    static constexpr std::size_t kKept = 128;
    static constexpr std::size_t kRecent = 20;

    void add(milliseconds sample);

    // The nearest-rank percentile of what is kept; nothing while fewer than `least` samples are.
    [[nodiscard]] std::optional<milliseconds> percentile(int percent, int least) const;
    // The p95 of the last 20 is over twice that of at least 20 before them, and over `floor`.
    [[nodiscard]] bool doubled(milliseconds floor) const;

private:
    std::deque<milliseconds> samples_;
};

}  // namespace kieng::cluster::client

// The breaker of one node: closed, open for a while, then one probe at a time until enough were good.
// Pure: time comes in. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/client_settings.hpp"

#include <deque>
#include <optional>
#include <utility>

namespace kieng::cluster::client {

class breaker {
public:
    explicit breaker(const settings& numbers) : numbers_(numbers) {}

    // A request that came to a good or a bad end on this node. While open, good ends close it as good probes do.
    void record(bool good, steady_time now);
    // A probe: at most one under way.
    [[nodiscard]] bool probe_due(steady_time now) const noexcept;
    [[nodiscard]] std::optional<steady_time> probe_at() const noexcept;
    void probe_started() noexcept { probing_ = true; }
    void probe_done(bool good, steady_time now);

    [[nodiscard]] bool open() const noexcept { return open_; }

private:
    void trip(steady_time now);
    void close();
    [[nodiscard]] bool too_many_failed(steady_time now);

    const settings& numbers_;
    bool open_ = false;
    bool probing_ = false;
    int times_ = 0;  // it opened since it was last closed
    int in_row_ = 0;
    int good_ = 0;
    steady_time until_;
    std::deque<std::pair<steady_time, bool>> recent_;
};

}  // namespace kieng::cluster::client

// What /metrics shows: every part of the node describes its numbers when asked, and they leave as Prometheus text.
//
// Parts keep plain counters of their own on their hot paths; nothing is shared until somebody scrapes.
// Thread safe after all sources are added.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::telemetry {

using label = std::pair<std::string, std::string>;
using labels = std::vector<label>;

// Collects the samples of one scrape. Names follow Prometheus: snake_case, base units, _total for counters.
class samples {
public:
    samples();
    ~samples();
    samples(const samples&) = delete;
    samples& operator=(const samples&) = delete;

    void counter(std::string_view name, std::string_view help, double value, labels with = {});
    void gauge(std::string_view name, std::string_view help, double value, labels with = {});
    // `upper` are the buckets' upper bounds (seconds, bytes), `counts` how many fell into each (not cumulative); one more
    // count than bounds: the last holds the rest.
    void histogram(std::string_view name, std::string_view help, std::span<const double> upper,
                   std::span<const std::uint64_t> counts, double sum, labels with = {});

    // Prometheus text exposition format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

class metrics {
public:
    using source = std::function<void(samples&)>;

    void add(source from) { sources_.push_back(std::move(from)); }
    [[nodiscard]] std::string text() const;

private:
    std::vector<source> sources_;
};

// Memory, processor time, descriptors, threads and start time of this process, from /proc.
void process_samples(samples& out);

struct process_figures {
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t threads = 0;
};
[[nodiscard]] process_figures read_process() noexcept;

}  // namespace kieng::telemetry

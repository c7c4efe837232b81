#include "cluster/wire/statistics_recorder.hpp"

#include "cluster/wire/words.hpp"

#include <algorithm>
#include <bit>

namespace kieng::cluster::wire {
namespace {

using std::chrono::microseconds;

// Bin 4 * e + q holds the times from (4 + q) * 2^(e - 2) us on, for e from 2; below 8 us each has its own.
std::size_t bin_of(std::uint64_t time) noexcept
{
    if (time < 8) return static_cast<std::size_t>(time);
    const auto exponent = static_cast<std::size_t>(std::bit_width(time)) - 1;
    return 4 * (exponent - 1) + (time >> (exponent - 2) & 3);
}

// The longest time of a bin.
std::uint64_t end_of(std::size_t bin) noexcept
{
    if (bin < 8) return bin;
    const auto exponent = bin / 4 + 1;
    return ((4 + bin % 4 + 1) << (exponent - 2)) - 1;
}

}  // namespace

void time_histogram::add(microseconds time)
{
    const auto taken = std::max(time, microseconds(0));
    ++bins_[std::min(bin_of(static_cast<std::uint64_t>(taken.count())), kBins - 1)];
    ++count_;
    max_ = std::max(max_, taken);
}

void time_histogram::add(const time_histogram& other)
{
    for (std::size_t i = 0; i < kBins; ++i) bins_[i] += other.bins_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

microseconds time_histogram::quantile(std::uint64_t per_cent) const
{
    const std::uint64_t wanted = (count_ * per_cent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
        seen += bins_[i];
        if (seen >= wanted)
            return std::min(microseconds(static_cast<std::int64_t>(end_of(i))), max_);
    }
    return max_;
}

time_percentiles time_histogram::read() const
{
    if (count_ == 0) return {};
    return {count_, quantile(50), quantile(99), max_};
}

statistics_recorder::statistics_recorder(node_id self, instant started)
    : self_(std::move(self)),
      started_(started),
      windows_{window{std::chrono::minutes(1), 60, {}}, window{std::chrono::minutes(15), 96, {}}}
{}

statistics_recorder::counts& statistics_recorder::window::at(instant now)
{
    const std::int64_t number = now / length;
    if (periods.empty() || periods.back().number < number) periods.push_back({number, {}});
    while (periods.front().number <= number - kept) periods.pop_front();
    return periods.back().of;
}

statistics_recorder::counts* statistics_recorder::window::at(instant when, instant now)
{
    at(now);
    const std::int64_t number = when / length;
    if (number <= now / length - kept || number > now / length) return nullptr;
    auto place = periods.begin();
    while (place->number < number) ++place;
    if (place->number != number) place = periods.insert(place, {number, {}});
    return &place->of;
}

window_statistics statistics_recorder::window::read(instant now) const
{
    counts sum;
    for (const auto& one : periods) {
        if (one.number <= now / length - kept) continue;
        for (const auto& [node, held] : one.of.peers) {
            auto& all = sum.peers[node];
            all.checks += held.checks;
            all.failures += held.failures;
            all.response.add(held.response);
        }
        sum.sync.add(one.of.sync);
        sum.takeover.add(one.of.takeover);
        sum.failovers += one.of.failovers;
        sum.handovers += one.of.handovers;
    }
    window_statistics out;
    out.length = length * kept;
    for (const auto& [node, held] : sum.peers)
        out.health.push_back({node, held.checks, held.failures, held.response.read()});
    out.sync = sum.sync.read();
    out.takeover = sum.takeover.read();
    out.failovers = sum.failovers;
    out.handovers = sum.handovers;
    return out;
}

void statistics_recorder::checked(const node_id& peer, bool well, microseconds response,
                                  instant now)
{
    for (auto& one : windows_) {
        auto& peers = one.at(now).peers;
        if (peers.size() >= kMostNodes && !peers.contains(peer)) continue;
        auto& held = peers[peer];
        ++held.checks;
        if (well)
            held.response.add(response);
        else
            ++held.failures;
    }
}

void statistics_recorder::synced(microseconds latency, instant now)
{
    for (auto& one : windows_) one.at(now).sync.add(latency);
}

void statistics_recorder::took_over(bool planned, instant when, instant now)
{
    for (auto& one : windows_) {
        auto* held = one.at(when, now);
        if (held != nullptr) ++(planned ? held->handovers : held->failovers);
    }
}

void statistics_recorder::took(microseconds total, instant now)
{
    for (auto& one : windows_) one.at(now).takeover.add(total);
}

cluster_statistics statistics_recorder::read(instant now) const
{
    cluster_statistics out;
    out.self = self_;
    out.observed = std::chrono::duration_cast<std::chrono::seconds>(now - started_);
    for (const auto& one : windows_) out.windows.push_back(one.read(now));
    return out;
}

}  // namespace kieng::cluster::wire

#include "cluster/runtime/cluster_figures.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

using std::chrono::microseconds;

constexpr instant kFresh = std::chrono::seconds(1);
constexpr std::size_t kEpochsCounted = 1'024;

double in_seconds(instant time)
{
    return std::chrono::duration<double>(time).count();
}

microseconds in_microseconds(instant time)
{
    return std::chrono::duration_cast<microseconds>(time);
}

}  // namespace

cluster_figures::cluster_figures(node_id self, const clock& time)
    : time_(time),
      recent_(std::move(self), time.boot())
{}

void cluster_figures::checked(const node_id& peer, bool well, instant response)
{
    const std::lock_guard lock(guard_);
    recent_.checked(peer, well, in_microseconds(response), time_.boot());
}

void cluster_figures::synced(microseconds latency, std::uint64_t positions)
{
    if (positions == 0) return;
    const auto took = std::max(latency, microseconds(0));
    const std::lock_guard lock(guard_);
    totals_.sync.add(in_seconds(took), kSyncBounds, positions);
    const auto now = time_.boot();
    for (std::uint64_t i = 0; i < positions; ++i) recent_.synced(took, now);
}

void cluster_figures::took_over(const takeover_record& what)
{
    const auto& phases = what.phases;
    const std::string_view reason = what.planned  ? "handover"
                                    : what.reason ? name_of(*what.reason)
                                                  : "unknown";
    const std::lock_guard lock(guard_);
    ++totals_.takeovers[reason];
    const auto add = [this](std::string_view phase, std::optional<instant> time) {
        if (time) totals_.phases[phase].add(in_seconds(*time), kTakeoverBounds);
    };
    add("detect", phases.detect);
    add("decide", phases.decide);
    add("fence", phases.fence);
    add("announce", phases.announce);
    count_recent(what);
    const auto total = phases.total();
    if (total && !what.from.empty()) recent_.took(in_microseconds(*total), time_.boot());
}

void cluster_figures::took_over_before(const takeover_record& what)
{
    const std::lock_guard lock(guard_);
    count_recent(what);
}

// Where nobody had it nobody failed: a cluster that starts.
void cluster_figures::count_recent(const takeover_record& what)
{
    if (what.from.empty() || !counted_.insert(what.epoch).second) return;
    if (counted_.size() > kEpochsCounted) counted_.erase(counted_.begin());
    recent_.took_over(what.planned, what.at, time_.boot());
}

void cluster_figures::found(member_state to, sighting why)
{
    const std::lock_guard lock(guard_);
    ++totals_.detections[{name_of(to), words_of(why)}];
}

void cluster_figures::warned(warning_code code)
{
    const std::lock_guard lock(guard_);
    ++totals_.warnings[name_of(code)];
}

std::shared_ptr<const wire::cluster_statistics> cluster_figures::statistics() const
{
    const std::lock_guard lock(guard_);
    const auto now = time_.boot();
    if (!read_ || now - read_at_ >= kFresh) {
        read_ = std::make_shared<const wire::cluster_statistics>(recent_.read(now));
        read_at_ = now;
    }
    return read_;
}

cluster_totals cluster_figures::totals() const
{
    const std::lock_guard lock(guard_);
    return totals_;
}

}  // namespace kieng::cluster

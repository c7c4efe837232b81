#include "cluster/core/client_fleet.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace kieng::cluster::client {
namespace {

constexpr milliseconds kLatencyStep{10};  // nodes within the same step count as equally near
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

enum group : int { kFirst = 0, kBusy, kAway, kUnwell, kShut };

}  // namespace

fleet::fleet(const settings& numbers, const std::vector<configured_node>& nodes,
             std::string cluster)
    : numbers_(numbers)
{
    view_.cluster = std::move(cluster);
    for (const configured_node& one : nodes) {
        nodes_.push_back({.name = one.id.empty() ? one.url : one.id,
                          .url = one.url,
                          .priority = one.priority,
                          .guard = breaker(numbers_)});
    }
}

bool fleet::is_away(const entry& who, steady_time now) const
{
    if (!who.away) return false;
    const bool stable =
        who.good >= numbers_.fail_back_good && now - who.good_from >= numbers_.fail_back_stable;
    return !stable;
}

int fleet::group(const entry& of, bool read, steady_time now) const
{
    if (is_shut(of)) return kShut;
    if (!of.listed_well && !view_.panic) return kUnwell;
    if (is_away(of, now)) return kAway;
    if (read && (of.busy_until > now || of.reads.doubled(numbers_.spill_floor))) return kBusy;
    return kFirst;
}

bool fleet::well(std::size_t node, steady_time now) const
{
    return group(nodes_[node], false, now) == kFirst;
}

std::vector<std::size_t> fleet::order(bool read, steady_time now) const
{
    const auto key = [&](std::size_t index) {
        const entry& one = nodes_[index];
        const int in = group(one, read, now);
        const bool active = in != kShut && !one.id.empty() && one.id == view_.active;
        const auto near = one.reads.percentile(50, 1).value_or(milliseconds(0)) / kLatencyStep;
        return std::tuple(in, active ? 0 : 1, one.priority, in == kShut ? 0 : near, index);
    };
    std::vector<std::size_t> all(nodes_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::sort(all.begin(), all.end(),
              [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return all;
}

milliseconds fleet::attempt_timeout(std::size_t node, bool read) const
{
    const latency_window& seen = read ? nodes_[node].reads : nodes_[node].writes;
    const auto p99 = seen.percentile(99, numbers_.latency_samples);
    if (!p99) return numbers_.attempt_unknown;
    return std::clamp(3 * *p99, numbers_.attempt_min, numbers_.attempt_max);
}

milliseconds fleet::hedge_after(std::size_t node) const
{
    const auto p95 = nodes_[node].reads.percentile(95, numbers_.latency_samples);
    return std::max(p95.value_or(milliseconds(0)), numbers_.hedge_min);
}

void fleet::leave(entry& who, steady_time now)
{
    who.away = true;
    who.good = 0;
    who.probed_at = now;
}

void fleet::good_sign(entry& who, steady_time now)
{
    unreached_ = false;
    if (!who.away) return;
    if (who.good++ == 0) who.good_from = now;
}

void fleet::record(std::size_t index, bool read, const report& what, const judgement& is,
                   steady_time now)
{
    entry& who = nodes_[index];
    if (what.ours) return;
    if (is.blame) who.guard.record(false, now);
    if (is.leave) leave(who, now);
    if (is.spill) who.busy_until = now + std::max(numbers_.spill, what.asked);
    if (what.how == ending::answer) {
        unreached_ = false;
        const bool settled = is.what == verdict::accept || is.what == verdict::stop;
        if (settled) (read ? who.reads : who.writes).add(what.latency);
        if (settled && !is.blame && !is.leave && what.status < 500) {
            who.guard.record(true, now);
            good_sign(who, now);
        }
        if (is.what == verdict::shared_wait && what.status >= 500) shared_trouble_ = true;
    }
    update_state(now);
}

std::string fleet::why_served_by(std::size_t now_serving, steady_time now) const
{
    if (server_ == kNobody) return "start";
    const entry& before = nodes_[server_];
    if (is_shut(before) || is_away(before, now)) return "failover";
    return nodes_[now_serving].away ? "fail_back" : "view";
}

void fleet::served_by(std::size_t index, bool aside, steady_time now)
{
    if (index == server_ || (aside && server_ != kNobody)) return;
    events_.push_back({.kind = event_kind::server,
                       .server = nodes_[index].name,
                       .from = server_ == kNobody ? std::string() : nodes_[server_].name,
                       .why = why_served_by(index, now)});
    if (!is_away(nodes_[index], now)) nodes_[index].away = false;
    server_ = index;
}

void fleet::call_failed(bool reached, steady_time now)
{
    if (!reached) unreached_ = true;
    update_state(now);
}

void fleet::call_served(bool stale, steady_time now)
{
    shared_trouble_ = stale;
    update_state(now);
}

void fleet::update_state(steady_time now)
{
    std::size_t first = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const bool active = !nodes_[i].id.empty() && nodes_[i].id == view_.active;
        const bool before = !nodes_[first].id.empty() && nodes_[first].id == view_.active;
        if (active || (!before && nodes_[i].priority < nodes_[first].priority)) first = i;
    }
    service_state is = service_state::ok;
    if (unreached_)
        is = service_state::offline;
    else if (shared_trouble_ || !well(first, now))
        is = service_state::degraded;
    if (is == state_) return;
    state_ = is;
    events_.push_back({.kind = event_kind::state, .state = is});
}

std::vector<event> fleet::take_events()
{
    return std::exchange(events_, {});
}

}  // namespace kieng::cluster::client

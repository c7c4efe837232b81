#include "cluster/core/simulation/world.hpp"

#include <algorithm>
#include <cstdarg>

namespace kieng::cluster::simulation {
namespace {

bool later(const event& a, const event& b) noexcept
{
    return a.at != b.at ? a.at > b.at : a.order > b.order;
}

}  // namespace

std::string_view name_of(scenario what) noexcept
{
    switch (what) {
    case scenario::chaos: return "chaos";
    case scenario::crash_active: return "crash_active";
    case scenario::lose_host: return "lose_host";
    case scenario::hang_active: return "hang_active";
    case scenario::cut_pair: return "cut_pair";
    case scenario::isolate_active: return "isolate_active";
    case scenario::lose_messages: return "lose_messages";
    case scenario::pause_standby: return "pause_standby";
    case scenario::outage: return "outage";
    case scenario::restart_database: return "restart_database";
    case scenario::database_cut: return "database_cut";
    case scenario::drain_active: return "drain_active";
    }
    return "";
}

std::string_view name_of(planted what) noexcept
{
    switch (what) {
    case planted::none: return "none";
    case planted::fence_removed: return "fence_removed";
    case planted::expires_at_ignored: return "expires_at_ignored";
    case planted::self_blame_removed: return "self_blame_removed";
    case planted::lock_accuses_alone: return "lock_accuses_alone";
    }
    return "";
}

world::world(const options& how) : how_(how), dice_(how.seed)
{
    settings_.failback_after = 2s;
    settings_.failback_most = 4s;
    settings_.drain_before_resign = 500ms;
    if (how.fault == planted::self_blame_removed) settings_.blame_after = 24h;
    if (how.fault == planted::expires_at_ignored) settings_.renewal_overdue = -24h;
    if (how.fault == planted::lock_accuses_alone) settings_.lock_trust_after = 0s;
    now_ = 1h;
    const int luck = dice_.below(10);
    count_ = luck < 8 ? 3 : luck - 4;
    for (int i = 0; i < count_; ++i) {
        auto& who = nodes_[i].who;
        who.id = std::string("server-") + static_cast<char>('a' + i);
        who.url = "http://" + who.id;
        who.priority = i;
        who.version = "1";
    }
}

void world::at(instant when, deed what, int node)
{
    event e{std::max(when, now_), ++order_, node, node < 0 ? 0 : nodes_[node].life,
            std::move(what)};
    queue_.push_back(std::move(e));
    std::ranges::push_heap(queue_, later);
}

void world::run_until(instant end)
{
    while (!queue_.empty() && queue_.front().at <= end && result_.violations.empty()) {
        std::ranges::pop_heap(queue_, later);
        event next = std::move(queue_.back());
        queue_.pop_back();
        now_ = next.at;
        ++result_.events;
        if (next.node >= 0) {
            auto& node = nodes_[next.node];
            if (!node.running || node.life != next.life) continue;
            if (node.paused) {
                node.deferred.push_back(std::move(next.run));
                continue;
            }
        }
        next.run();
    }
    now_ = end;
}

void world::say(const char* format, ...)
{
    if (!how_.trace) return;
    std::printf("%10.3f  ", std::chrono::duration<double>(now_ - 1h).count());
    std::va_list arguments;
    va_start(arguments, format);
    std::vprintf(format, arguments);
    va_end(arguments);
    std::printf("\n");
}

void world::violate(std::string what)
{
    say("VIOLATION %s", what.c_str());
    result_.violations.push_back(std::move(what));
}

outcome world::run()
{
    const auto last = static_cast<int>(kLastScenario);
    // Every second seed is chaos.
    const int luck = dice_.below(2 * (last - 1));
    result_.played = luck < last - 1 ? static_cast<scenario>(luck + 2) : scenario::chaos;
    if (how_.only) result_.played = *how_.only;
    say("seed %llu: %s, %d nodes, planted: %s", static_cast<unsigned long long>(how_.seed),
        std::string(name_of(result_.played)).c_str(), count_,
        std::string(name_of(how_.fault)).c_str());
    for (int i = 0; i < count_; ++i) {
        at(now_ + dice_.between(0ms, 300ms), [this, i] { start(i); });
        at(now_ + 500ms, [this, i] { write_something(i); });
    }
    play(result_.played);
    return std::move(result_);
}

outcome simulate(const options& how)
{
    return world(how).run();
}

}  // namespace kieng::cluster::simulation

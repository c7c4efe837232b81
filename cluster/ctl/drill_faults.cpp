// What a drill does to the active node, and how it sees what came of it.
#include "cluster/ctl/drill.hpp"

#include <algorithm>
#include <csignal>

namespace kieng::cluster::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{10};
constexpr milliseconds kFault{4000};       // how long a node hangs, or a link is cut
constexpr milliseconds kAfter{1000};       // clients are watched so long after a takeover
constexpr milliseconds kPatience{20'000};  // for a takeover

double milliseconds_between(wall_time from, wall_time to)
{
    return std::chrono::duration<double, std::milli>(to - from).count();
}

// Since `hit`, as told in whole milliseconds: what rounds to just before it is at once.
std::optional<double> since(wall_time hit, std::optional<wall_time> told)
{
    constexpr double kRounding = -2;
    if (!told) return std::nullopt;
    const double out = milliseconds_between(hit, *told);
    if (out < kRounding) return std::nullopt;
    return std::max(out, 0.0);
}

// Whether a node no longer holds another for alive by its own senses.
bool holds_cut(const std::optional<cluster_report>& said, const std::string& id,
               const std::string& peer)
{
    if (!said) return false;
    const auto row = said->matrix.find(id);
    if (row == said->matrix.end()) return false;
    const auto word = row->second.find(peer);
    return word != row->second.end() && word->second != "alive";
}

}  // namespace

// Polls the others until one of them says that another node is active.
task<std::string> drill::watch_takeover(injection& one, std::int64_t epoch, wall_time hit)
{
    const steady_time deadline = system_clock().steady() + kPatience;
    while (system_clock().steady() < deadline) {
        std::string but = one.victim;
        const sight now = co_await look(std::move(but));
        for (const auto& said : now.said) {
            if (!said) continue;
            const auto* const victim = said->member(one.victim);
            const auto down = victim != nullptr && victim->state == "down"
                                  ? since(hit, victim->since)
                                  : std::nullopt;
            if (down) one.detect = std::min(one.detect.value_or(*down), *down);
            if (said->epoch <= epoch || said->active.empty() || said->active == one.victim)
                continue;
            one.successor = said->active;
            const auto took = since(hit, said->active_since);
            if (took) one.takeover = std::min(one.takeover.value_or(*took), *took);
        }
        if (!one.successor.empty() && one.detect) co_return std::string();
        co_await sleep_for(kPoll);
    }
    if (!one.successor.empty()) co_return std::string();
    co_return "no other node became active within 20 s after " + one.victim + " was hit";
}

// How the new active node tells it. `announce` is known a moment later.
task<> drill::read_phases(injection& one, std::int64_t epoch)
{
    const auto said = co_await status_of(index_of(one.successor));
    if (!said) co_return;
    for (const auto& change : said->history) {
        if (change.epoch != epoch + 1) continue;
        if (change.event == "takeover") one.phases = change.ms;
        // Given away just before it was hit: no takeover.
        if (change.event == "handover") one.takeover.reset();
    }
}

task<std::string> drill::crash(injection& one, std::int64_t epoch)
{
    const steady_time from = system_clock().steady();
    const wall_time hit = system_clock().wall();
    if (!processes_.signal(one.victim, SIGKILL))
        co_return one.victim + " is not there to be killed";
    std::string trouble = co_await watch_takeover(one, epoch, hit);
    if (trouble.empty()) {
        co_await sleep_for(kAfter);
        one.gap = load_->longest(from, system_clock().steady());
        co_await read_phases(one, epoch);
    }
    std::string id = one.victim;
    const std::string not_started = co_await processes_.start(std::move(id));
    if (trouble.empty()) trouble = not_started;
    co_return trouble;
}

task<std::string> drill::hang(injection& one, std::int64_t epoch)
{
    const steady_time from = system_clock().steady();
    const wall_time hit = system_clock().wall();
    stopped_process asleep(processes_, one.victim);
    std::string trouble = co_await watch_takeover(one, epoch, hit);
    const steady_time wake = from + kFault;
    const steady_time now = system_clock().steady();
    if (trouble.empty() && wake > now) co_await sleep_for(wake - now);
    one.gap = load_->longest(from, system_clock().steady());
    if (trouble.empty()) co_await read_phases(one, epoch);
    asleep.resume();
    // Its watchdog may have ended it; then it is started as whoever looks after it would do.
    co_await sleep_for(kAfter);
    if (trouble.empty() && !processes_.pid_of(one.victim) && processes_.can_start()) {
        std::string id = one.victim;
        trouble = co_await processes_.start(std::move(id));
    }
    co_return trouble;
}

// Between the active node and one other. Nothing may move: the third still hears both.
task<std::string> drill::partition(drill_figures& into, injection& one, std::int64_t epoch)
{
    const std::size_t victim = index_of(one.victim);
    const std::size_t other = (victim + 1) % servers_.size();
    link_cut link(end_of(servers_[victim]), end_of(servers_[other]));
    const steady_time from = system_clock().steady();
    const wall_time hit = system_clock().wall();
    std::string trouble = co_await link.cut();
    const steady_time heal = from + kFault;
    while (trouble.empty() && system_clock().steady() < heal) {
        std::string nobody;
        const sight now = co_await look(std::move(nobody));
        const bool cut = holds_cut(now.said[victim], servers_[victim].id, servers_[other].id) ||
                         holds_cut(now.said[other], servers_[other].id, servers_[victim].id);
        if (cut && !one.detect) one.detect = milliseconds_between(hit, system_clock().wall());
        for (const auto& said : now.said) {
            if (said && said->epoch != epoch) one.successor = said->active;
        }
        co_await sleep_for(kPoll);
    }
    if (!one.successor.empty()) ++into.role_moves;
    one.gap = load_->longest(from, system_clock().steady());
    const std::string not_healed = co_await link.heal();
    if (trouble.empty()) trouble = not_healed;
    co_return trouble;
}

}  // namespace kieng::cluster::ctl

#include "cluster/ctl/drill.hpp"

#include "cluster/ctl/text_table.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace kieng::cluster::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{10};
constexpr milliseconds kCalmPoll{50};
constexpr milliseconds kFault{4000};       // how long a node hangs, or a link is cut
constexpr milliseconds kAfter{1000};       // clients are watched so long after a takeover
constexpr milliseconds kPatience{20'000};  // for a takeover
constexpr milliseconds kWhole{60'000};
constexpr std::uint64_t kWarmUp = 20;  // calls before the first fault

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

bool holds_all_alive(const cluster_report& what, const std::vector<server_report>& all)
{
    for (const auto& one : all) {
        const auto* const member = what.member(one.id);
        if (member == nullptr || member->state != "alive") return false;
        const auto row = what.matrix.find(one.id);
        if (row == what.matrix.end()) return false;
        for (const auto& [about, word] : row->second) {
            if (about != one.id && server_named(all, about) != nullptr && word != "alive")
                return false;
        }
    }
    return true;
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

drill::drill(caller& nodes, std::vector<server_report> servers, const options& how)
    : nodes_(nodes),
      servers_(std::move(servers)),
      how_(how),
      processes_(how.drill)
{}

std::size_t drill::index_of(const std::string& id) const
{
    const auto at = std::find_if(servers_.begin(), servers_.end(),
                                 [&](const auto& one) { return one.id == id; });
    return static_cast<std::size_t>(at - servers_.begin());
}

link_end drill::end_of(const server_report& of) const
{
    return {of.id, processes_.pid_of(of.id).value_or(0), host_of(of.url)};
}

std::string drill::objection() const
{
    if (!how_.drill.test_cluster)
        return "a drill kills, stops or cuts off nodes: say --i-am-a-test-cluster if nobody depends on this one";
    if (servers_.size() < 2) return "a drill needs at least two nodes";
    for (const auto& one : servers_) {
        if (auto trouble = processes_.trouble_with(one.id); !trouble.empty()) return trouble;
    }
    if (how_.drill.what == fault::crash && !processes_.can_start())
        return "who starts a node again after a crash? Give the command: --start 'command {id}'";
    if (how_.drill.what != fault::partition) return {};
    if (!how_.drill.netns)
        return "a partition is made by dropping packets inside the network namespaces of the nodes: start each in one of its own and say --netns";
    for (const auto& one : servers_) {
        for (const auto& other : servers_) {
            if (one.id == other.id) continue;
            auto trouble = trouble_with_namespaces(end_of(one), end_of(other));
            if (!trouble.empty()) return trouble;
        }
    }
    return trouble_with_tools();
}

void drill::tell(const drill_figures& all, const std::string& sentence) const
{
    std::fprintf(stderr, "%zu/%d %s\n", all.injections.size(), how_.drill.repeat, sentence.c_str());
}

task<std::optional<cluster_report>> drill::status_of(std::size_t node)
{
    std::string method = "GET";
    std::string target = "/api/cluster/status";
    std::string url = servers_[node].url;
    const client::outcome came =
        co_await nodes_.ask(std::move(url), std::move(method), std::move(target));
    if (!came.ok) co_return std::nullopt;
    co_return read_status(came.reply.body);
}

// What every node but one says.
task<drill::sight> drill::look(std::string but)
{
    sight out;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        std::optional<cluster_report> said;
        if (servers_[i].id != but) said = co_await status_of(i);
        out.said.push_back(std::move(said));
    }
    co_return out;
}

// Until all hold all for alive and agree on who is active; `seen` is what they agree on.
task<std::string> drill::wait_whole(cluster_report& seen)
{
    const steady_time deadline = system_clock().steady() + kWhole;
    while (true) {
        std::string nobody;
        sight now = co_await look(std::move(nobody));
        const bool whole = std::all_of(now.said.begin(), now.said.end(), [&](const auto& one) {
            return one && holds_all_alive(*one, servers_) && !one->active.empty() && now.said[0] &&
                   one->active == now.said[0]->active && one->epoch == now.said[0]->epoch;
        });
        if (whole) {
            seen = *now.said[0];
            co_return std::string();
        }
        if (system_clock().steady() >= deadline)
            co_return std::string(
                "the nodes did not all hold each other for alive within a minute");
        co_await sleep_for(kCalmPoll);
    }
}

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

task<std::string> drill::inject(drill_figures& into)
{
    cluster_report before;
    std::string trouble = co_await wait_whole(before);
    if (!trouble.empty()) co_return trouble;
    injection one;
    one.victim = before.active;
    switch (how_.drill.what) {
    case fault::crash: trouble = co_await crash(one, before.epoch); break;
    case fault::hang: trouble = co_await hang(one, before.epoch); break;
    case fault::partition: trouble = co_await partition(into, one, before.epoch); break;
    }
    if (!trouble.empty()) co_return trouble;
    if (how_.drill.what != fault::partition && !one.takeover) {
        ++into.disturbed;
        co_return trouble;
    }
    const auto shown = [](const std::optional<double>& ms) {
        return ms ? short_number(*ms) + " ms" : std::string("-");
    };
    into.injections.push_back(one);
    tell(into, one.victim + (one.successor.empty() ? "" : " -> " + one.successor) + ": detect " +
                   shown(one.detect) + ", takeover " + shown(one.takeover) + ", gap " +
                   shown(one.gap));
    co_return trouble;
}

task<drill_figures> drill::run()
{
    drill_figures out;
    out.what = how_.drill.what;
    const executor where = co_await asio::this_coro::executor;
    load_ = std::make_unique<drill_load>(where, nodes_, servers_, how_.drill);
    cluster_report before;
    out.ended_early = co_await wait_whole(before);
    load_->start();
    while (out.ended_early.empty() && load_->calls() < kWarmUp) co_await sleep_for(kCalmPoll);
    const auto wanted = static_cast<std::size_t>(how_.drill.repeat);
    while (out.ended_early.empty() && out.injections.size() < wanted) {
        out.ended_early = co_await inject(out);
        if (out.disturbed > wanted)
            out.ended_early = "the cluster moves the active role by itself all the time";
    }
    if (out.ended_early.empty()) out.ended_early = co_await wait_whole(before);
    const std::string unsettled = co_await load_->settle(out.load);
    if (out.ended_early.empty()) out.ended_early = unsettled;
    co_return out;
}

}  // namespace kieng::cluster::ctl

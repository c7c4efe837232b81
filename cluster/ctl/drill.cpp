#include "cluster/ctl/drill.hpp"

#include "cluster/ctl/text_table.hpp"

#include <algorithm>
#include <cstdio>

namespace kieng::cluster::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCalmPoll{50};
constexpr milliseconds kWhole{60'000};
constexpr std::uint64_t kWarmUp = 20;  // calls before the first fault

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

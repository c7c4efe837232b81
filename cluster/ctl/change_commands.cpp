// The commands that change something: they sign in, ask the node concerned, and wait until it is seen to have happened.
#include "cluster/ctl/commands.hpp"
#include "cluster/wire/json_writer.hpp"

namespace kieng::cluster::ctl {
namespace {

constexpr std::chrono::milliseconds kPoll{50};

using report_test = std::function<bool(const cluster_report&)>;

// Whether the cluster came to say so in time.
task<bool> wait_until(caller& nodes, const options& how, report_test holds)
{
    const steady_time deadline = system_clock().steady() + how.timeout;
    while (true) {
        const auto came = co_await nodes.status();
        const auto* const what = std::get_if<cluster_report>(&came);
        if (what != nullptr && holds(*what)) co_return true;
        if (system_clock().steady() >= deadline) co_return false;
        co_await sleep_for(kPoll);
    }
}

std::string seconds_text(std::chrono::milliseconds time)
{
    return wire::decimal(std::chrono::duration<double>(time).count()) + " s";
}

exit_code late(const options& how, const std::string& what)
{
    return complain(
        {exit_code::not_done, "asked for, but after " + seconds_text(how.timeout) + " " + what});
}

void tell(const options& how, const std::string& sentence, const std::string& json)
{
    print(how.json ? json + "\n" : sentence + "\n");
}

// The url of a node, however it is: the status lists those that are away, too.
const member_report* member_named(const cluster_report& what, const std::string& id)
{
    return what.member(id);
}

failed no_member(const cluster_report& what, const std::string& id)
{
    std::vector<server_report> all;
    for (const auto& one : what.members) all.push_back({one.id, one.url, one.role, one.state});
    return unknown_node(all, id);
}

std::string handover_target(const std::optional<std::string>& to)
{
    return "/api/cluster/handover" + (to ? "?to=" + *to : std::string());
}

task<exit_code> wait_for_handover(caller& nodes, const options& how, cluster_report before)
{
    const steady_time began = system_clock().steady();
    auto now = std::make_shared<cluster_report>();
    report_test moved = [now, before, to = how.to](const cluster_report& what) {
        *now = what;
        return what.epoch > before.epoch && !what.active.empty() && what.active != before.active &&
               (!to || what.active == *to);
    };
    const bool done = co_await wait_until(nodes, how, std::move(moved));
    if (!done)
        co_return late(how, (now->active.empty() ? before.active : now->active) + " is active");
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().steady() - began);
    tell(how,
         now->active + " is active instead of " + before.active + " (epoch " +
             std::to_string(now->epoch) + ", " + std::to_string(took.count()) + " ms)",
         wire::json_object()
             .text("active", now->active)
             .text("from", before.active)
             .integer("epoch", now->epoch)
             .integer("ms", took.count())
             .done());
    co_return exit_code::well;
}

}  // namespace

task<exit_code> hand_over(caller& nodes, const options& how)
{
    const auto came = co_await nodes.status();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto before = std::get<cluster_report>(came);
    if (how.to && member_named(before, *how.to) == nullptr)
        co_return complain(no_member(before, *how.to));
    const auto* const active = member_named(before, before.active);
    if (active == nullptr)
        co_return complain(
            {exit_code::refused, "no node is active: there is nothing to hand over"});
    if (how.to && *how.to == before.active) {
        tell(how, before.active + " is active already",
             wire::json_object()
                 .text("active", before.active)
                 .integer("epoch", before.epoch)
                 .done());
        co_return exit_code::well;
    }
    const auto stranger = co_await nodes.sign_in();
    if (stranger) co_return complain(*stranger);
    std::string method = "POST";
    std::string target = handover_target(how.to);
    const auto answer = co_await nodes.ask(active->url, std::move(method), std::move(target));
    if (!answer.ok) co_return complain(failure_of(answer));
    if (!how.wait) {
        tell(how, "asked for", "{\"asked\":true}");
        co_return exit_code::well;
    }
    co_return co_await wait_for_handover(nodes, how, before);
}

task<exit_code> change_use(caller& nodes, const options& how)
{
    const bool draining = how.what == command::drain;
    const auto came = co_await nodes.status();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto& before = std::get<cluster_report>(came);
    const auto* const node = member_named(before, how.node);
    if (node == nullptr) co_return complain(no_member(before, how.node));
    const auto stranger = co_await nodes.sign_in();
    if (stranger) co_return complain(*stranger);
    std::string method = "POST";
    std::string target = draining ? "/api/cluster/drain" : "/api/cluster/undrain";
    const auto answer = co_await nodes.ask(node->url, std::move(method), std::move(target));
    if (!answer.ok) co_return complain(failure_of(answer));
    if (!how.wait) {
        tell(how,
             draining
                 ? "asked for: " + how.node + " is drained once it no longer holds the active role"
                 : "asked for",
             wire::json_object().text("node", how.node).boolean("asked", true).done());
        co_return exit_code::well;
    }
    // A drained node also gives the active role away.
    report_test holds = [id = how.node, draining](const cluster_report& what) {
        const auto* const one = what.member(id);
        if (one == nullptr) return false;
        if (!draining) return one->state == "alive" || one->state == "late";
        return one->state == "draining" && !what.active.empty() && what.active != id;
    };
    const bool done = co_await wait_until(nodes, how, std::move(holds));
    if (!done) co_return late(how, how.node + (draining ? " is not drained" : " is not in use"));
    tell(how, how.node + (draining ? " is drained: it may be stopped now" : " is in use again"),
         wire::json_object().text("node", how.node).boolean("drained", draining).done());
    co_return exit_code::well;
}

task<exit_code> raise_incarnation(caller& nodes, const options& how)
{
    const auto came = co_await nodes.servers();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto& all = std::get<std::vector<server_report>>(came);
    const auto stranger = co_await nodes.sign_in();
    if (stranger) co_return complain(*stranger);
    std::string method = "POST";
    std::string target = "/api/cluster/incarnation";
    std::string body = R"({"confirm":"history may be lost"})";
    const auto answer =
        co_await nodes.ask(all.front().url, std::move(method), std::move(target), std::move(body));
    if (!answer.ok) co_return complain(failure_of(answer));
    const auto raised = read_number(answer.reply.body, "incarnation");
    if (!raised) co_return complain({exit_code::refused, "the answer holds no incarnation"});
    tell(how, "the incarnation is " + std::to_string(*raised) + " now",
         wire::json_object().integer("incarnation", *raised).done());
    co_return exit_code::well;
}

}  // namespace kieng::cluster::ctl

// What a client does between calls: probes nodes that are away, and keeps the view of the cluster.
#include "cluster/client/answer_json.hpp"
#include "cluster/client/client_core.hpp"

#include <boost/asio/redirect_error.hpp>

namespace kieng::cluster::client {
namespace {

constexpr milliseconds kIdle{3'600'000};
constexpr milliseconds kAfterFailure{1000};

// The core that owns the timer is held by the caller's frame.
task<> rest(timer& on, steady_time until)
{
    boost::system::error_code woken;
    on.expires_at(until);
    auto token = asio::redirect_error(use_task_t{}, woken);
    co_await on.async_wait(token);
}

task<> probe(std::shared_ptr<client_core> core, std::size_t node)
{
    std::string target = "/ready";
    const milliseconds patience = core->options.numbers.attempt_unknown;
    const answer came = co_await ask(core, node, std::move(target), patience);
    if (core->stopped) co_return;
    core->rules.known.probe_done(node, came.status == 200, core->now.steady());
    core->tell();
}

std::string target_of(const client_core& core)
{
    std::string target = "/api/cluster/healthy-servers";
    const std::int64_t known = core.rules.known.view_number();
    if (core.options.views != view_source::long_poll || known < 0) return target;
    return target + "?since=" + std::to_string(known) +
           "&wait=" + std::to_string(core.options.view_wait.count());
}

}  // namespace

task<> probe_nodes(std::shared_ptr<client_core> core)
{
    while (!core->stopped) {
        const steady_time now = core->now.steady();
        for (const std::size_t node : core->rules.known.take_due_probes(now)) {
            spawn(core->where, probe(core, node), {});
        }
        core->tell();
        const auto next = core->rules.known.probe_at(now);
        co_await rest(core->prober, next.value_or(now + kIdle));
    }
}

task<> watch_view(std::shared_ptr<client_core> core)
{
    while (!core->stopped) {
        const steady_time asked = core->now.steady();
        const std::size_t node = core->rules.known.order(true, asked).front();
        const std::string target = target_of(*core);
        const bool waits = target.find('?') != std::string::npos;
        const milliseconds extra = core->options.numbers.attempt_max;
        const milliseconds patience = waits ? extra + core->options.view_wait : extra;
        const answer came = co_await ask(core, node, target, patience);
        if (core->stopped) co_return;
        const steady_time now = core->now.steady();
        const auto told = came.status == 200 ? view_of(came.body) : std::nullopt;
        bool taken = false;
        if (told) taken = core->rules.known.merge(*told, node, now) == view_news::taken;
        core->tell();
        const bool polls = core->options.views == view_source::every_30s;
        steady_time next = now + kAfterFailure;
        // Who does not hold the question answers at once: then asking again at once would be a storm.
        if (told && waits && now - asked >= kAfterFailure) next = now;
        if (told && taken) next = now;
        if (polls || came.status == 404) next = now + core->options.view_period;
        if (next > now) co_await rest(core->watcher, next);
    }
}

}  // namespace kieng::cluster::client

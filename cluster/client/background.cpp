// What a client does between calls: probes nodes that are away, and keeps the view of the cluster.
#include "cluster/client/answer_json.hpp"
#include "cluster/client/client_core.hpp"
#include "cluster/core/client_events.hpp"

#include <boost/asio/redirect_error.hpp>

namespace kieng::cluster::client {
namespace {

constexpr milliseconds kIdle{3'600'000};
constexpr milliseconds kAfterFailure{1000};
constexpr milliseconds kSilence{25'000};  // of an event stream, on which something comes every 10 s

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
    if (core.options.views == view_source::every_30s || known < 0) return target;
    return target + "?since=" + std::to_string(known) +
           "&wait=" + std::to_string(core.options.view_wait.count());
}

// What an event stream told, and what became of it.
struct followed {
    view_events reader;
    bool told = false;  // a view came: the way works
};

void take_views(client_core& core, std::size_t node, followed& into, std::string_view bytes)
{
    for (const std::string& one : into.reader.take(bytes)) {
        const auto told = view_of(one);
        if (!told) continue;
        into.told = true;
        (void)core.rules.known.merge(*told, node, core.now.steady());
        core.tell();
    }
}

// Follows the events of one node for as long as they last. Whether a view came.
task<bool> follow_events(std::shared_ptr<client_core> core, std::size_t node)
{
    auto to = std::make_shared<connection>(core->where, core->endpoints[node], core->tls);
    core->open.insert(to);
    auto seen = std::make_shared<followed>();
    const std::function<void(milliseconds)> silent = [](milliseconds) {};
    to->watch(core->options.numbers.attempt_max, core->now, silent);
    const auto not_open = co_await to->open();
    if (!not_open) {
        std::string head = "GET /api/events HTTP/1.1\r\nHost: " + core->endpoints[node].authority +
                           "\r\nUser-Agent: " + core->options.user_agent +
                           "\r\nAccept: text/event-stream\r\n\r\n";
        co_await to->write(std::move(head), std::string_view());
        const read_limits limits{core->options.max_header, core->options.max_body};
        const auto read = co_await to->read_head(true, limits);
        std::function<bool(std::string_view)> piece = [core, node, to, seen,
                                                       silent](std::string_view bytes) {
            if (core->stopped) return false;
            to->watch(kSilence, core->now, silent);
            take_views(*core, node, *seen, bytes);
            return true;
        };
        if (!read.failed && read.status == 200) (void)co_await to->read_pieces(std::move(piece));
    }
    to->close();
    core->forget(to);
    co_return seen->told;
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
        if (core->options.views == view_source::events) {
            const bool told = co_await follow_events(core, node);
            if (core->stopped) co_return;
            // It ended: the node drains or is gone. The next may be tried at once, unless this would be a storm.
            const steady_time soon = asked + kAfterFailure;
            if (told && soon > core->now.steady()) co_await rest(core->watcher, soon);
            if (told) continue;
        }
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

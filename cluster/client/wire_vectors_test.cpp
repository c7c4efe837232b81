// Cases of the level "wire": the client against scripted servers on loopback.
#include "cluster/client/failover_client.hpp"
#include "cluster/client/testing.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>

#include <map>

namespace kieng::cluster::client::testing {
namespace {

using std::string;

constexpr std::chrono::seconds kLongest{30};
constexpr milliseconds kLook{2};

client_options options_of(const json& one, const fake_servers& servers)
{
    const json& given = one.at("given");
    const json how = given.value("options", json::object());
    client_options out;
    for (const string name : {"a", "b", "c"})
        out.servers.push_back({.id = name, .url = servers.url(name)});
    out.numbers = settings_of(given);
    // A busy machine must not turn into a timeout where the case is not about one.
    if (!given.value("settings", json::object()).contains("attemptUnknownMs"))
        out.numbers.attempt_unknown = milliseconds(5000);
    out.numbers.timer_late = std::chrono::hours(1);
    out.jitter = jitter_of(given);
    out.cluster = how.value("cluster", "");
    const string views = how.value("views", "off");
    out.views = views == "events"      ? view_source::events
                : views == "long_poll" ? view_source::long_poll
                                       : view_source::off;
    out.probes = how.value("probes", false);
    return out;
}

struct wire_run {
    wire_run(const executor& on, const json& of)
        : one(of),
          servers(on, of.at("servers")),
          client(on, options_of(of, servers)),
          wake(on)
    {}

    void finish()
    {
        client.stop();
        servers.stop();
        wake.cancel();
    }

    const json& one;
    fake_servers servers;
    failover_client client;
    timer wake;
    asio::cancellation_signal cancel;
    std::size_t cancel_when_seen = 0;
    std::optional<outcome> came;
    std::optional<resolution> settled;
    json events = json::array();
    complaints wrong;
    bool done = false;
};
using shared_run = std::shared_ptr<wire_run>;

call_options options_of(const json& call)
{
    call_options out;
    const string key = call.value("key", "auto");
    out.use_key = key == "auto"   ? key_use::automatic
                  : key == "none" ? key_use::none
                                  : key_use::given;
    if (out.use_key == key_use::given) out.key = key;
    if (call.contains("deadlineMs")) out.deadline = milliseconds(call["deadlineMs"].get<int>());
    if (call.contains("attemptTimeoutMs"))
        out.attempt_timeout = milliseconds(call["attemptTimeoutMs"].get<int>());
    if (call.contains("allowStaleS"))
        out.allow_stale = std::chrono::seconds(call["allowStaleS"].get<int>());
    out.hedge = call.value("hedge", false);
    return out;
}

task<> pause(executor where)
{
    timer look(where, kLook);
    use_task_t token;
    co_await look.async_wait(token);
}

bool ready_for(wire_run& run, const json& before)
{
    if (before.contains("view") && run.client.view_number() < before["view"]) return false;
    if (before.contains("background") && run.servers.background().size() < before["background"])
        return false;
    return !before.contains("state") || name_of(run.client.state()) == before["state"];
}

void begin_call(const shared_run& run, const json& call, const executor& where)
{
    header_list headers;
    const json given = call.value("headers", json::object());
    for (const auto& [name, value] : given.items()) headers.emplace_back(name, value);
    run->cancel_when_seen = call.value("cancelWhenSeen", std::size_t{0});
    if (call.contains("resolve")) {
        asio::co_spawn(where, run->client.resolve(call["resolve"]),
                       [run](const std::exception_ptr&, resolution what) {
                           run->settled = std::move(what);
                           run->came = run->settled->asked;
                       });
        return;
    }
    auto request = run->client.request(call["method"], call["target"], std::move(headers),
                                       call.value("body", ""), options_of(call));
    asio::co_spawn(where, std::move(request),
                   asio::bind_cancellation_slot(run->cancel.slot(),
                                                [run](const std::exception_ptr&, outcome what) {
                                                    run->came = std::move(what);
                                                }));
}

string resolved(resolution::what is)
{
    switch (is) {
    case resolution::what::committed: return "committed";
    case resolution::what::never: return "never";
    case resolution::what::unknown: break;
    }
    return "unknown";
}

json told(const wire_run& run)
{
    const outcome& came = *run.came;
    json out{{"ok", came.ok},
             {"status", came.reply.status},
             {"server", came.server},
             {"attempts", came.attempts},
             {"committed", client::name_of(came.effect)},
             {"end", name_of(came.end)},
             {"code", came.code},
             {"body", came.reply.body},
             {"replayed", came.replayed},
             {"stale", came.stale},
             {"ageS", came.age.count()},
             {"hasKey", !came.key.empty()}};
    if (run.settled) out["resolved"] = resolved(run.settled->is);
    return out;
}

task<> drive(shared_run run, executor where)
{
    const json& calls = run->one.at("calls");
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const json& call = calls[i];
        const json before = call.value("before", json::object());
        while (!ready_for(*run, before)) co_await pause(where);
        run->came.reset();
        run->settled.reset();
        begin_call(run, call, where);
        while (!run->came) co_await pause(where);
        compare("call " + std::to_string(i + 1), call.at("expect"), told(*run), run->wrong);
    }
    const std::size_t wanted = run->one.value("background", json::array()).size();
    while (run->servers.background().size() < wanted) co_await pause(where);
    run->done = true;
    run->finish();
}

}  // namespace

complaints run_wire_case(const json& one)
{
    asio::io_context io;
    auto run = std::make_shared<wire_run>(io.get_executor(), one);
    run->client.take_token(one.at("given").value("token", ""));
    run->client.on_event(
        [events = &run->events](const event& what) { events->push_back(json_of(what)); });
    run->servers.on_arrival([raw = run.get()] {
        const bool now =
            raw->cancel_when_seen != 0 && raw->servers.seen().size() >= raw->cancel_when_seen;
        if (now) raw->cancel.emit(asio::cancellation_type::terminal);
    });
    run->client.start();
    run->wake.expires_after(kLongest);
    run->wake.async_wait([run](const boost::system::error_code& failed) {
        if (failed) return;
        run->wrong.push_back("the case did not come to an end");
        run->finish();
    });
    spawn(io.get_executor(), drive(run, io.get_executor()),
          [run](const std::exception_ptr& thrown) {
              try {
                  std::rethrow_exception(thrown);
              } catch (const std::exception& what) {
                  run->wrong.push_back(string("threw: ") + what.what());
              }
              run->finish();
          });
    io.run_for(kLongest + std::chrono::seconds(5));
    if (!run->done) return run->wrong;
    check_seen(one.at("seen"), run->servers.seen(), run->wrong);
    if (one.contains("events") && one["events"] != run->events)
        run->wrong.push_back("events should be " + one["events"].dump() + " and are " +
                             run->events.dump());
    const json background = one.value("background", json::array());
    for (std::size_t i = 0; i < background.size(); ++i) {
        if (background[i] != run->servers.background()[i])
            run->wrong.push_back("background request " + run->servers.background()[i] +
                                 ", wanted " + background[i].dump());
    }
    return run->wrong;
}

}  // namespace kieng::cluster::client::testing

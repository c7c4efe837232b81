// Does what cluster/core decided. Nothing here decides anything.
#include "base/log.hpp"
#include "cluster/runtime/cluster_state.hpp"

namespace kieng::cluster {
namespace {

constexpr std::int64_t kLately = 2'000;  // positions

}  // namespace

void cluster_node::state::perform(const cluster_actions& what)
{
    for (const auto& one : what) {
        std::visit([this](const auto& each) { run(each); }, one);
    }
}

void cluster_node::state::run(const action::send_beat& what)
{
    hub.say(wire::to_line(what.what, ids()));
}

void cluster_node::state::run(const action::reconnect& what)
{
    constexpr std::chrono::milliseconds kWithin{50};
    if (auto* link = find(what.peer)) {
        link->reader().attempt(kWithin);
    } else {
        feed(input::reconnected{what.peer, input::reconnect_outcome::no_stream});
    }
}

void cluster_node::state::run(const action::close_streams& what)
{
    hub.close_boot(what.peer, what.boot);
    if (auto* link = find(what.peer)) link->reader().drop(what.boot);
}

void cluster_node::state::run(const action::probe_via& what)
{
    hub.say_to(what.witness, wire::ask_line{what.question, what.target});
}

void cluster_node::state::run(const action::answer_probe& what)
{
    hub.say_to(what.to, wire::to_line(what.answer, what.question));
}

void cluster_node::state::run(const action::send_heartbeat& what)
{
    const auto found = links.find(what.peer);
    if (found == links.end() || group.stopping()) return;
    group.start("heartbeat to " + what.peer,
                [this, link = found->second] { return exchange_heartbeat(link); });
}

void cluster_node::state::run(const action::read_nodes& /*what*/)
{
    if (group.stopping()) return;
    if (!history_known) read_history(kWholeHistory);
    group.start("read the nodes", [this]() -> task<> {
        const auto found = co_await database.nodes(applied);
        if (!found.has_value() || group.stopping()) co_return;
        know(*found);
        feed(input::nodes_read{*found});
        const auto readers = co_await database.consumers();
        if (readers.has_value() && !group.stopping()) feed(input::consumers_read{*readers});
    });
}

void cluster_node::state::run(const action::announce_resigned& what)
{
    log::info("active_role_given_up", {{"epoch", what.notice.epoch}});
    hub.say(wire::to_line(what.notice));
}

void cluster_node::state::run(const action::announce_active& what)
{
    hub.say(wire::to_line(what.notice));
}

void cluster_node::state::run(const action::check_lock& what)
{
    group.start("lock of " + what.peer, [this, what]() -> task<> {
        const auto seen = co_await database.lock_of(what.peer, what.boot);
        feed(input::lock_checked{what.peer, what.boot, seen});
    });
}

void cluster_node::state::run(const action::terminate_idle_sessions& what)
{
    group.start("end idle sessions of " + what.peer,
                [this, what] { return database.end_idle_sessions(what.peer, what.boot); });
}

void cluster_node::state::run(const action::terminate_duty_sessions& what)
{
    log::warning("duties_ended_by_force", {{"holder", what.holder}, {"boot", what.boot}});
    group.start("end duties of " + what.holder,
                [this, what] { return database.end_duty_sessions(what.holder, what.boot); });
}

void cluster_node::state::run(const action::read_lease& what)
{
    ask_lease(what.id, [this] { return database.read_lease(); });
}

void cluster_node::state::run(const action::send_renewal& what)
{
    ask_lease(what.id, [this, what] { return database.renew(what.epoch); });
}

void cluster_node::state::run(const action::send_takeover& what)
{
    ask_lease(what.id, [this, what] { return database.take_over(what); });
}

void cluster_node::state::run(const action::send_resign& what)
{
    ask_lease(what.id, [this, what] { return database.resign(what.epoch); });
}

void cluster_node::state::ask_lease(statement_id id, std::function<task<lease_reply>()> statement)
{
    group.start("lease", [this, id, ask = std::move(statement)]() -> task<> {
        input::lease_answered answer;
        answer.id = id;
        answer.sent = time.boot();
        auto reply = co_await ask();
        answer.outcome = reply.outcome;
        answer.row = std::move(reply.row);
        note_lock_session();
        feed(answer);
    });
}

// The advisory lock lives and dies with the control session; the machine must know when a session is new.
void cluster_node::state::note_lock_session()
{
    const auto sessions = database.lock_sessions();
    if (sessions == lock_sessions) return;
    lock_sessions = sessions;
    feed(input::lock_session{database.lock_held()});
}

void cluster_node::state::run(const action::start_duties& what)
{
    log::info("duties_started", {{"epoch", what.epoch}});
    hooks.start_duties(what.epoch);
    show();
}

void cluster_node::state::run(const action::stop_duties& what)
{
    log::info("duties_stopped", {{"epoch", what.epoch}});
    hooks.stop_duties(what.epoch);
    show();
}

void cluster_node::state::run(const action::peer_changed& what)
{
    figures.found(what.to, what.why);
    tell_peer(what, time.boot());
    if (what.to == member_state::down) {
        if (auto* link = find(what.peer)) link->pusher().clear();
    }
    set_pace();
    show();
}

void cluster_node::state::run(const action::peer_restarted& what)
{
    log::info("peer_restarted", {{"peer", what.peer}, {"boot", what.now}});
}

void cluster_node::state::run(const action::database_changed& what)
{
    tell_database(what);
    hooks.database_changed(what.scope);
    show();
}

void cluster_node::state::run(const action::takeover_done& what)
{
    figures.took_over(what.record);
    tell_takeover(what.record);
    hooks.look_now();
    read_history(kLately);
    show();
}

void cluster_node::state::run(const action::takeover_told& what)
{
    figures.took_over_before(what.record);
}

// What the outbox has of earlier changes is the same for every node, also for one that was not there.
void cluster_node::state::read_history(std::int64_t positions)
{
    if (group.stopping()) return;
    group.start("read the history", [this, positions]() -> task<> {
        const auto found = co_await database.role_changes(positions);
        if (!found.has_value() || group.stopping()) co_return;
        if (positions == kWholeHistory) history_known = true;
        input::history_read told;
        const auto now = time.boot();
        for (const auto& one : *found) {
            told.records.push_back(one.record);
            told.records.back().at = now - one.ago;
        }
        feed(told);
        show();
    });
}

void cluster_node::state::run(const action::view_changed& what)
{
    show();
    hooks.view_changed(what.view);
}

void cluster_node::state::run(const action::warn& what)
{
    if (what.begins) figures.warned(what.what.code);
    tell_warning(what);
}

}  // namespace kieng::cluster

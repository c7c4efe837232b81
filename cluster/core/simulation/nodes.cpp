#include "cluster/core/simulation/world.hpp"

#include <algorithm>

namespace kieng::cluster::simulation {
namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

constexpr instant kHoleIsRead = 20ms;
constexpr int kPositionsAtOnce = 5;

int index_of(const node_id& id)
{
    return id.empty() ? -1 : id.back() - 'a';
}

}  // namespace

void world::start(int i)
{
    auto& node = nodes_[i];
    if (node.running) return;
    ++node.life;
    node.who.boot = node.who.id + "/" + std::to_string(node.life);
    node.running = true;
    node.paused = node.host_lost = node.connected = node.duties_started = false;
    node.open = {};
    node.in = {};
    node.out = {};
    node.deferred.clear();
    node.cursor = sync_cursor(head_);
    node.hash = rolling_hash(head_);
    node.started = node.undisturbed_since = now_;
    node.database_fine_since = database_cut_[i] ? instant::max() : now_;
    node.view_seen = node.epoch_seen = 0;
    std::vector<node_identity> known;
    for (int j = 0; j < count_; ++j) {
        known.push_back(nodes_[j].who);
        known.back().boot.clear();
    }
    auto settings = settings_;
    settings.seed = dice_.next();
    node.machine = std::make_unique<cluster_machine>(settings, node.who, known, now_);
    say("start %s", node.who.boot.c_str());
    node.wake_at = now_;
    tick(i);
    at(
        now_ + dice_.between(100ms, 400ms), [this, i] { begin_duty(i); }, i);
    at(
        now_ + dice_.between(0ms, 1s), [this, i] { follow_head(i); }, i);
}

void world::crash(int i, bool host)
{
    auto& node = nodes_[i];
    if (!node.running) return;
    say("%s %s", host ? "lose the host of" : "crash", node.who.boot.c_str());
    for (int j = 0; j < count_; ++j) {
        if (j == i) continue;
        const bool told = !host && open_way(i, j);
        end_stream(i, j, false, told);
        end_stream(j, i, told, false);
    }
    node.running = false;
    node.host_lost = host;
    node.duties_started = false;
    node.machine.reset();
    const auto boot = node.who.boot;
    const bool seen = !host && !database_cut_[i];
    at(now_ + (seen ? dice_.between(1ms, 5ms) : instant{4s}), [this, i, boot] {
        if (locks_[i] == boot) locks_[i].clear();
        if (nodes_[i].who.boot == boot) nodes_[i].open = {};
    });
}

void world::pause(int i)
{
    if (!nodes_[i].running || nodes_[i].paused) return;
    say("pause %s", nodes_[i].who.id.c_str());
    nodes_[i].paused = true;
    nodes_[i].undisturbed_since = instant::max();
    auto& open = nodes_[i].open;
    if (!open.open) return;
    // idle_in_transaction_session_timeout
    at(now_ + 500ms, [this, i, serial = open.serial] {
        auto& then = nodes_[i].open;
        if (nodes_[i].paused && then.serial == serial) then.open = false;
    });
}

void world::resume(int i)
{
    auto& node = nodes_[i];
    if (!node.running || !node.paused) return;
    say("resume %s", node.who.id.c_str());
    node.paused = false;
    node.undisturbed_since = now_;
    // What its sockets hold is read in some order with its timers.
    const bool timers_first = dice_.chance(0.7);
    if (timers_first) feed(i, input::tick{});
    auto waiting = std::move(node.deferred);
    node.deferred.clear();
    for (auto& run : waiting) at(now_, std::move(run), i);
    node.wake_at = now_;
    at(
        now_, [this, i] { tick(i); }, i);
}

void world::tick(int i)
{
    if (now_ != nodes_[i].wake_at) return;
    feed(i, input::tick{});
}

void world::arm(int i)
{
    auto& node = nodes_[i];
    const instant next = std::min(node.machine->next_wakeup(), now_ + settings_.tick);
    if (node.wake_at > now_ && node.wake_at <= next) return;
    node.wake_at = next;
    at(
        next, [this, i] { tick(i); }, i);
}

void world::feed(int i, const cluster_input& what)
{
    auto& node = nodes_[i];
    if (!node.running) return;
    for (const auto& action : node.machine->on(what, now_)) perform(i, action);
    const auto view = node.machine->view();
    if (view < node.view_seen) violate(node.who.id + ": the view went back");
    node.view_seen = view;
    if (node.machine->epoch() < node.epoch_seen) violate(node.who.id + ": the epoch went back");
    node.epoch_seen = node.machine->epoch();
    arm(i);
}

void world::perform(int i, const cluster_action& what)
{
    auto& node = nodes_[i];
    const auto other = [](const node_id& id) { return index_of(id); };
    const auto to_all = [&](const auto& make) {
        for (int j = 0; j < count_; ++j) {
            if (j != i) send_on_stream(i, j, make);
        }
    };
    std::visit(
        overloaded{
            [&](const action::send_beat& a) {
                auto shared = std::make_shared<const beat>(a.what);
                to_all([from = node.who.id, boot = node.who.boot, shared]() -> cluster_input {
                    return input::heard{from, boot, *shared};
                });
            },
            [&](const action::reconnect& a) { open_stream(i, other(a.peer)); },
            [&](const action::close_streams& a) {
                node.out[other(a.peer)] = 0;
                node.in[other(a.peer)] = 0;
            },
            [&](const action::probe_via& a) {
                input::probe_asked ask{node.who.id, a.target, a.question};
                send_on_stream(i, other(a.witness), [ask]() -> cluster_input { return ask; });
            },
            [&](const action::answer_probe& a) {
                input::probe_answered said{a.answer};
                send_on_stream(i, other(a.to), [said]() -> cluster_input { return said; });
            },
            [&](const action::send_heartbeat& a) { exchange_heartbeats(i, other(a.peer)); },
            [&](const action::read_nodes&) {},
            [&](const action::announce_resigned& a) {
                input::resigned said{node.who.id, a.notice};
                to_all([said]() -> cluster_input { return said; });
                say("%s announces that it resigned epoch %lld", node.who.id.c_str(),
                    static_cast<long long>(a.notice.epoch));
            },
            [&](const action::announce_active& a) {
                input::active_changed said{node.who.id, a.notice};
                to_all([said]() -> cluster_input { return said; });
            },
            [&](const action::check_lock& a) { check_lock(i, a); },
            [&](const action::terminate_idle_sessions& a) {
                const int j = other(a.peer);
                if (reachable(i) && (nodes_[j].paused || !nodes_[j].running))
                    at(now_ + 1ms, [this, j, serial = nodes_[j].open.serial] {
                        if (nodes_[j].open.serial == serial) nodes_[j].open.open = false;
                    });
            },
            [&](const action::terminate_duty_sessions& a) {
                const int j = other(a.holder);
                if (j >= 0 && reachable(i) && nodes_[j].who.boot == a.boot)
                    nodes_[j].open.open = false;
            },
            [&](const action::read_lease& a) { read_lease(i, a.id); },
            [&](const action::send_renewal& a) { renew(i, a); },
            [&](const action::send_takeover& a) { take_over(i, a); },
            [&](const action::send_resign& a) { resign(i, a); },
            [&](const action::start_duties& a) {
                node.duties_started = true;
                node.duties_epoch = a.epoch;
                check_started(i, a.epoch);
            },
            [&](const action::stop_duties&) {
                node.duties_started = false;
                say("%s stops its duties", node.who.id.c_str());
            },
            [&](const action::peer_changed& a) {
                say("%s holds %s to be %s: %s", node.who.id.c_str(), a.peer.c_str(),
                    std::string(name_of(a.to)).c_str(), std::string(words_of(a.why)).c_str());
                check_opinion(i, a);
            },
            [&](const action::peer_restarted&) {},
            [&](const action::database_changed& a) {
                say("%s: PostgreSQL %s, scope %s", node.who.id.c_str(),
                    std::string(name_of(a.to)).c_str(), std::string(name_of(a.scope)).c_str());
            },
            [&](const action::takeover_done&) {},
            [&](const action::takeover_told&) {},
            [&](const action::view_changed&) {},
            [&](const action::warn&) {}},
        what);
}

void world::begin_duty(int i)
{
    auto& node = nodes_[i];
    at(
        now_ + dice_.between(200ms, 400ms), [this, i] { begin_duty(i); }, i);
    if (!node.duties_started || !node.machine->may_run_duties(now_) || node.open.open) return;
    check_belief(i);
    if (!reachable(i)) return;
    const bool fenced = how_.fault != planted::fence_removed;
    if (fenced && lease_.epoch != node.duties_epoch) return;
    node.open = {true, node.duties_epoch, node.open.serial + 1};
    at(
        now_ + dice_.between(2ms, 300ms),
        [this, i, serial = node.open.serial] { commit_duty(i, serial); }, i);
}

void world::commit_duty(int i, int serial)
{
    auto& open = nodes_[i].open;
    if (!open.open || open.serial != serial || !reachable(i)) {
        if (open.serial == serial) open.open = false;
        return;
    }
    open.open = false;
    if (open.epoch < newest_epoch_)
        violate(nodes_[i].who.id + " commits a duty under epoch " + std::to_string(open.epoch) +
                " after epoch " + std::to_string(newest_epoch_) + " began");
    commit_position(i);
}

void world::write_something(int i)
{
    at(now_ + dice_.between(200ms, 600ms), [this, i] { write_something(i); });
    if (!nodes_[i].running || nodes_[i].paused || !reachable(i)) return;
    for (int n = 0; n < kPositionsAtOnce; ++n) commit_position(i);
}

void world::commit_position(int i)
{
    const auto pos = ++head_;
    receive(i, pos);
    for (int j = 0; j < count_; ++j) {
        if (j != i) send(i, j, [this, j, pos] { receive(j, pos); });
    }
}

void world::receive(int i, std::int64_t pos)
{
    auto& node = nodes_[i];
    if (node.cursor.seen(pos)) return;
    node.hash.add(pos, "entity");
    node.cursor.arrived(pos);
    node.hash.applied(node.cursor.applied());
    if (node.cursor.has_hole()) {
        at(
            now_ + kHoleIsRead,
            [this, i] {
                if (nodes_[i].cursor.has_hole()) catch_up(i);
            },
            i);
    }
}

void world::catch_up(int i)
{
    auto& node = nodes_[i];
    if (!reachable(i)) return;
    for (auto pos = node.cursor.applied() + 1; pos <= head_; ++pos) {
        if (node.cursor.seen(pos)) continue;
        node.hash.add(pos, "entity");
        node.cursor.arrived(pos);
    }
    node.hash.applied(node.cursor.applied());
}

void world::follow_head(int i)
{
    at(
        now_ + 1s, [this, i] { follow_head(i); }, i);
    if (nodes_[i].cursor.applied() < head_) catch_up(i);
    feed(i, input::progress{head_, nodes_[i].cursor.applied()});
}

}  // namespace kieng::cluster::simulation

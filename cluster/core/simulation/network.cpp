#include "cluster/core/simulation/world.hpp"

namespace kieng::cluster::simulation {

void world::send(int from, int to, const deed& what, bool may_drop)
{
    if (cut_[from][to]) return;
    if (may_drop && dice_.chance(drop_)) return;
    at(now_ + dice_.between(100us, slowest_), what, to);
    if (may_drop && twice_ > 0 && dice_.chance(twice_))
        at(now_ + dice_.between(100us, slowest_), what, to);
}

void world::send_on_stream(int from, int to, std::function<cluster_input()> what)
{
    const int id = nodes_[from].out[to];
    if (id == 0) return;
    send(from, to, [this, from, to, id, what = std::move(what)] {
        if (nodes_[to].in[from] == id) feed(to, what());
    });
}

void world::open_stream(int from, int to)
{
    using enum input::reconnect_outcome;
    const auto outcome = [this, from, to](input::reconnect_outcome how) {
        return [this, from, to, how] { feed(from, input::reconnected{nodes_[to].who.id, how}); };
    };
    const auto& target = nodes_[to];
    const instant there = now_ + dice_.between(200us, 2ms);
    if (!open_way(from, to) || target.host_lost) {
        at(now_ + 50ms, outcome(timed_out), from);
    } else if (!target.running) {
        at(there, outcome(refused), from);
    } else if (target.paused) {
        at(now_ + 50ms, outcome(timed_out), from);
    } else {
        const int id = ++streams_;
        const int life = nodes_[from].life;
        at(
            there,
            [this, from, to, id, life, outcome] {
                auto& caller = nodes_[from];
                if (!caller.running || caller.life != life) return;
                nodes_[to].in[from] = id;
                const auto boot = nodes_[to].who.boot;
                feed(to, input::stream_opened{caller.who.id, caller.who.boot, link::theirs});
                at(
                    now_ + 100us,
                    [this, from, to, id, boot, outcome] {
                        if (nodes_[to].who.boot != boot || nodes_[to].in[from] != id) {
                            outcome(timed_out)();
                            return;
                        }
                        nodes_[from].out[to] = id;
                        feed(from, input::stream_opened{nodes_[to].who.id, boot, link::ours});
                        outcome(accepted)();
                    },
                    from);
            },
            to);
        // A server that died meanwhile answers nothing.
        at(
            now_ + 50ms,
            [this, from, to, id, outcome] {
                if (nodes_[from].out[to] < id) outcome(timed_out)();
            },
            from);
    }
}

// The stream that `from` opened to `to` ends; who is told, is told in its own time.
void world::end_stream(int from, int to, bool tell_from, bool tell_to)
{
    const int id = nodes_[from].out[to] != 0 ? nodes_[from].out[to] : nodes_[to].in[from];
    if (id == 0) return;
    const auto caller = nodes_[from].who.boot;
    const auto called = nodes_[to].who.boot;
    if (tell_from) {
        at(
            now_ + dice_.between(100us, 1ms),
            [this, from, to, id, called] {
                if (nodes_[from].out[to] != id) return;
                nodes_[from].out[to] = 0;
                feed(from, input::stream_closed{nodes_[to].who.id, called, link::ours});
            },
            from);
    }
    if (tell_to) {
        at(
            now_ + dice_.between(100us, 1ms),
            [this, from, to, id, caller] {
                if (nodes_[to].in[from] != id) return;
                nodes_[to].in[from] = 0;
                feed(to, input::stream_closed{nodes_[from].who.id, caller, link::theirs});
            },
            to);
    }
}

void world::cut(int from, int to)
{
    cut_[from][to] = true;
    link_fine_since_[from][to] = link_fine_since_[to][from] = instant::max();
    say("cut %s -> %s", nodes_[from].who.id.c_str(), nodes_[to].who.id.c_str());
    // TCP_USER_TIMEOUT: what was sent is not acknowledged.
    const instant notice = now_ + dice_.between(1500ms, 1800ms);
    for (const auto& [a, b] : {std::pair{from, to}, std::pair{to, from}}) {
        at(notice, [this, a, b] {
            if (!open_way(a, b)) end_stream(a, b, true, true);
        });
    }
}

void world::heal_link(int from, int to)
{
    if (!cut_[from][to]) return;
    cut_[from][to] = false;
    say("healed %s -> %s", nodes_[from].who.id.c_str(), nodes_[to].who.id.c_str());
    if (open_way(from, to)) link_fine_since_[from][to] = link_fine_since_[to][from] = now_;
}

heartbeat world::heartbeat_of(int i) const
{
    heartbeat full;
    full.node = nodes_[i].who;
    full.state = nodes_[i].machine->own_beat(now_);
    full.incarnation = 1;
    full.marks = nodes_[i].hash.marks();
    return full;
}

void world::exchange_heartbeats(int from, int to)
{
    const int life = nodes_[from].life;
    send(from, to, [this, from, to, life, full = heartbeat_of(from)] {
        feed(to, input::heartbeat_received{full, std::nullopt, std::nullopt});
        if (nodes_[to].hash.differs_from(full.marks)) violate("the rolling hashes differ");
        const auto back = heartbeat_of(to);
        if (nodes_[from].life != life) return;
        send(to, from, [this, from, back] {
            feed(from, input::heartbeat_received{back, std::chrono::microseconds{0},
                                                 std::chrono::microseconds{900}});
        });
    });
}

}  // namespace kieng::cluster::simulation

// Links to peers, and what comes in on them.
#include "base/log.hpp"
#include "cluster/core/clock_offset.hpp"
#include "cluster/runtime/cluster_state.hpp"

#include <algorithm>

namespace kieng::cluster {

void cluster_node::state::know(const std::vector<node_identity>& nodes)
{
    for (const auto& one : nodes) {
        if (one.id != self.id) link_to(one);
    }
    if (!hooks.peers_known) return;
    std::vector<std::string> known;
    for (const auto& [id, link] : links) known.push_back(id);
    hooks.peers_known(known);
}

// A peer that moved to another address gets a new link; the old one's coroutines end by themselves.
void cluster_node::state::link_to(const node_identity& peer)
{
    const auto found = links.find(peer.id);
    if (found != links.end() && found->second->peer().url == peer.url) {
        found->second->renamed(peer);
        return;
    }
    const auto to = peer_address::parse(peer.url);
    if (!to || (!to->tls && !to->loopback() && !how.insecure_peers)) {
        log::warning("peer_not_reachable",
                     {{"peer", peer.id},
                      {"url", peer.url},
                      {"why", to ? "plain HTTP beyond loopback needs ALLOW_INSECURE_PEERS=true"
                                 : "not an address"}});
        return;
    }
    if (found != links.end()) found->second->stop();
    auto made = std::make_shared<peer_link>(*shared, peer, *to, listener_for(peer.id));
    links[peer.id] = made;
    made->start();
}

peer_link* cluster_node::state::find(const node_id& peer)
{
    const auto found = links.find(peer);
    return found == links.end() ? nullptr : found->second.get();
}

std::vector<std::string> cluster_node::state::ids() const
{
    std::vector<std::string> out{self.id};
    for (const auto& [id, link] : links) out.push_back(id);
    std::sort(out.begin(), out.end());
    return out;
}

stream_listener cluster_node::state::listener_for(const node_id& peer)
{
    stream_listener out;
    out.opened = [this, peer](const boot_id& boot) {
        log::info("peer_stream_opened", {{"peer", peer}, {"boot", boot}});
        feed(input::stream_opened{peer, boot, link::ours});
    };
    // A life that was held to be gone when its streams were opened, and is believed now: they count from now on.
    out.still_open = [this, peer](const boot_id& boot) {
        feed(input::stream_opened{peer, boot, link::ours});
        if (hub.open_to(peer, boot)) feed(input::stream_opened{peer, boot, link::theirs});
    };
    out.closed = [this, peer](peer_fault why) {
        log::info("peer_stream_closed", {{"peer", peer}, {"why", words_of(why)}});
        auto* over = find(peer);
        feed(input::stream_closed{peer, over ? over->reader().boot() : boot_id(), link::ours});
    };
    out.tried = [this, peer](input::reconnect_outcome how_it_went, peer_fault why) {
        log::debug("peer_stream_tried", {{"peer", peer}, {"why", words_of(why)}});
        if (how_it_went == input::reconnect_outcome::refused) end_streams_of(peer);
        feed(input::reconnected{peer, how_it_went});
    };
    out.line = [this, peer](const wire::peer_line& line, std::uint64_t counter) {
        heard(peer, line, counter);
    };
    return out;
}

// Nobody listens at the peer's address any more, so what it had opened to us is over as well, though its end is only seen when
// something is written there.
void cluster_node::state::end_streams_of(const node_id& peer)
{
    auto* over = find(peer);
    if (over == nullptr || hub.open_to(peer) == 0) return;
    const boot_id boot = over->reader().boot();
    hub.close_boot(peer, boot);
    feed(input::stream_closed{peer, boot, link::theirs});
}

void cluster_node::state::heard(const node_id& peer, const wire::peer_line& line,
                                std::uint64_t counter)
{
    auto* link = find(peer);
    if (link == nullptr || group.stopping()) return;
    const boot_id boot = link->reader().boot();
    if (const auto* one = std::get_if<wire::beat_line>(&line)) {
        hub.say_to(peer, wire::echo_line{counter});
        feed(input::heard{peer, boot, wire::from_line(*one, peer, ids())});
    } else if (const auto* back = std::get_if<wire::echo_line>(&line)) {
        if (const auto left = hub.left_at(peer, back->counter))
            feed(input::peer_answered{peer, time.steady() - *left, true});
    } else if (const auto* question = std::get_if<wire::ask_line>(&line)) {
        feed(input::probe_asked{peer, question->target, question->question});
    } else if (const auto* told = std::get_if<wire::tell_line>(&line)) {
        feed(input::probe_answered{wire::from_line(*told, peer)});
    } else if (const auto* gone = std::get_if<wire::resigned_line>(&line)) {
        feed(input::resigned{peer, wire::from_line(*gone)});
    } else if (const auto* now = std::get_if<wire::active_line>(&line)) {
        feed(input::active_changed{peer, wire::from_line(*now)});
        run(action::send_beat{
            machine->own_beat(time.boot())});  // the new holder waits to hear that all know
    } else if (const auto* wish = std::get_if<wire::handover_line>(&line)) {
        log::info("handover_asked", {{"by", peer}});
        give_role(wish->to);
    } else if (std::holds_alternative<wire::goodbye_line>(line)) {
        feed(input::left{peer, boot});
    }
}

task<> cluster_node::state::exchange_heartbeat(std::shared_ptr<peer_link> with)
{
    const auto mine = own_message();
    auto body = wire::write_heartbeat(mine);
    const auto sent = time.wall();
    const auto began = time.boot();
    auto answer = co_await with->heartbeat(std::move(body));
    if (group.stopping()) co_return;
    const auto& id = with->peer().id;
    if (!answer || answer->answer.state.node.id != id) {
        feed(input::peer_answered{id, time.boot() - began, false});
        co_return;
    }
    const auto clocks =
        compare_clocks(sent, answer->received_at, answer->answer.sent_at, time.wall());
    feed(input::peer_answered{id, time.boot() - began, true});
    input::heartbeat_received got;
    got.what = answer->answer.state;
    got.clock_offset = clocks.offset;
    got.round_trip = clocks.round_trip;
    compare_marks(id, got.what);
    feed(got);
}

wire::heartbeat_answer cluster_node::state::answer_heartbeat(const node_id& from,
                                                             const wire::heartbeat_message& what,
                                                             wall_time received)
{
    input::heartbeat_received got;
    got.what = what.state;
    if (find(from) == nullptr || find(from)->peer().url != what.state.node.url) {
        log::info(
            "peer_joined",
            {{"peer", from}, {"url", what.state.node.url}, {"version", what.state.node.version}});
        know({got.what.node});
        feed(input::greeted{got.what.node});
    }
    compare_marks(from, got.what);
    feed(got);
    wire::heartbeat_answer out;
    out.received_at = received;
    out.answer = own_message();
    return out;
}

void cluster_node::state::compare_marks(const node_id& peer, const heartbeat& what)
{
    if (what.incarnation != hooks.incarnation()) return;
    std::int64_t newest = 0;  // that differs
    for (const auto& theirs : what.marks) {
        for (const auto& mine : hooks.marks()) {
            if (mine.pos == theirs.pos && mine.value != theirs.value)
                newest = std::max(newest, mine.pos);
        }
    }
    feed(input::history_compared{peer, newest > 0});
    auto& told = marks_differ[peer];
    if (newest > told) hooks.history_differs(peer, newest);
    told = newest;
}

// While every living peer has opened its stream to us it also reaches us with its pushes; otherwise the outbox is asked often.
void cluster_node::state::set_pace()
{
    bool all = true;
    for (const auto& [id, held] : machine->detector().held()) {
        const bool lives = held != member_state::down && held != member_state::unknown;
        if (lives && hub.open_to(id) == 0) all = false;
    }
    if (all == pushed_to) return;
    pushed_to = all;
    hooks.pace(all);
}

}  // namespace kieng::cluster

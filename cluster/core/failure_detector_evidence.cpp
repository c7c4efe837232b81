// What others say of a peer: witnesses, its lock in PostgreSQL, its heartbeats.
#include "cluster/core/failure_detector.hpp"

namespace kieng::cluster {

void failure_detector::on(const input::probe_asked& what, instant now, cluster_actions& out) const
{
    probe_answer answer{self_, what.target, false, instant{0}};
    const auto* target = find(what.target);
    if (target != nullptr && target->heard) {
        answer.known = true;
        answer.heard_ago = now - *target->heard;
    }
    out.emplace_back(action::answer_probe{what.by, answer, what.question});
}

void failure_detector::on(const input::probe_answered& what, instant now, cluster_actions& out)
{
    auto* peer = known(what.answer.target);
    if (peer == nullptr || peer->accused != member_state::suspect) return;
    auto& said = peer->answers[what.answer.witness];
    said.given = now;
    said.heard.reset();
    if (what.answer.known) said.heard = now - what.answer.heard_ago;
    weigh_witnesses(*peer, now, out);
}

void failure_detector::on(const input::lock_checked& what, instant now, cluster_actions& out)
{
    using enum input::lock_state;
    auto* peer = known(what.peer);
    if (peer == nullptr || what.boot != peer->node.boot) return;
    // A lock says nothing without a stream that ended and a connection that was refused.
    if (!peer->refused_at || peer->our_link || peer->their_link) return;
    if (peer->accused == member_state::down) return;
    switch (what.state) {
    case free:
        if (lock_session_since_ && now - *lock_session_since_ >= settings_.lock_trust_after) {
            accuse(*peer, member_state::down, sighting::crashed, now, out);
        } else if (lock_session_since_) {
            peer->next_lock_check = *lock_session_since_ + settings_.lock_trust_after;
        } else {
            peer->next_lock_check = now + settings_.reconnect_every;
        }
        return;
    case held:
        peer->next_lock_check = now + (now - *peer->refused_at < settings_.lock_check_every
                                           ? settings_.lock_check_soon
                                           : settings_.lock_check_every);
        return;
    case unknown: peer->next_lock_check = now + settings_.reconnect_every; return;
    }
}

void failure_detector::on(const input::lock_session& what, instant now)
{
    lock_session_since_ = what.held ? std::optional(now) : std::nullopt;
}

bool failure_detector::fresh_heartbeat(const peer_watch& peer, instant now) const
{
    return peer.heartbeat_at && now - *peer.heartbeat_at < settings_.heartbeat_late;
}

void failure_detector::on(const input::heartbeat_received& what, instant now, cluster_actions& out)
{
    const auto& said = what.what;
    if (said.node.id == self_ && said.node.boot != boot_)
        strangers_.insert_or_assign(self_, stranger{said.node.boot, now, now});
    auto* peer = known(said.node.id);
    if (peer == nullptr || !live_boot(*peer, said.node.boot, now, out)) return;
    peer->node = said.node;
    peer->heartbeat_at = now;
    peer->last_heartbeat = said;
    if (what.clock_offset)
        peer->offset.add(
            {*what.clock_offset, what.round_trip.value_or(std::chrono::microseconds{0})});
    if (peer->mode == detection_mode::stream) return;
    note_beat(*peer, said.state, now);
    peer->heard = now;
    hear_again(*peer, now, out);
}

void failure_detector::on(const input::clock_seen& what)
{
    if (auto* peer = known(what.peer))
        peer->offset.add({what.offset, std::chrono::microseconds{0}});
}

}  // namespace kieng::cluster

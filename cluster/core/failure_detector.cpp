#include "cluster/core/failure_detector.hpp"

#include "cluster/core/membership.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

constexpr std::size_t kGoneBoots = 8;
constexpr int kBeatsToReturn = 2;
constexpr instant kLoopsSlow = 500ms;
constexpr instant kStrangerStays = 1s;

}  // namespace

failure_detector::failure_detector(const cluster_settings& settings, const node_identity& self)
    : settings_(settings),
      self_(self.id),
      boot_(self.boot),
      random_(settings.seed)
{}

peer_watch* failure_detector::known(const node_id& peer)
{
    const auto found = peers_.find(peer);
    return found == peers_.end() ? nullptr : &found->second;
}

const peer_watch* failure_detector::find(const node_id& peer) const
{
    const auto found = peers_.find(peer);
    return found == peers_.end() ? nullptr : &found->second;
}

void failure_detector::add(const node_identity& node, instant now)
{
    if (node.id == self_ || node.id.empty()) return;
    auto [at, fresh] = peers_.try_emplace(node.id);
    auto& peer = at->second;
    if (fresh) {
        peer.node = node;
        peer.added = peer.known_since = peer.accused_since = peer.shown_since = peer.counted_to =
            now;
        peer.next_reconnect = peer.next_heartbeat = now;
        return;
    }
    if (!node.url.empty()) peer.node.url = node.url;
    peer.node.priority = node.priority;
    if (peer.node.boot.empty()) peer.node.boot = node.boot;
    if (!node.version.empty()) peer.node.version = node.version;
}

void failure_detector::remove(const node_id& peer)
{
    peers_.erase(peer);
    strangers_.erase(peer);
}

bool failure_detector::live_boot(peer_watch& peer, const boot_id& boot, instant now,
                                 cluster_actions& out)
{
    if (boot.empty() || boot == peer.node.boot) return true;
    if (peer.node.boot.empty()) {
        peer.node.boot = boot;
        return true;
    }
    if (std::ranges::find(peer.gone_boots, boot) == peer.gone_boots.end()) {
        restart(peer, boot, now, out);
        return true;
    }
    auto& odd = strangers_[peer.node.id];
    if (odd.boot != boot || now - odd.last > kStrangerStays) odd = {boot, now, now};
    odd.last = now;
    // The one held to be gone goes on, the one held to be new is not heard: then the order was a mistake.
    const bool stays = now - odd.since >= kStrangerStays;
    if (!stays || (peer.heard && now - *peer.heard < kStrangerStays)) return false;
    std::erase(peer.gone_boots, boot);
    strangers_.erase(peer.node.id);
    restart(peer, boot, now, out);
    return true;
}

void failure_detector::restart(peer_watch& peer, const boot_id& boot, instant now,
                               cluster_actions& out)
{
    const boot_id before = peer.node.boot;
    peer.gone_boots.push_back(before);
    if (peer.gone_boots.size() > kGoneBoots) peer.gone_boots.erase(peer.gone_boots.begin());
    peer_watch fresh;
    fresh.node = peer.node;
    fresh.node.boot = boot;
    fresh.gone_boots = peer.gone_boots;
    fresh.added = fresh.accused_since = fresh.next_heartbeat = now;
    fresh.next_reconnect = now;
    fresh.shown = peer.shown;
    fresh.shown_since = peer.shown_since;
    fresh.counted_to = peer.counted_to;
    fresh.up_for = peer.up_for;
    fresh.known_since = peer.known_since;
    fresh.ever_up = peer.ever_up;
    fresh.well_since = now;
    fresh.restarts = peer.restarts + 1;
    fresh.first_sign = peer.first_sign;
    peer = std::move(fresh);
    out.emplace_back(action::close_streams{peer.node.id, before});
    out.emplace_back(action::peer_restarted{peer.node.id, before, boot});
}

void failure_detector::on(const input::stream_opened& what, instant now, cluster_actions& out)
{
    auto* peer = known(what.peer);
    if (peer == nullptr || !live_boot(*peer, what.boot, now, out)) return;
    (what.which == link::ours ? peer->our_link : peer->their_link) = true;
    peer->left = false;
    peer->mode = detection_mode::stream;
    if (what.which == link::ours) peer->refused_at.reset();
}

void failure_detector::on(const input::stream_closed& what, instant now, cluster_actions& out)
{
    auto* peer = known(what.peer);
    if (peer == nullptr || (!what.boot.empty() && what.boot != peer->node.boot)) return;
    (what.which == link::ours ? peer->our_link : peer->their_link) = false;
    if (peer->accused == member_state::alive && !peer->first_sign) peer->first_sign = now;
    ask_to_reconnect(*peer, now, out);
}

void failure_detector::ask_to_reconnect(peer_watch& peer, instant now, cluster_actions& out)
{
    if (peer.asked_to_reconnect) return;
    peer.asked_to_reconnect = now;
    out.emplace_back(action::reconnect{peer.node.id});
}

void failure_detector::on(const input::reconnected& what, instant now, cluster_actions& out)
{
    using enum input::reconnect_outcome;
    auto* peer = known(what.peer);
    if (peer == nullptr) return;
    peer->asked_to_reconnect.reset();
    peer->next_reconnect = now + settings_.reconnect_every;
    switch (what.outcome) {
    case accepted:
        peer->refused_at.reset();
        peer->next_lock_check.reset();
        if (peer->accused == member_state::alive && peer->first_sign) {
            ++peer->blips;
            peer->first_sign.reset();
        }
        return;
    case refused:
        peer->our_link = false;
        if (peer->their_link) {
            // Its end of file may still be on the way; or it runs and does not listen. Ask again at once.
            peer->next_reconnect = now + settings_.reconnect_within / 10;
            return;
        }
        if (!peer->refused_at) {
            peer->refused_at = now;
            if (!peer->node.boot.empty())
                out.emplace_back(action::check_lock{peer->node.id, peer->node.boot});
        }
        if (peer->accused == member_state::alive)
            accuse(*peer, member_state::suspect, sighting::refused, now, out);
        return;
    case timed_out: peer->our_link = false; return;
    case no_stream:
        peer->our_link = false;
        if (!peer->their_link && fresh_heartbeat(*peer, now)) {
            if (peer->mode == detection_mode::stream) peer->mode_since = now;
            peer->mode = detection_mode::heartbeat_only;
            hear_again(*peer, now, out);
        }
        return;
    }
}

void failure_detector::on(const input::heard& what, instant now, cluster_actions& out)
{
    if (what.from == self_) {
        if (what.boot != boot_) strangers_.insert_or_assign(self_, stranger{what.boot, now, now});
        return;
    }
    auto* peer = known(what.from);
    if (peer == nullptr || !live_boot(*peer, what.boot, now, out)) return;
    if (!peer->their_link && !peer->our_link)
        return;  // a line that was on its way when the stream ended
    const instant age = what.what.loops_age > kLoopsSlow ? what.what.loops_age : instant{0};
    peer->heard = std::max(peer->heard.value_or(instant{0}), now - age);
    note_beat(*peer, what.what, now);
    if (what.what.loops_age >= settings_.loops_stuck) return;
    peer->refused_at.reset();
    peer->next_lock_check.reset();
    if (peer->accused == member_state::down && ++peer->beats_since_down < kBeatsToReturn) return;
    hear_again(*peer, now, out);
}

void failure_detector::note_beat(peer_watch& peer, const beat& said, instant now)
{
    const bool reached = reaches_database(peer);
    peer.last_beat = said;
    peer.beat_at = now;
    if (!reached && reaches_database(peer)) peer.database_since = now;
}

void failure_detector::hear_again(peer_watch& peer, instant now, cluster_actions& out)
{
    peer.answers.clear();
    peer.asked.clear();
    peer.beats_since_down = 0;
    if (peer.accused == member_state::alive) return;
    peer.first_sign.reset();
    accuse(peer, member_state::alive, sighting::heard, now, out);
}

void failure_detector::on(const input::peer_answered& what)
{
    auto* peer = known(what.peer);
    if (peer == nullptr) return;
    // Before it was first heard nothing is known to have failed.
    if (what.well || peer->heard) peer->requests.add(what.round_trip, what.well);
}

void failure_detector::on(const input::left& what, instant now, cluster_actions& out)
{
    auto* peer = known(what.peer);
    if (peer == nullptr || (!what.boot.empty() && what.boot != peer->node.boot)) return;
    peer->left = true;
    if (!peer->first_sign) peer->first_sign = now;
    accuse(*peer, member_state::down, sighting::left, now, out);
}

void failure_detector::stood_still(instant gap, instant now)
{
    blamed_until_ = now + settings_.blame_for;
    // After a long gap all it knew is too old to go on from.
    const bool anew = gap >= settings_.beat_every * settings_.beats_missed;
    for (auto& [id, peer] : peers_) {
        if (peer.heard) peer.heard = anew ? now : std::min(*peer.heard + gap, now);
        peer.added = std::min(peer.added + gap, now);
        if (peer.asked_to_reconnect) *peer.asked_to_reconnect += gap;
        peer.answers.clear();
        peer.asked.clear();
    }
}

opinions failure_detector::held() const
{
    opinions all;
    for (const auto& [id, peer] : peers_) all.emplace(id, peer.shown);
    return all;
}

detection_mode failure_detector::mode() const
{
    const bool any = std::ranges::any_of(
        peers_, [](const auto& p) { return p.second.mode == detection_mode::heartbeat_only; });
    return any ? detection_mode::heartbeat_only : detection_mode::stream;
}

}  // namespace kieng::cluster

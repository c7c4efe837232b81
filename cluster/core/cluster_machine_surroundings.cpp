// What the lease needs to know of the others.
#include "cluster/core/cluster_machine.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

constexpr std::int64_t kCaughtUp = 1'000;  // positions behind, for fail-back
// A peer that does not say when PostgreSQL last answered it: so long before its beat.
constexpr instant kAnswerAssumed = 1500ms;

}  // namespace

surroundings cluster_machine::look_around(instant now) const
{
    surroundings around;
    around.holder = sight_of_holder(now);
    around.rank = rank_of(self_, detector_, now - started_, lease_.resigned_by());
    around.blames_itself = detector_.blames_itself(now);
    const bool stuck = loops_age_ >= settings_.loops_stuck;
    around.may_take = !stopping_ && !stuck && (!draining_ || !best_other());
    around.outage_is_ours = outage_is_ours_;
    around.hand_over_to = successor(stuck, now);
    around.all_know_epoch = std::ranges::all_of(detector_.peers(), [&](const auto& p) {
        const bool counts = p.second.accused == member_state::alive && p.second.last_beat;
        return !counts || p.second.last_beat->epoch >= lease_.epoch();
    });
    return around;
}

holder_sight cluster_machine::sight_of_holder(instant now) const
{
    using kind = holder_sight::kind;
    const auto* peer = detector_.find(lease_.holder());
    if (peer == nullptr) return {kind::uncertain, now};
    const instant sign = peer->first_sign.value_or(now);
    const auto& boot = lease_.holder_boot();
    if (std::ranges::find(peer->gone_boots, boot) != peer->gone_boots.end())
        return {kind::restarted, sign};
    if (peer->accused == member_state::alive) return {kind::well, sign};
    if (peer->accused != member_state::down || peer->node.boot != boot)
        return {kind::uncertain, sign};
    switch (peer->why) {
    case sighting::crashed:
    case sighting::left: return {kind::crashed, sign};
    case sighting::silent_agreed: return {kind::silent, sign};
    case sighting::not_heard_yet:
    case sighting::heard:
    case sighting::stream_closed:
    case sighting::refused:
    case sighting::silent:
    case sighting::link_cut:
    case sighting::loops_stuck:
    case sighting::heartbeats_missed: return {kind::uncertain, sign};
    }
    return {kind::uncertain, sign};
}

// Whether another living node had an answer after our loss, and has had them for long enough that we would have had one too.
bool cluster_machine::others_reach(instant lost, instant now) const
{
    return std::ranges::any_of(detector_.peers(), [&](const auto& entry) {
        const auto& peer = entry.second;
        if (peer.accused != member_state::alive || !reaches_database(peer)) return false;
        if (now - *peer.beat_at > settings_.database_patience) return false;
        const instant answered =
            *peer.beat_at - peer.last_beat->database_age.value_or(kAnswerAssumed);
        return answered > lost + settings_.later_than_loss &&
               now - std::max(lost, peer.database_since) >= settings_.outage_confirm;
    });
}

std::optional<node_id> cluster_machine::best_other() const
{
    const peer_watch* best = nullptr;
    for (const auto& [id, peer] : detector_.peers()) {
        if (fit_for_active(peer) && (best == nullptr || better(peer.node, best->node)))
            best = &peer;
    }
    if (best == nullptr) return std::nullopt;
    return best->node.id;
}

std::optional<node_id> cluster_machine::successor(bool stuck, instant now) const
{
    const bool drained = draining_ && now - draining_since_ >= settings_.drain_before_resign;
    if (stuck || drained) return best_other();
    if (kept()) return std::nullopt;
    const peer_watch* best = nullptr;
    for (const auto& [id, peer] : detector_.peers()) {
        if (!peer.well || !better(peer.node, self_)) continue;
        if (now - peer.well_since < failback_after(id, now)) continue;
        if (peer.last_beat->applied + kCaughtUp < progress_.applied) continue;
        if (best == nullptr || better(peer.node, best->node)) best = &peer;
    }
    if (best == nullptr) return std::nullopt;
    return best->node.id;
}

// An operator gave the role to this node, and what it then held it holds still.
bool cluster_machine::kept() const
{
    if (!given_ || given_->epoch != lease_.epoch() || lease_.holder() != self_.id) return false;
    const auto* peer = detector_.find(given_->by);
    return peer != nullptr && peer->node.boot == given_->boot;
}

instant cluster_machine::failback_after(const node_id& node, instant now) const
{
    instant wait = settings_.failback_after;
    for (const auto& record : history_) {
        const bool counts =
            record.from == node && !record.planned && now - record.at < settings_.failback_window;
        if (counts) wait = std::min(2 * wait, settings_.failback_most);
    }
    return wait;
}

}  // namespace kieng::cluster

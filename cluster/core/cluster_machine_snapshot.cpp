#include "cluster/core/cluster_machine.hpp"

#include <algorithm>

namespace kieng::cluster {

beat cluster_machine::own_beat(instant now) const
{
    const auto& database = lease_.database();
    beat said;
    said.epoch = lease_.epoch();
    said.pos = progress_.pos;
    said.applied = progress_.applied;
    said.view = view_.current();
    said.database = database.state();
    if (const auto at = database.last_answer()) said.database_age = now - *at;
    said.loops_age = loops_age_;
    said.draining = draining_;
    said.resigned = lease_.has_resigned();
    said.active = lease_.may_run_duties(now);
    said.self_blame = detector_.blames_itself(now);
    said.kept = said.active && kept();
    said.held = detector_.held();
    return said;
}

// Whoever holds the newest epoch known and may run its duties. Of itself a node knows that to the millisecond. Another one is taken at
// the row's word while the lease lasts, and beyond it (PostgreSQL does not answer us) at its own.
node_id cluster_machine::shown_active(instant now) const
{
    const auto& holder = lease_.holder();
    if (holder == self_.id) return lease_.may_run_duties(now) ? holder : node_id{};
    if (!lease_.over(now)) return holder;
    const auto* peer = detector_.find(holder);
    const bool says_so = peer != nullptr && peer->accused == member_state::alive &&
                         peer->last_beat && peer->last_beat->active;
    return says_so ? holder : node_id{};
}

member_facts cluster_machine::own_facts(instant now) const
{
    member_facts facts;
    facts.node = self_;
    facts.self = true;
    facts.state = draining_ ? member_state::draining : member_state::alive;
    facts.why = sighting::heard;
    facts.since = draining_ ? draining_since_ : started_;
    facts.database = lease_.database().state();
    const bool reaches =
        facts.database == database_state::well || facts.database == database_state::slow;
    facts.well = reaches && !draining_ && loops_age_ < settings_.loops_stuck;
    facts.pos = progress_.pos;
    facts.applied = progress_.applied;
    facts.last_heard = now;
    facts.certificate_expires = conditions_.own().certificate_expires;
    facts.disk = conditions_.own().disk;
    return facts;
}

member_facts cluster_machine::facts_of(const peer_watch& peer, instant now) const
{
    member_facts facts;
    facts.node = peer.node;
    facts.state = peer.shown;
    facts.why = peer.why;
    facts.since = peer.shown_since;
    facts.well = peer.well;
    facts.detection = peer.mode;
    if (peer.last_beat) {
        facts.pos = peer.last_beat->pos;
        facts.applied = peer.last_beat->applied;
        facts.database = peer.last_beat->database;
    }
    facts.last_heard = peer.heard;
    facts.last_heartbeat = peer.heartbeat_at;
    const instant known = std::max(now - peer.known_since, instant{1});
    const bool up = peer.accused == member_state::alive;
    const instant up_for = peer.up_for + (up ? now - peer.counted_to : instant{0});
    facts.uptime_percent =
        100.0 * static_cast<double>(up_for.count()) / static_cast<double>(known.count());
    if (const auto sample = peer.offset.best()) facts.clock_offset = sample->offset;
    if (peer.last_heartbeat) {
        facts.certificate_expires = peer.last_heartbeat->condition.certificate_expires;
        facts.disk = peer.last_heartbeat->condition.disk;
    }
    facts.round_trip_p50 = peer.requests.quantile(0.5);
    facts.round_trip_p99 = peer.requests.quantile(0.99);
    facts.error_rate = peer.requests.error_rate();
    facts.blips = peer.blips;
    facts.restarts = peer.restarts;
    return facts;
}

std::vector<member_facts> cluster_machine::members(instant now) const
{
    std::vector<member_facts> all{own_facts(now)};
    for (const auto& [id, peer] : detector_.peers()) all.push_back(facts_of(peer, now));
    std::ranges::sort(all, [](const auto& a, const auto& b) { return better(a.node, b.node); });
    std::int64_t head = 0;
    for (const auto& m : all) head = std::max({head, m.pos, m.applied});
    const auto active = shown_active(now);
    for (auto& m : all) {
        m.lag = head - m.applied;
        m.role = m.node.id == active ? node_role::active : node_role::standby;
    }
    return all;
}

std::vector<cluster_warning> cluster_machine::warnings(instant now) const
{
    auto all = detector_.warnings(now);
    if (detector_.blames_itself(now)) all.push_back({warning_code::own_timer_late, self_.id, {}});
    if (loops_age_ >= settings_.loops_stuck)
        all.push_back({warning_code::own_loops_stuck, self_.id, {}});
    if (lease_.epoch_went_back()) all.push_back({warning_code::epoch_went_back, {}, {}});
    for (const auto& [id, peer] : detector_.peers()) {
        if (!peer.node.version.empty() && peer.node.version != self_.version)
            all.push_back({warning_code::version_differs, id, peer.node.version});
    }
    for (auto& one : conditions_.warnings(detector_.peers())) all.push_back(std::move(one));
    return all;
}

cluster_snapshot cluster_machine::snapshot(instant now) const
{
    const auto& database = lease_.database();
    cluster_snapshot shot;
    shot.self = self_.id;
    shot.boot = self_.boot;
    shot.taken = now;
    shot.incarnation = lease_.incarnation();
    shot.epoch = lease_.epoch();
    shot.view = view_.current();
    shot.pos = progress_.pos;
    shot.applied = progress_.applied;
    shot.lease = lease_.phase();
    shot.active = shown_active(now);
    shot.active_since = lease_.since();
    if (!history_.empty() && history_.front().epoch == lease_.epoch())
        shot.active_since = history_.front().at;
    shot.lease_left = lease_.left(now);
    shot.duty_deadline = lease_.deadline();
    shot.draining = draining_;
    shot.blames_itself = detector_.blames_itself(now);
    shot.detection = detector_.mode();
    shot.database = database.state();
    shot.scope = scope_;
    shot.database_time = database.took();
    shot.members = members(now);
    shot.summary.members = static_cast<int>(shot.members.size());
    shot.summary.well =
        static_cast<int>(std::ranges::count(shot.members, true, &member_facts::well));
    shot.summary.tolerates_failures = std::max(0, shot.summary.well - 1);
    const auto* holder = detector_.find(shot.active);
    const bool by_us = !shot.active.empty() && shot.active == self_.id;
    shot.summary.has_active =
        by_us || (holder != nullptr && holder->accused == member_state::alive);
    shot.active_kept =
        by_us ? kept() : holder != nullptr && holder->last_beat && holder->last_beat->kept;
    shot.summary.outage = scope_;
    shot.matrix = told_;
    std::erase_if(shot.matrix, [&](const auto& told) {
        const auto* peer = detector_.find(told.first);
        return peer == nullptr || peer->accused == member_state::down;
    });
    shot.matrix[self_.id] = detector_.held();
    shot.disagreements = disagreements_of(shot.matrix);
    shot.history.assign(history_.begin(), history_.end());
    shot.warnings = warnings(now);
    shot.consumers = conditions_.consumers();
    shot.servers = view_.list();
    return shot;
}

}  // namespace kieng::cluster

#include "cluster/core/cluster_machine.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

constexpr std::size_t kHistory = 32;
constexpr instant kRoundTripsWeighed = 5s;  // how often they may change the order of servers

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

}  // namespace

cluster_machine::cluster_machine(cluster_settings settings, node_identity self,
                                 const std::vector<node_identity>& known, instant now)
    : settings_(settings),
      self_(std::move(self)),
      started_(now),
      detector_(settings_, self_),
      lease_(settings_, self_, now),
      conditions_(self_),
      last_call_(now),
      next_beat_(now),
      next_nodes_(now)
{
    for (const auto& node : known) detector_.add(node, now);
}

cluster_actions cluster_machine::on(const cluster_input& what, instant now)
{
    cluster_actions out;
    notice_own_delay(now);
    lease_.expire(now, out);
    take(what, now, out);
    step(now, out);
    remember(out);
    return out;
}

void cluster_machine::notice_own_delay(instant now)
{
    const instant gap = now - last_call_;
    last_call_ = now;
    if (gap <= settings_.tick + settings_.blame_after) return;
    detector_.stood_still(gap, now);
    lease_.stood_still(gap);
}

void cluster_machine::take(const cluster_input& what, instant now, cluster_actions& out)
{
    const auto detect = [&](const auto& in) { detector_.on(in, now, out); };
    std::visit(overloaded{[&](const input::tick& in) { loops_age_ = in.loops_age; },
                          [&](const input::progress& in) { progress_ = in; },
                          [&](const input::nodes_read& in) { take_nodes(in, now); },
                          [&](const input::greeted& in) { take_stranger(in.node, now, out); },
                          [&](const input::stream_opened& in) { detect(in); },
                          [&](const input::stream_closed& in) { detect(in); },
                          [&](const input::reconnected& in) { detect(in); },
                          [&](const input::heard& in) { take_heard(in, now, out); },
                          [&](const input::peer_answered& in) { detector_.on(in); },
                          [&](const input::left& in) { detect(in); },
                          [&](const input::probe_asked& in) { detect(in); },
                          [&](const input::probe_answered& in) { detect(in); },
                          [&](const input::lock_checked& in) { detect(in); },
                          [&](const input::lock_session& in) { detector_.on(in, now); },
                          [&](const input::heartbeat_received& in) {
                              take_stranger(in.what.node, now, out);
                              detect(in);
                              conditions_.on(in);
                              take_state(in.what.node.id, in.what.state, now, out);
                          },
                          [&](const input::clock_seen& in) { detector_.on(in); },
                          [&](const input::condition_read& in) { conditions_.on(in); },
                          [&](const input::history_compared& in) { conditions_.on(in); },
                          [&](const input::consumers_read& in) { conditions_.on(in); },
                          [&](const input::resigned& in) { take_resigned(in, now); },
                          [&](const input::active_changed& in) {
                              lease_.active_changed(in.notice, now, out);
                          },
                          [&](const input::lease_answered& in) { lease_.answered(in, now, out); },
                          [&](const input::history_read& in) { take_history(in, out); },
                          [&](const input::handover& in) { take_handover(in, out); },
                          [&](const input::drain&) {
                              if (!draining_) draining_since_ = now;
                              draining_ = true;
                          },
                          [&](const input::undrain&) { draining_ = false; },
                          [&](const input::stop&) {
                              draining_ = stopping_ = true;
                              lease_.hand_over(best_other(), lease::wish::own, out);
                          }},
               what);
}

// A node that cannot take the role is not given it: better the holder stays than nobody has it.
void cluster_machine::take_handover(const input::handover& what, cluster_actions& out)
{
    if (!may_take_role(what.to)) return;
    lease_.hand_over(what.to ? what.to : best_other(), lease::wish::of_operator, out);
}

bool cluster_machine::may_take_role(const std::optional<node_id>& to) const
{
    if (!to) return best_other().has_value();
    const auto* peer = detector_.find(*to);
    return peer != nullptr && fit_for_active(*peer);
}

// What the outbox says is the same for all nodes; the phases are this node's own.
void cluster_machine::take_history(const input::history_read& what, cluster_actions& out)
{
    for (const auto& told : what.records) {
        const auto same = [&](const auto& known) { return known.epoch == told.epoch; };
        const auto known = std::ranges::find_if(history_, same);
        if (known == history_.end()) {
            out.emplace_back(action::takeover_told{told});
            keep(told);
            continue;
        }
        auto merged = told;
        merged.phases = known->phases;
        if (!told.reason) merged.reason = known->reason;
        if (told.from.empty()) merged.from = known->from;
        *known = merged;
    }
}

// What an operator gave to this node it does not give back by itself: not before it loses the role, or that other node drains or
// begins another life.
void cluster_machine::take_resigned(const input::resigned& what, instant now)
{
    const auto* peer = detector_.find(what.from);
    if (peer != nullptr && what.notice.by_operator && what.notice.to == self_.id)
        given_ = gift{what.from, peer->node.boot, what.notice.epoch + 1};
    lease_.resigned(what.from, what.notice, now);
}

void cluster_machine::take_heard(const input::heard& what, instant now, cluster_actions& out)
{
    detector_.on(what, now, out);
    const auto* peer = detector_.find(what.from);
    if (peer == nullptr || peer->node.boot != what.boot) return;
    if (!peer->their_link && !peer->our_link) return;
    take_state(what.from, what.what, now, out);
}

// What a beat or a heartbeat says beyond being alive.
void cluster_machine::take_state(const node_id& from, const beat& said, instant now,
                                 cluster_actions& out)
{
    if (detector_.find(from) == nullptr) return;
    if (said.held) told_[from] = *said.held;
    if (said.draining && given_ && given_->by == from) given_.reset();
    lease_.heard_epoch(said.epoch, now, out);
    if (said.resigned) lease_.resigned(from, {said.epoch, std::nullopt, false}, now);
    if (view_.heard(said.view)) out.emplace_back(action::view_changed{view_.current()});
}

void cluster_machine::take_nodes(const input::nodes_read& what, instant now)
{
    for (const auto& node : what.nodes) detector_.add(node, now);
    // An operator took its row away, and nobody hears it.
    std::vector<node_id> gone;
    for (const auto& [id, peer] : detector_.peers()) {
        const bool listed =
            std::ranges::find(what.nodes, id, &node_identity::id) != what.nodes.end();
        if (!listed && peer.accused == member_state::down && peer.beat_at) gone.push_back(id);
    }
    for (const auto& id : gone) {
        detector_.remove(id);
        told_.erase(id);
    }
}

void cluster_machine::take_stranger(const node_identity& node, instant now, cluster_actions& out)
{
    if (node.id == self_.id || detector_.find(node.id) != nullptr) return;
    detector_.add(node, now);
    out.emplace_back(action::read_nodes{});
}

void cluster_machine::step(instant now, cluster_actions& out)
{
    detector_.step(now, out);
    step_scope(now, out);
    lease_.step(look_around(now), now, out);
    step_view(now, out);
    step_warnings(now, out);
    if (now >= next_beat_) {
        next_beat_ = now + settings_.beat_every;
        out.emplace_back(action::send_beat{own_beat(now)});
    }
    if (now >= next_nodes_) {
        next_nodes_ = now + settings_.heartbeat_every;
        out.emplace_back(action::read_nodes{});
    }
}

void cluster_machine::step_scope(instant now, cluster_actions& out)
{
    const auto state = lease_.database().state();
    outage_scope scope = outage_scope::none;
    outage_is_ours_ = false;
    if (const auto lost = lease_.database().lost_since()) {
        outage_is_ours_ = others_reach(*lost, now);
        const bool alone = !detector_.peers().empty() &&
                           std::ranges::none_of(detector_.peers(), [](const auto& p) {
                               return p.second.accused == member_state::alive;
                           });
        scope = outage_is_ours_ || alone ? outage_scope::node : outage_scope::shared;
    }
    if (scope == scope_ && state == database_shown_) return;
    scope_ = scope;
    database_shown_ = state;
    out.emplace_back(action::database_changed{state, scope});
}

// What the list of servers is made of, except the round trips; cheap, because it is asked at every input.
std::uint64_t cluster_machine::view_signature(instant now) const
{
    const std::hash<std::string> hash;
    std::uint64_t mixed = static_cast<std::uint64_t>(lease_.epoch()) * 2 + (draining_ ? 1 : 0);
    const auto mix = [&mixed](std::uint64_t value) {
        mixed = (mixed ^ value) * 0x9E3779B97F4A7C15ULL;
        mixed ^= mixed >> 29;
    };
    mix(hash(shown_active(now)));
    mix(static_cast<std::uint64_t>(lease_.incarnation()));
    for (const auto& [id, peer] : detector_.peers()) {
        mix(hash(id));
        mix(hash(peer.node.url));
        mix(static_cast<std::uint64_t>(peer.node.priority) << 8 |
            static_cast<std::uint64_t>(peer.shown));
    }
    return mixed;
}

void cluster_machine::step_view(instant now, cluster_actions& out)
{
    const auto signature = view_signature(now);
    if (signature == view_signature_ && now < next_view_) return;
    view_signature_ = signature;
    next_view_ = now + kRoundTripsWeighed;
    auto list = order_servers(members(now), shown_active(now));
    list.incarnation = lease_.incarnation();
    if (view_.update(list, lease_.epoch())) out.emplace_back(action::view_changed{view_.current()});
}

void cluster_machine::step_warnings(instant now, cluster_actions& out)
{
    auto now_warned = warnings(now);
    const auto same = [](const cluster_warning& a, const cluster_warning& b) {
        const bool by_detail =
            a.code == warning_code::history_lost || a.code == warning_code::consumer_behind;
        return a.code == b.code && a.node == b.node && a.serious == b.serious &&
               (!by_detail || a.detail == b.detail);
    };
    const auto tell = [&](const auto& of, const auto& missing_in, bool begins) {
        for (const auto& w : of) {
            if (std::ranges::none_of(missing_in, [&](const auto& o) { return same(o, w); }))
                out.emplace_back(action::warn{w, begins});
        }
    };
    tell(now_warned, warned_, true);
    tell(warned_, now_warned, false);
    warned_ = std::move(now_warned);
}

void cluster_machine::remember(const cluster_actions& out)
{
    for (const auto& done : out) {
        const auto* takeover = std::get_if<action::takeover_done>(&done);
        if (takeover != nullptr) keep(takeover->record);
    }
}

// In the order of the epochs, newest first; each once.
void cluster_machine::keep(const takeover_record& record)
{
    std::erase_if(history_, [&](const auto& one) { return one.epoch == record.epoch; });
    const auto older = [&](const auto& one) { return one.epoch < record.epoch; };
    history_.insert(std::ranges::find_if(history_, older), record);
    if (history_.size() > kHistory) history_.pop_back();
}

instant cluster_machine::next_wakeup() const
{
    const instant next = std::min({detector_.next_wakeup(last_call_), lease_.next_wakeup(),
                                   next_beat_, last_call_ + settings_.tick});
    return std::max(next, last_call_ + instant{1ms});
}

}  // namespace kieng::cluster

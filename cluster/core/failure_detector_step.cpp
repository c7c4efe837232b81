#include "cluster/core/failure_detector.hpp"
#include "cluster/core/membership.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

// A node that goes quiet is last heard a little later by one than by another; between these two the witness is asked again.
constexpr instant kWitnessHears = 500ms;
constexpr instant kWitnessMisses = 750ms;
// Answers older than this say nothing about now.
constexpr instant kWitnessForgets = 1s;
constexpr instant kLinkCutProbe = 500ms;
constexpr instant kDownForLong = 10s;
constexpr instant kStrangerStays = 1s;
constexpr instant kModeWarned = 5s;
constexpr instant kFirstHeard = 10s;      // a node that is alive so soon was never missed
constexpr instant kHeartbeatsGone = 30s;  // after `late`, where there is nothing else

}  // namespace

std::uint64_t failure_detector::next_random()
{
    std::uint64_t z = (random_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

instant failure_detector::patience(instant now) const
{
    const instant usual = settings_.beat_every * settings_.beats_missed;
    return blames_itself(now) ? 2 * usual : usual;
}

void failure_detector::step(instant now, cluster_actions& out)
{
    for (auto& [id, peer] : peers_) {
        step_stream(peer, now, out);
        if (peer.mode == detection_mode::stream) step_silence(peer, now, out);
        step_heartbeat(peer, now, out);
    }
    for (auto& [id, peer] : peers_) show(peer, now, out);
}

void failure_detector::step_stream(peer_watch& peer, instant now, cluster_actions& out)
{
    // The runtime owes an answer within reconnect_within; a little later it counts as none.
    if (peer.asked_to_reconnect &&
        now >= *peer.asked_to_reconnect + 2 * settings_.reconnect_within) {
        peer.asked_to_reconnect.reset();
        peer.next_reconnect = now + settings_.reconnect_every;
    }
    const bool closed = !peer.our_link || (!peer.their_link && peer.refused_at);
    if (closed && !peer.asked_to_reconnect && now >= peer.next_reconnect) {
        const bool long_gone =
            peer.accused == member_state::down && now - peer.accused_since > kDownForLong;
        peer.next_reconnect = now + (long_gone ? instant{1s} : settings_.reconnect_every);
        ask_to_reconnect(peer, now, out);
    }
    if (peer.next_lock_check && now >= *peer.next_lock_check) {
        peer.next_lock_check.reset();
        out.emplace_back(action::check_lock{peer.node.id, peer.node.boot});
    }
}

void failure_detector::step_silence(peer_watch& peer, instant now, cluster_actions& out)
{
    if (peer.accused == member_state::down) return;
    const instant last = peer.heard.value_or(peer.added);
    if (now - last < patience(now)) return;
    if (peer.accused == member_state::alive) {
        if (!peer.first_sign) peer.first_sign = last;
        const bool talks = peer.beat_at && now - *peer.beat_at < patience(now);
        accuse(peer, member_state::suspect, talks ? sighting::loops_stuck : sighting::silent, now,
               out);
    }
    if (!peer.first_sign) peer.first_sign = last;
    ask_witnesses(peer, now, out);
    weigh_witnesses(peer, now, out);
}

bool failure_detector::may_witness(const peer_watch& peer, const peer_watch& target) const
{
    return peer.node.id != target.node.id && peer.accused == member_state::alive && peer.our_link &&
           peer.their_link;
}

void failure_detector::ask_witnesses(peer_watch& peer, instant now, cluster_actions& out)
{
    if (now < peer.next_probe) return;
    peer.next_probe =
        now + (peer.why == sighting::link_cut ? kLinkCutProbe : settings_.probe_every);
    for (const auto& [id, other] : peers_) {
        if (!may_witness(other, peer)) continue;
        peer.asked.try_emplace(id, now);
        out.emplace_back(action::probe_via{id, peer.node.id, ++question_});
    }
}

void failure_detector::weigh_witnesses(peer_watch& peer, instant now, cluster_actions& out)
{
    if (peer.accused != member_state::suspect) return;
    if (now - peer.heard.value_or(peer.added) < patience(now)) return;
    bool waiting = false;
    for (const auto& [id, other] : peers_) {
        if (!may_witness(other, peer)) continue;
        const auto said = peer.answers.find(id);
        if (said == peer.answers.end() || now - said->second.given > kWitnessForgets) {
            const auto asked = peer.asked.find(id);
            waiting |= asked == peer.asked.end() || now - asked->second < settings_.probe_patience;
            continue;
        }
        const auto& heard = said->second.heard;
        const instant ago = heard ? said->second.given - *heard : instant::max();
        if (ago < kWitnessHears) {
            if (peer.why != sighting::link_cut)
                accuse(peer, member_state::suspect, sighting::link_cut, now, out);
            return;
        }
        waiting |= ago < kWitnessMisses;
    }
    if (waiting) return;
    accuse(peer, member_state::down, sighting::silent_agreed, now, out);
}

void failure_detector::step_heartbeat(peer_watch& peer, instant now, cluster_actions& out)
{
    if (now >= peer.next_heartbeat) {
        const auto tenth = settings_.heartbeat_every.count() / 10;
        const auto off =
            static_cast<std::int64_t>(next_random() % static_cast<std::uint64_t>(2 * tenth + 1));
        peer.next_heartbeat = now + settings_.heartbeat_every + instant{off - tenth};
        out.emplace_back(action::send_heartbeat{peer.node.id});
    }
    if (peer.mode == detection_mode::stream || peer.accused == member_state::down) return;
    if (now - peer.heartbeat_at.value_or(peer.added) < settings_.heartbeat_late + kHeartbeatsGone)
        return;
    if (!peer.first_sign) peer.first_sign = peer.heartbeat_at.value_or(peer.added);
    accuse(peer, member_state::down, sighting::heartbeats_missed, now, out);
}

void failure_detector::accuse(peer_watch& peer, member_state to, sighting why, instant now,
                              cluster_actions& out)
{
    const bool same = peer.accused == to && peer.why == why;
    peer.why = why;
    if (peer.accused != to) peer.accused_since = now;
    peer.accused = to;
    if (same) return;
    if (to == member_state::down) {
        peer.beats_since_down = 0;
        if (!peer.node.boot.empty())
            out.emplace_back(action::terminate_idle_sessions{peer.node.id, peer.node.boot});
    }
    show(peer, now, out);
}

void failure_detector::show(peer_watch& peer, instant now, cluster_actions& out)
{
    const bool up = peer.accused == member_state::alive;
    if (up && !peer.ever_up) {
        peer.ever_up = true;
        if (now - peer.known_since < kFirstHeard) peer.known_since = peer.counted_to = now;
    }
    if (up) peer.up_for += now - peer.counted_to;
    peer.counted_to = now;

    member_state shown = peer.accused;
    if (up && peer.last_beat && peer.last_beat->draining) {
        shown = member_state::draining;
    } else if (up && now - peer.heartbeat_at.value_or(peer.added) > settings_.heartbeat_late) {
        shown = member_state::late;
    }
    const bool well = fit_for_active(peer);
    if (well && !peer.well) peer.well_since = now;
    peer.well = well;
    if (shown == peer.shown) return;
    std::optional<instant> sign;
    if (peer.first_sign) sign = now - *peer.first_sign;
    out.emplace_back(action::peer_changed{peer.node.id, peer.shown, shown, peer.why, sign});
    peer.shown = shown;
    peer.shown_since = now;
}

instant failure_detector::next_wakeup(instant now) const
{
    instant next = now + settings_.tick;
    for (const auto& [id, peer] : peers_) {
        if (peer.accused == member_state::alive && peer.heard)
            next = std::min(next, *peer.heard + patience(now));
        if (peer.accused == member_state::suspect && peer.why != sighting::refused)
            next = std::min(next, peer.next_probe);
        if (peer.next_lock_check) next = std::min(next, *peer.next_lock_check);
        if (!peer.our_link && !peer.asked_to_reconnect) next = std::min(next, peer.next_reconnect);
    }
    return std::max(next, now + instant{1ms});
}

std::vector<cluster_warning> failure_detector::warnings(instant now) const
{
    std::vector<cluster_warning> all;
    for (const auto& [id, odd] : strangers_) {
        const bool lasting = id == self_ || odd.last - odd.since >= kStrangerStays;
        if (lasting && now - odd.last < settings_.heartbeat_late)
            all.push_back({warning_code::duplicate_node_id, id, "boot " + odd.boot});
    }
    for (const auto& [id, peer] : peers_) {
        if (peer.why == sighting::link_cut && peer.accused == member_state::suspect)
            all.push_back({warning_code::link_cut, id, std::string(words_of(peer.why))});
        if (peer.shown == member_state::late) all.push_back({warning_code::heartbeat_late, id, {}});
        // A node that starts answers before it takes streams: that is no warning.
        if (peer.mode == detection_mode::heartbeat_only && now - peer.mode_since >= kModeWarned)
            all.push_back({warning_code::heartbeat_only, id, {}});
        const auto skew =
            std::chrono::duration_cast<std::chrono::microseconds>(settings_.clock_skew_warned);
        if (peer.offset.skewed(skew)) {
            const auto ahead =
                std::chrono::duration_cast<std::chrono::milliseconds>(peer.offset.best()->offset);
            all.push_back({warning_code::clock_skew, id,
                           "ahead by " + std::to_string(ahead.count()) + " ms"});
        }
    }
    return all;
}

}  // namespace kieng::cluster

#include "cluster/core/membership.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace kieng::cluster {
namespace {

constexpr instant kNewcomersAwaited = 1s;

bool looks_well(member_state state) noexcept
{
    return state == member_state::alive || state == member_state::late;
}

}  // namespace

server_list order_servers(std::vector<member_facts> members, const node_id& active)
{
    const auto group = [&](const member_facts& m) {
        if (!looks_well(m.state)) return m.state == member_state::draining ? 2 : 3;
        return m.node.id == active ? 0 : 1;
    };
    const auto order = [&](const member_facts& m) {
        // Round trips jitter: only one that is about twice as long makes another order.
        const auto trip = std::chrono::duration_cast<std::chrono::milliseconds>(
            m.round_trip_p50.value_or(instant{0}));
        return std::tuple(group(m), m.node.priority,
                          std::bit_width(static_cast<std::uint64_t>(trip.count())), m.node.id);
    };
    std::ranges::stable_sort(members, {}, order);
    server_list list;
    list.active = active;
    list.panic = std::ranges::none_of(members, looks_well, &member_facts::state);
    for (const auto& m : members) {
        list.servers.push_back({m.node.id, m.node.url, m.node.priority,
                                m.node.id == active ? node_role::active : node_role::standby,
                                m.state});
    }
    return list;
}

std::vector<disagreement> disagreements_of(const std::map<node_id, opinions>& matrix)
{
    std::map<node_id, std::map<node_id, member_state>> by_node;
    for (const auto& [who, held] : matrix) {
        for (const auto& [about, state] : held) {
            if (state != member_state::unknown) by_node[about].emplace(who, state);
        }
    }
    std::vector<disagreement> found;
    for (auto& [about, held] : by_node) {
        const auto first = held.begin()->second;
        if (std::ranges::any_of(held, [&](const auto& h) { return h.second != first; }))
            found.push_back({about, std::move(held)});
    }
    return found;
}

bool view_number::heard(std::int64_t number)
{
    if (number <= current_) return false;
    current_ = number;
    list_.view = number;
    return true;
}

bool view_number::update(const server_list& now, std::int64_t epoch)
{
    const bool same = list_.active == now.active && list_.panic == now.panic &&
                      list_.servers == now.servers && list_.epoch == epoch &&
                      list_.incarnation == now.incarnation;
    if (same) return false;
    current_ = std::max(current_ + 1, epoch * kViewsPerEpoch);
    list_ = now;
    list_.view = current_;
    list_.epoch = epoch;
    return true;
}

bool reaches_database(const peer_watch& peer)
{
    return peer.last_beat && (peer.last_beat->database == database_state::well ||
                              peer.last_beat->database == database_state::slow);
}

bool fit_for_active(const peer_watch& peer)
{
    return peer.accused == member_state::alive && !peer.left && reaches_database(peer) &&
           !peer.last_beat->draining && !peer.last_beat->self_blame;
}

std::size_t rank_of(const node_identity& self, const failure_detector& detector,
                    instant since_start, const node_id& without)
{
    std::size_t rank = 0;
    for (const auto& [id, peer] : detector.peers()) {
        if (id == without) continue;
        const bool awaited = since_start < kNewcomersAwaited && !peer.beat_at;
        if (better(peer.node, self) && (awaited || fit_for_active(peer))) ++rank;
    }
    return rank;
}

}  // namespace kieng::cluster

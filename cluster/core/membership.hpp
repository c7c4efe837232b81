// Who belongs to the cluster, in which order, and the number of the view. Also what follows from everybody's opinions.
//
// The view number moves forward only: it grows when the list of servers becomes another one, and it takes over a higher number that a
// peer tells. It begins anew above everything of earlier epochs with each epoch, so that it also grows across a restart of all nodes.
// Pure. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/core/failure_detector.hpp"

#include <map>
#include <vector>

namespace kieng::cluster {

inline constexpr std::int64_t kViewsPerEpoch = std::int64_t{1} << 20;

// Active first, then well ones (alive, late) by priority and round trip, then the rest. Never empty: panic when nobody looks well.
[[nodiscard]] server_list order_servers(std::vector<member_facts> members, const node_id& active);

// What nodes hold differently of the same node. A node that is down or that holds `unknown` has no say.
[[nodiscard]] std::vector<disagreement> disagreements_of(const std::map<node_id, opinions>& matrix);

class view_number {
public:
    // Whether the number moved.
    bool heard(std::int64_t number);
    bool update(const server_list& now, std::int64_t epoch);
    [[nodiscard]] std::int64_t current() const noexcept { return current_; }
    [[nodiscard]] const server_list& list() const noexcept { return list_; }

private:
    std::int64_t current_ = 0;
    server_list list_;
};

// By its last beat.
[[nodiscard]] bool reaches_database(const peer_watch& peer);

// Which of these nodes the detector holds to be fit for the active role.
[[nodiscard]] bool fit_for_active(const peer_watch& peer);

// How many nodes that are fit, or not yet heard in the first second, go before this one; `without` is not counted.
[[nodiscard]] std::size_t rank_of(const node_identity& self, const failure_detector& detector,
                                  instant since_start, const node_id& without);

}  // namespace kieng::cluster

// The fence of a duty, and the duties of the platform itself: what only one node does at a time (docs/CLUSTER.md, "Duties").
// Functions over a tx inside a unit of work, used on its pool thread.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace kieng::store {

// Holds the epoch until the end of the transaction: a takeover waits for it. False: another epoch has begun, do nothing.
[[nodiscard]] bool fence(tx& on, std::int64_t epoch);
// DutyDone{name, epoch, rows}.
void announce_duty(tx& on, const std::string& name, std::int64_t epoch, std::int64_t rows);

// Deletes rows of the outbox that nobody needs any more, a bounded number; how many. Kept: 24 hours, a million positions, what a node seen in
// the last hour has not applied, what a consumer has not read.
[[nodiscard]] std::int64_t trim_outbox(tx& on);
// The readers of the outbox: how many positions each is behind, and how old the first one is that it has not read.
struct consumer_lag {
    std::string name;
    std::int64_t behind = 0;
    std::chrono::seconds age{0};
};
[[nodiscard]] std::vector<consumer_lag> consumers_behind(tx& on);
// Forgets keys older than 24 h, a bounded number; how many.
[[nodiscard]] std::int64_t expire_requests(tx& on);

}  // namespace kieng::store

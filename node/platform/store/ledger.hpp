// The SQL of a unit of work: claim a key, look a stored answer up, and the last statement, which takes the position, appends
// the events, stores the answer and commits, all in one message (so that a node stopped in between cannot hold the counter).
// For unit_of_work only; used on a pool thread inside its tx.
#pragma once

#include "node/platform/store/tx.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <chrono>

namespace kieng::store::ledger {

// The row of the ledger that a unit stands for. A write without a key gets an `own` one, to settle a doubt by.
struct entry {
    std::string principal, key;
    digest fingerprint{};
    std::string trace, node;
    bool own = false;
};

// BEGIN, and the claim if asked for, in one message. Returns whether the key is ours now; a twin that holds it makes this wait
// up to `patience`, then throw.
[[nodiscard]] bool begin(tx& on, const entry& who, bool claim, std::chrono::milliseconds patience);

struct stored {
    bool same = false;  // same fingerprint
    bool abandoned = false;
    answer what;  // of a write that brought its key
    std::optional<std::int64_t> pos;
};
// What the ledger holds for a key that could not be claimed; nothing if it is gone again.
[[nodiscard]] std::optional<stored> look(tx& on, const entry& who);

// Commits with the events announced on `on`. Returns the position, or nothing if there was nothing to announce.
// Throws when it is not certain that it happened.
[[nodiscard]] std::optional<std::int64_t> commit(tx& on, const entry& who, const answer& what);

void roll_back(tx& on);

// Deletes some of the rows older than 24 h; returns how many.
[[nodiscard]] std::int64_t forget_expired(tx& on);

}  // namespace kieng::store::ledger

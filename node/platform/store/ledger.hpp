// The SQL of a unit of work: take the locks of keys and look what is stored under them, and the last statement, which takes
// the positions, appends the events, stores the answers and commits, all in one message (so that a node stopped in between
// cannot hold the counter). One unit or many go the same way; only the waiting differs.
// For unit_of_work and request_fate only; used on a pool thread inside their tx.
#pragma once

#include "node/platform/store/tx.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <chrono>
#include <span>

namespace kieng::store::ledger {

// The row of the ledger that a unit stands for. A write without a key gets an `own` one, to settle a doubt by.
struct entry {
    std::string principal, key;
    digest fingerprint{};
    std::string trace, node;
    bool own = false;
};

// The advisory lock that whoever writes this row holds to the end of the transaction.
[[nodiscard]] std::int64_t lock_of(std::string_view principal, std::string_view key);

struct stored {
    bool same = false;  // same fingerprint
    bool abandoned = false;
    answer what;  // of a write that brought its key
    std::optional<std::int64_t> pos;
};

// BEGIN, the key's lock, and, if asked for, what the ledger holds for it, in one message: nothing found means that the key is
// ours. Whoever else holds the lock makes this wait up to `patience`, then throw.
[[nodiscard]] std::optional<stored> begin(tx& on, const entry& who, bool look,
                                          std::chrono::milliseconds patience);

struct claim {
    bool held = false;  // the lock is ours
    std::optional<stored> found;
};
// The same for many, without waiting for any; one claim per entry, in order.
[[nodiscard]] std::vector<claim> begin_together(tx& on, std::span<const entry* const> who);

// What the ledger holds for a key now, outside any unit.
[[nodiscard]] std::optional<stored> look(tx& on, const entry& who);

// A unit that is to be committed.
struct done {
    const entry* who;
    const answer* what;
    const std::vector<event>* events;
};
// Commits. Returns for each unit its position, or nothing if it had nothing to announce.
// Throws when it is not certain that it happened.
[[nodiscard]] std::vector<std::optional<std::int64_t>> commit(tx& on, std::span<const done> units);

void roll_back(tx& on);

// Deletes some of the rows older than 24 h; returns how many.
[[nodiscard]] std::int64_t forget_expired(tx& on);

}  // namespace kieng::store::ledger

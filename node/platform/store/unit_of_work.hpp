// The one door for writes: claim the idempotency key, do the business statements, then one last statement that takes the
// position, appends the events and stores the answer, sent in one message with COMMIT (docs/ARCHITECTURE.md, "A write").
//
// States of a unit: queued -> claimed | replay | busy -> done by f | refused by f -> committed | rolled back | in doubt.
//   replay    the key is there with the same fingerprint: the stored answer comes back, f does not run.
//   reused    the key is there with another fingerprint: idempotency_key_reused.
//   busy      a twin holds the key: wait at most 500 ms (lock_timeout), then in_progress with retry_after.
//   refused   f returned a failure: everything is rolled back, the key is free again.
//   in doubt  the connection broke after COMMIT may have left. The unit claims the same key on a fresh connection for up to 1 s:
//             found = replay, claimed = it had not committed, so it runs again. A unit without a key gets one of its own for
//             this. Undecided: outcome_unknown (committed: unknown).
// A unit that announces nothing takes no position. After a confirmed commit the events are fed to the own node (on_commit)
// before the answer leaves.
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/encoding.hpp"
#include "base/result.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/event.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kieng::store {

// Who repeats what: the scope of the key, the key, and what makes the request the same.
struct write_key {
    std::string principal;           // user id, or "anonymous:<address>"
    std::optional<std::string> key;  // none: the write is not told apart from its repeats
    digest fingerprint{};
    std::string trace;  // traceparent, stored with the events
};

// What is answered and stored in the ledger. Must hold no secrets.
struct answer {
    int status = 200;
    std::string body;                                          // JSON, or empty with 204
    std::vector<std::pair<std::string, std::string>> headers;  // Location, ETag
};

struct written {
    answer what;
    std::optional<std::int64_t> pos;  // none: took no position
    bool replayed = false;
};

class unit_of_work {
public:
    // What to do inside the transaction. Runs on a pool thread, at most once per attempt, possibly again after an in-doubt
    // commit that turned out not to have happened: it must own all its inputs and have no effect outside `tx`.
    using business = std::function<result<answer>(tx&)>;
    // Called on a pool thread after a confirmed commit, before the answer leaves.
    using commit_listener = std::function<void(const position&)>;

    unit_of_work(database& on, commit_listener on_commit);

    // Errors: those of `what`; idempotency_key_reused, in_progress, abandoned, database_unavailable, overloaded, outcome_unknown.
    task<result<written>> run(write_key who, business what);

    // Forgets keys older than 24 h, a bounded number per call; returns how many. Any node may do it at any time.
    // Errors: database_unavailable, overloaded.
    task<result<std::int64_t>> forget_expired();

private:
    database& on_;
    commit_listener on_commit_;
};

}  // namespace kieng::store

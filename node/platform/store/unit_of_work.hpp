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
//
// Many units, one commit (docs/ARCHITECTURE.md, "Many writes, one commit"). Who wants a key takes its advisory lock first and holds it to
// the end of the transaction; the row of the ledger is written once, with the answer, and its unique key is the last judge.
// In a batch:
//   claimed   its lock was free and its key is not in the ledger: it is part of the batch.
//   replay, reused, abandoned: the ledger says so; answered with the batch, whatever becomes of it.
//   busy      somebody holds its lock: it leaves the batch and runs alone, waiting as any unit does. So does a twin within the batch.
//   refused   it changed nothing and leaves no row; the refusal is told after the commit, for it may rest on what its neighbours took.
//   thrown    the batch is rolled back, and all its claimed units run alone.
//   in doubt  each unit that was to be committed settles it for itself, as above; refused ones run alone.
// Each unit that announces gets a dense position of its own, in the order of the batch; the counter moves once.
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/encoding.hpp"
#include "base/result.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/event.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
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

// What became of one unit in the business of a batch.
struct unit_done {
    result<answer> what =
        failure(errc::internal_error);  // refused (or 5xx): the unit has changed nothing
    std::vector<event> events;  // of a unit that succeeded: announced under a position of its own
};

// A unit that may share a transaction. After `by` nobody waits for its answer.
struct batch_unit {
    write_key who;
    steady_time by;
};

// How a unit ended; `thrown` is what its business threw when it ran alone.
struct unit_end {
    result<written> what = failure(errc::internal_error);
    std::exception_ptr thrown;
};

struct batch_report {
    std::size_t committed = 0, replayed = 0, refused = 0, alone = 0, doubtful = 0;
    bool fell_apart = false;  // rolled back: its units ran alone
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

    // Does the units `which` (indexes of the batch, ascending) in one transaction and returns one end per index, in that order. It must
    // take its locks for all of them sorted, before anything else, and leave no trace of a unit that it refuses. Events go into
    // the result, not to tx::announce; tx::defer may be used. The rules of `business` hold besides.
    using batch_business =
        std::function<std::vector<unit_done>(tx&, std::span<const std::size_t> which)>;
    // Called exactly once per unit, on the io_context of the caller of run_together.
    using batch_listener = std::function<void(std::size_t unit, unit_end)>;

    // Runs units in one transaction, and those that cannot stay in it alone, each by `what` with its index only. Returns when the shared
    // transaction is over; units that run alone are told when they end, which may be later. Errors of units: as of run().
    task<batch_report> run_together(std::vector<batch_unit> units, batch_business what,
                                    batch_listener on_end);

    // run() for a caller who waits until `by` only.
    task<result<written>> run(write_key who, business what, steady_time by);

    [[nodiscard]] const clock& time() const noexcept { return on_.time(); }

    // Forgets keys older than 24 h, a bounded number per call; returns how many. Any node may do it at any time.
    // Errors: database_unavailable, overloaded.
    task<result<std::int64_t>> forget_expired();

private:
    database& on_;
    commit_listener on_commit_;
};

}  // namespace kieng::store

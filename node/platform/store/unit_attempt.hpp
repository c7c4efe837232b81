// One unit of work that runs alone: its attempts, and how a doubtful commit is settled (unit_of_work.hpp has the states).
// For unit_of_work*.cpp only. Functions, thread safe; a unit is used by one coroutine and the pool thread of its attempt.
#pragma once

#include "node/platform/store/error_map.hpp"
#include "node/platform/store/ledger.hpp"
#include "node/platform/store/unit_of_work.hpp"

namespace kieng::store {

inline constexpr std::chrono::milliseconds kTwinPatience{500};
inline constexpr std::chrono::milliseconds kOverall{
    2900};  // an answer within 3 s, whatever happens

// How far an attempt came, seen from the coroutine after the pool thread is done with it.
enum class stage : std::uint8_t {
    waiting = 1,  // f has not started; nothing was sent
    claiming,
    working,
    committing,  // COMMIT may have left
    settled,     // it is decided
};

// How an attempt went; written on the pool thread, read by the coroutine afterwards.
struct progress {
    stage at = stage::waiting;
    std::optional<db_fault> fault;
};

// What an attempt works on; shared with the pool thread.
struct unit {
    ledger::entry who;
    unit_of_work::business what;
    unit_of_work::commit_listener on_commit;
    bool look = true;
    std::chrono::milliseconds patience = kTwinPatience;
    std::optional<answer> doubtful;  // own keys keep no answer in the ledger: this is it
};

[[nodiscard]] ledger::entry entry_of(write_key&& who, const database_options& how);

// What a caller whose key is in the ledger gets: the stored answer, or that the key is another request's or given up.
[[nodiscard]] result<written> stored_answer(ledger::stored found);

// Hands a confirmed position to the own node. What the listener throws is logged.
void tell(const unit_of_work::commit_listener& listener, position what);

// Whether the commit may have happened after an attempt that failed so.
[[nodiscard]] bool in_doubt(const progress& how);

[[nodiscard]] failure nothing_happened(failure why);

// The call, noting which of the database's faults ended it; the exception goes on.
[[nodiscard]] std::function<void(tx&)> noting_faults(std::function<void(tx&)> call,
                                                     std::shared_ptr<progress> how);

[[nodiscard]] task<result<written>> run_alone(database& on, std::shared_ptr<unit> of,
                                              steady_time by);

// COMMIT may have happened. Taking the key's lock settles it: that waits until the old backend is gone.
[[nodiscard]] task<result<written>> resolve(database& on, std::shared_ptr<unit> of,
                                            answer unconfirmed, steady_time by);

}  // namespace kieng::store

// What became of a write whose answer was lost: asked of the ledger of idempotency keys by the key alone.
//
// A key that is not there proves nothing: its write may still be on the way. abandon() settles it: it takes the key first, waiting for
// a twin that is at work, and whoever comes later with it is refused (errc::abandoned). Only then is "it did not happen" certain.
// Keys are kept for 24 h (the duty ledger.expire).
// Functions, thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kieng::store {

struct request_fate {
    enum class kind : std::uint8_t { unknown = 1, committed, never };
    kind what = kind::unknown;
    std::optional<answer> given;      // what was answered, with committed
    std::optional<std::int64_t> pos;  // with committed: the position it took, if any
};

// Errors: database_unavailable, overloaded.
[[nodiscard]] task<result<request_fate>> find_fate(database& on, std::string principal,
                                                   std::string key);
// As find_fate, and a write that has not happened by now never will. Errors besides: in_progress (the twin holds the key longer than 500 ms),
// outcome_unknown (the database went away: ask again).
[[nodiscard]] task<result<request_fate>> abandon(database& on, std::string principal,
                                                 std::string key);

}  // namespace kieng::store

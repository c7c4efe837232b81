// Where this node stands in the one order of all writes, as far as HTTP needs to know: for the Kieng-Token header and for
// answers that are never older than what the caller has seen (docs/ARCHITECTURE.md).
// Implemented beside the database layer. Thread safe; all but wait_for are called for every request and must be cheap.
#pragma once

#include "base/async.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::http {

class position_source {
public:
    static constexpr std::int64_t kOtherHistory = -1;
    static constexpr std::int64_t kLaterHistory = -2;

    virtual ~position_source() = default;
    // The newest position whose effects the caches of this node show.
    [[nodiscard]] virtual std::int64_t applied() const noexcept = 0;
    // Time since this node last knew that it had everything PostgreSQL has; grows while PostgreSQL is out of reach.
    [[nodiscard]] virtual std::chrono::milliseconds age() const noexcept = 0;
    // Whether PostgreSQL is known to answer other nodes while it does not answer this one.
    [[nodiscard]] virtual bool cut_off() const noexcept = 0;
    // Names the history the positions belong to; a new one makes all tokens new.
    [[nodiscard]] virtual std::int64_t incarnation() const noexcept = 0;
    // Names the cluster, for clients that were led to another one; empty until PostgreSQL has told it.
    [[nodiscard]] virtual std::string_view cluster() const noexcept { return {}; }
    // The token text of a position: "<incarnation>.<pos>.<mac>".
    [[nodiscard]] virtual std::string token(std::int64_t pos) const = 0;
    // The position of a token of ours; 0 for a text that is none; kOtherHistory for a token of a history that ended, kLaterHistory for
    // one that this node has not heard of yet.
    [[nodiscard]] virtual std::int64_t read(std::string_view token) const noexcept = 0;
    // Waits until applied() >= pos, at most for `time`. Resumes on the caller's io_context. Whether it came about.
    virtual task<bool> wait_for(std::int64_t pos, std::chrono::milliseconds time) = 0;
    // A caller has seen what PostgreSQL no longer has: acknowledged history is gone.
    virtual void history_vanished() noexcept {}
    // The newest position PostgreSQL has now; nothing while it cannot be asked.
    virtual task<std::optional<std::int64_t>> newest() = 0;
};

}  // namespace kieng::http

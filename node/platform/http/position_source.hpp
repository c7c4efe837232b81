// Where this node stands in the one order of all writes, as far as HTTP needs to know: for the Kieng-Token header and for
// answers that are never older than what the caller has seen (docs/ARCHITECTURE.md).
// Implemented beside the database layer. Thread safe; all but wait_for are called for every request and must be cheap.
#pragma once

#include "base/async.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::http {

class position_source {
public:
    virtual ~position_source() = default;
    // The newest position whose effects the caches of this node show.
    [[nodiscard]] virtual std::int64_t applied() const noexcept = 0;
    // Names the history the positions belong to; a new one makes all tokens new.
    [[nodiscard]] virtual std::int64_t incarnation() const noexcept = 0;
    // The token text of a position: "<incarnation>.<pos>.<mac>".
    [[nodiscard]] virtual std::string token(std::int64_t pos) const = 0;
    // The position of a token of ours; 0 for any other text.
    [[nodiscard]] virtual std::int64_t read(std::string_view token) const noexcept = 0;
    // Waits until applied() >= pos, at most for `time`. Resumes on the caller's io_context. Whether it came about.
    virtual task<bool> wait_for(std::int64_t pos, std::chrono::milliseconds time) = 0;
};

}  // namespace kieng::http

// Reads what the outbox holds after a position, and the head, in one snapshot: a position up to the head that is not there was
// trimmed. Used on a pool thread inside its tx.
#pragma once

#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <vector>

namespace kieng::store {

// Positions read at once, always whole.
inline constexpr std::int64_t kOutboxWindow = 500;
// Above every position: asks for the head alone.
inline constexpr std::int64_t kNoPosition = std::int64_t{1} << 62;

struct outbox_reading {
    std::int64_t incarnation = 0;  // 0 while there is no head
    std::int64_t head = 0;
    std::vector<position> positions;  // in order, at most kOutboxWindow
};

[[nodiscard]] outbox_reading read_outbox(tx& on, std::int64_t after);

}  // namespace kieng::store

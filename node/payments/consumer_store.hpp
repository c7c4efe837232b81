// The cursor of payments in the history (consumers, outbox): which events of orders they have acted upon. Whoever moves the cursor does it in the
// transaction of the effects, from where it read it, so every event is acted upon once, whichever node does it.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::payments {

// The next events that concern payments: all of one position, or none, and where the cursor goes after them.
struct order_news {
    std::int64_t from = 0, to = 0;
    std::vector<std::string>
        orders;  // cancelled, or owed money back; in the order of locks, each once
};

// Puts the cursor at the end of the history, if there is none yet: nobody owes anything before there are payments. One statement.
void begin_cursor(store::tx& on);
// Whether the history has gone on since the cursor. One statement.
[[nodiscard]] bool has_news(store::tx& on);
[[nodiscard]] order_news next_news(store::tx& on);
// False: another node was faster, and what was done in this transaction must not stand.
[[nodiscard]] bool move_cursor(store::tx& on, const order_news& what);

}  // namespace kieng::payments

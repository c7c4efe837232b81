// The table webhook_events: what providers told us, stored before anything is done about it. Functions run inside a transaction.
#pragma once

#include "node/payments/payment_store.hpp"
#include "node/payments/provider.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

struct stored_webhook {
    std::int64_t id = 0;
    method how = method::mock;
    std::string event_id, raw, signature;
    wall_time received_at{};
    bool processed = false;
    int steps = 0;
};

// Stores it, to be looked at again after `in` if nobody has acted on it by then. One that is there already stays as it is. Returns
// the row either way. Runs as one statement outside of a unit of work, too.
[[nodiscard]] stored_webhook store_webhook(store::tx& on, method how, const std::string& event_id,
                                           const webhook& what, const std::string& signature,
                                           std::chrono::milliseconds in, const std::string& node);
// The row, locked; nothing if it has been acted on meanwhile.
[[nodiscard]] bool lock_unprocessed(store::tx& on, std::int64_t id);
void finish_webhook(store::tx& on, std::int64_t id, const std::string& outcome);
void postpone_webhook(store::tx& on, std::int64_t id, std::chrono::milliseconds in);
[[nodiscard]] std::vector<stored_webhook> claim_due_webhooks(store::tx& on, int most,
                                                             std::chrono::milliseconds lease);

}  // namespace kieng::payments

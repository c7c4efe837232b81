#include "node/payments/webhook_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments {
namespace {

using identity::flag_of;
using identity::number_of;
using identity::text_of;
using store::statement;

#define KIENG_WEBHOOK_COLUMNS                                                                                              \
    "id, method, event_id, convert_from(raw, 'UTF8') AS raw_text, headers, processed_at IS NOT NULL AS processed, steps, " \
    "(extract(epoch FROM received_at) * 1000000)::bigint AS received_us"

constexpr statement kStore{
    "webhook_store",
    "WITH made AS (INSERT INTO webhook_events (method, event_id, raw, headers, next_step_at, node) "
    "VALUES ($1, $2, convert_to($3, 'UTF8'), $4, now() + $5::bigint * interval '1 millisecond', $6) "
    "ON CONFLICT (method, event_id) DO NOTHING RETURNING " KIENG_WEBHOOK_COLUMNS
    ") SELECT * FROM made UNION ALL SELECT " KIENG_WEBHOOK_COLUMNS
    " FROM webhook_events WHERE method = $1 AND event_id = $2 LIMIT 1"};
constexpr statement kLock{
    "webhook_lock",
    "SELECT id FROM webhook_events WHERE id = $1 AND processed_at IS NULL FOR NO KEY UPDATE"};
constexpr statement kFinish{
    "webhook_finish",
    "UPDATE webhook_events SET processed_at = now(), outcome = $2, next_step_at = NULL WHERE id = $1"};
constexpr statement kPostpone{
    "webhook_postpone",
    "UPDATE webhook_events SET next_step_at = now() + $2::bigint * interval '1 millisecond' WHERE id = $1 AND processed_at IS NULL"};
constexpr statement kClaim{
    "webhooks_claim",
    "UPDATE webhook_events SET next_step_at = now() + $2::bigint * interval '1 millisecond', steps = steps + 1 WHERE id IN "
    "(SELECT id FROM webhook_events WHERE next_step_at <= now() ORDER BY next_step_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED) "
    "RETURNING " KIENG_WEBHOOK_COLUMNS};

template <class Row>
stored_webhook webhook_of(const Row& row)
{
    stored_webhook out;
    out.id = number_of(row, "id");
    out.how = static_cast<method>(number_of(row, "method"));
    out.event_id = text_of(row, "event_id");
    out.raw = text_of(row, "raw_text");
    out.signature = text_of(row, "headers");
    out.processed = flag_of(row, "processed");
    out.steps = static_cast<int>(number_of(row, "steps"));
    out.received_at = identity::time_of(row, "received_us");
    return out;
}

}  // namespace

stored_webhook store_webhook(store::tx& on, method how, const std::string& event_id,
                             const webhook& what, const std::string& signature,
                             std::chrono::milliseconds in, const std::string& node)
{
    const auto put = [&] {
        return on.exec(kStore, static_cast<int>(how), event_id, what.raw, signature,
                       static_cast<std::int64_t>(in.count()), node);
    };
    auto rows = put();
    // Its twin was committed while this statement waited for it: not in its snapshot, but in the next one's.
    if (rows.empty()) rows = put();
    return webhook_of(rows[0]);
}

bool lock_unprocessed(store::tx& on, std::int64_t id)
{
    return !on.exec(kLock, id).empty();
}

void finish_webhook(store::tx& on, std::int64_t id, const std::string& outcome)
{
    on.exec(kFinish, id, outcome);
}

void postpone_webhook(store::tx& on, std::int64_t id, std::chrono::milliseconds in)
{
    on.exec(kPostpone, id, static_cast<std::int64_t>(in.count()));
}

std::vector<stored_webhook> claim_due_webhooks(store::tx& on, int most,
                                               std::chrono::milliseconds lease)
{
    std::vector<stored_webhook> out;
    for (const auto& row : on.exec(kClaim, most, static_cast<std::int64_t>(lease.count())))
        out.push_back(webhook_of(row));
    return out;
}

}  // namespace kieng::payments

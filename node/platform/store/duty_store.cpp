#include "node/platform/store/duty_store.hpp"

#include "base/encoding.hpp"
#include "node/platform/store/ledger.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::store {
namespace {

constexpr statement kFence{"duty_fence",
                           "SELECT FROM cluster_lease WHERE epoch = $1::bigint FOR KEY SHARE"};

// Positions grow with time, so the oldest rows are the first of the primary key: no index on the time is needed.
constexpr statement kTrim{"outbox_trim", R"sql(
    WITH bound AS (
        SELECT least((SELECT pos - 1000000 FROM cluster_head),
                     (SELECT min(applied) FROM cluster_nodes WHERE seen_at > clock_timestamp() - interval '1 hour'),
                     (SELECT min(pos) FROM consumers)) AS pos),
    old AS (
        SELECT o.pos, o.seq FROM outbox o, bound
         WHERE o.pos <= bound.pos AND o.created_at < clock_timestamp() - interval '24 hours'
         ORDER BY o.pos, o.seq LIMIT 5000)
    DELETE FROM outbox o USING old WHERE o.pos = old.pos AND o.seq = old.seq)sql"};

}  // namespace

bool fence(tx& on, std::int64_t epoch)
{
    return !on.exec(kFence, epoch).empty();
}

void announce_duty(tx& on, const std::string& name, std::int64_t epoch, std::int64_t rows)
{
    event what;
    what.type = "DutyDone";
    what.entity = "cluster";
    what.version = epoch;
    what.data = "{\"name\":" + json_string(name) + ",\"epoch\":" + std::to_string(epoch) +
                ",\"rows\":" + std::to_string(rows) + "}";
    on.announce(std::move(what));
}

std::int64_t expire_requests(tx& on)
{
    return ledger::forget_expired(on);
}

std::int64_t trim_outbox(tx& on)
{
    return static_cast<std::int64_t>(on.exec(kTrim).affected_rows());
}

}  // namespace kieng::store

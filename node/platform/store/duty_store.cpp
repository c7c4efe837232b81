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

constexpr statement kConsumers{"consumers_behind", R"sql(
    SELECT c.name, greatest(h.pos - c.pos, 0) AS behind,
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT o.created_at FROM outbox o WHERE o.pos > c.pos ORDER BY o.pos, o.seq LIMIT 1)), 0)::bigint AS age
      FROM consumers c, cluster_head h ORDER BY c.name LIMIT 100)sql"};

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

std::vector<consumer_lag> consumers_behind(tx& on)
{
    std::vector<consumer_lag> out;
    for (const auto& r : on.exec(kConsumers))
        out.push_back({r[0].as<std::string>(), r[1].as<std::int64_t>(),
                       std::chrono::seconds(r[2].as<std::int64_t>())});
    return out;
}

}  // namespace kieng::store

#include "node/platform/store/lease_store.hpp"

#include "base/encoding.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::store::lease {
namespace {

using cluster::boot_id;
using cluster::node_id;

// A takeover that waits longer ends the duties it waits for instead.
constexpr const char* kShortWaits = "SET lock_timeout = 200";

constexpr statement kLock{"member_lock", "SELECT pg_try_advisory_lock($1::bigint)"};
constexpr statement kLockHeld{"member_lock_held", R"sql(
    SELECT EXISTS (SELECT FROM pg_locks
                    WHERE locktype = 'advisory' AND granted AND objsubid = 1
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND (classid::bigint << 32) | objid::bigint = $1::bigint))sql"};

#define KIENG_LEASE_COLUMNS                                                                              \
    "(SELECT incarnation FROM cluster_head), epoch, coalesce(holder, ''), coalesce(boot_id::text, ''), " \
    "CASE WHEN isfinite(expires_at) THEN (extract(epoch FROM expires_at) * 1000000)::bigint END, "       \
    "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

constexpr statement kRead{"lease_read", "SELECT " KIENG_LEASE_COLUMNS " FROM cluster_lease"};

constexpr statement kRenew{
    "lease_renew", "UPDATE cluster_lease SET expires_at = clock_timestamp() + interval '3 seconds' "
                   "WHERE epoch = $1::bigint AND holder = $2 AND boot_id = $3::uuid "
                   "RETURNING " KIENG_LEASE_COLUMNS};

constexpr statement kResign{
    "lease_resign",
    "UPDATE cluster_lease SET holder = NULL, boot_id = NULL, expires_at = clock_timestamp() "
    "WHERE epoch = $1::bigint AND holder = $2 AND boot_id = $3::uuid "
    "RETURNING " KIENG_LEASE_COLUMNS};

// The head's row is locked after the lease's, as duties do, or the two could wait for each other.
constexpr statement kTakeOver{"lease_take_over", R"sql(
    WITH taken AS (
        UPDATE cluster_lease
           SET epoch = epoch + 1, holder = $2, boot_id = $3::uuid, expires_at = clock_timestamp() + interval '3 seconds'
         WHERE epoch = $1::bigint
           AND clock_timestamp() < timestamptz 'epoch' + $4::bigint * interval '1 microsecond' + interval '500 milliseconds'
           AND ($5 <> 'expired' OR expires_at < clock_timestamp())
           AND ($6::bigint IS NULL OR expires_at = timestamptz 'epoch' + $6::bigint * interval '1 microsecond')
        RETURNING epoch, holder, boot_id, expires_at),
    head AS (
        UPDATE cluster_head SET pos = pos + 1 FROM taken WHERE incarnation = $7::bigint RETURNING pos),
    announced AS (
        INSERT INTO outbox (pos, seq, type, entity, version, tags, node, trace, data)
        SELECT head.pos, 1, 'ActiveChanged', 'cluster', taken.epoch, '{}', $2, '',
               jsonb_build_object('epoch', taken.epoch, 'holder', $2::text, 'boot', $3::text, 'reason', $5::text,
                                  'from', nullif($8::text, ''), 'planned', $9::bool)
          FROM head, taken)
    SELECT )sql" KIENG_LEASE_COLUMNS " FROM taken"};
#undef KIENG_LEASE_COLUMNS

constexpr statement kEndIdle{"member_end_idle", R"sql(
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE $1 || '/%' AND state LIKE 'idle in transaction%')sql"};
constexpr statement kEndDuties{"member_end_duties", R"sql(
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 || '/duty')sql"};

constexpr statement kEnlist{"node_enlist", R"sql(
    INSERT INTO cluster_nodes (id, url, boot_id, version, priority)
    VALUES ($1, $2, $3::uuid, $4, coalesce($5::int, (SELECT coalesce(max(priority), 0) + 1 FROM cluster_nodes)))
    ON CONFLICT (id) DO UPDATE
       SET url = EXCLUDED.url, boot_id = EXCLUDED.boot_id, version = EXCLUDED.version,
           priority = coalesce($5::int, cluster_nodes.priority), seen_at = clock_timestamp()
    RETURNING priority)sql"};

constexpr statement kNodes{"nodes_read", R"sql(
    WITH seen AS (
        UPDATE cluster_nodes SET seen_at = clock_timestamp(), applied = $3::bigint
         WHERE id = $1 AND boot_id = $2::uuid RETURNING id)
    SELECT id, url, boot_id::text, version, priority FROM cluster_nodes
     WHERE seen_at > clock_timestamp() - interval '1 day' OR id IN (SELECT id FROM seen) ORDER BY priority, id)sql"};

// From the end, so that no index on the type is needed.
constexpr statement kRoleChanges{"role_changes", R"sql(
    SELECT (data->>'epoch')::bigint, data->>'holder', coalesce(data->>'reason', ''), coalesce(data->>'from', ''),
           coalesce(data->>'planned', 'false') = 'true',
           (extract(epoch FROM clock_timestamp() - created_at) * 1000000)::bigint
      FROM outbox WHERE type = 'ActiveChanged' AND pos > (SELECT pos FROM cluster_head) - $1::bigint
     ORDER BY pos DESC LIMIT 32)sql"};

constexpr statement kName{"cluster_name", "SELECT id::text FROM cluster_identity"};

constexpr statement kBump{"incarnation_bump", R"sql(
    UPDATE cluster_head
       SET incarnation = greatest(incarnation + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    RETURNING incarnation)sql"};

// 63 bits of a hash: one number per boot of one node.
std::int64_t lock_number(const node_id& id, const boot_id& boot)
{
    const auto bytes = sha256("kieng member " + id + " " + boot);
    std::int64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out = (out << 8) | bytes[i];
    return out & std::numeric_limits<std::int64_t>::max();
}

// How all sessions of a boot are named (session.cpp): the boot's last group alone fits.
std::string session_name(const node_id& id, const boot_id& boot)
{
    return "kieng/" + id + "/" + boot.substr(boot.rfind('-') + 1);
}

wall_time time_of(const pqxx::field& microseconds)
{
    return wall_time(std::chrono::duration_cast<wall_time::duration>(
        std::chrono::microseconds(microseconds.as<std::int64_t>())));
}

std::int64_t microseconds_of(wall_time at)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

cluster::lease_row row_of(const pqxx::row& r)
{
    cluster::lease_row out;
    out.incarnation = r[0].as<std::int64_t>();
    out.epoch = r[1].as<std::int64_t>();
    out.holder = r[2].as<std::string>();
    out.boot = r[3].as<std::string>();
    if (!r[4].is_null()) out.expires_at = time_of(r[4]);
    out.database_time = time_of(r[5]);
    return out;
}

change change_of(tx& on, const pqxx::result& got)
{
    if (got.empty()) return {false, read(on)};
    return {true, row_of(got.front())};
}

}  // namespace

bool greet(tx& on, const node_id& self, const boot_id& boot)
{
    if (!on.first_time("kieng_control")) return false;
    on.exec_raw(kShortWaits);
    on.exec(kLock, lock_number(self, boot));
    return true;
}

cluster::lease_row read(tx& on)
{
    return row_of(on.exec(kRead).front());
}

change renew(tx& on, std::int64_t epoch, const node_id& self, const boot_id& boot)
{
    return change_of(on, on.exec(kRenew, epoch, self, boot));
}

change take_over(tx& on, const cluster::action::send_takeover& what, const node_id& self,
                 const boot_id& boot)
{
    std::optional<std::string> unmoved;
    if (what.unmoved_expires_at)
        unmoved = std::to_string(microseconds_of(*what.unmoved_expires_at));
    return change_of(on, on.exec(kTakeOver, what.observed_epoch, self, boot,
                                 microseconds_of(what.sent_at), std::string(name_of(what.reason)),
                                 unmoved ? unmoved->c_str() : nullptr, on.incarnation(), what.from,
                                 what.planned));
}

change resign(tx& on, std::int64_t epoch, const node_id& self, const boot_id& boot)
{
    return change_of(on, on.exec(kResign, epoch, self, boot));
}

bool lock_held(tx& on, const node_id& peer, const boot_id& boot)
{
    return on.exec(kLockHeld, lock_number(peer, boot)).front()[0].as<bool>();
}

std::int64_t terminate_idle(tx& on, const node_id& peer, const boot_id& boot)
{
    return on.exec(kEndIdle, session_name(peer, boot)).front()[0].as<std::int64_t>();
}

std::int64_t terminate_duties(tx& on, const node_id& holder, const boot_id& boot)
{
    return on.exec(kEndDuties, session_name(holder, boot)).front()[0].as<std::int64_t>();
}

cluster::node_identity enlist(tx& on, const cluster::node_identity& self,
                              std::optional<int> priority)
{
    const auto own = priority ? std::optional(std::to_string(*priority)) : std::nullopt;
    auto out = self;
    out.priority =
        on.exec(kEnlist, self.id, self.url, self.boot, self.version, own ? own->c_str() : nullptr)
            .front()[0]
            .as<int>();
    return out;
}

std::vector<cluster::node_identity> nodes(tx& on, const cluster::node_identity& self,
                                          std::int64_t applied)
{
    std::vector<cluster::node_identity> out;
    for (const auto& r : on.exec(kNodes, self.id, self.boot, applied)) {
        cluster::node_identity one;
        one.id = r[0].as<std::string>();
        one.url = r[1].as<std::string>();
        one.boot = r[2].as<std::string>();
        one.version = r[3].as<std::string>();
        one.priority = r[4].as<int>();
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<role_change> role_changes(tx& on, std::int64_t positions)
{
    std::vector<role_change> out;
    for (const auto& r : on.exec(kRoleChanges, positions)) {
        role_change one;
        one.record.epoch = r[0].as<std::int64_t>();
        one.record.to = r[1].as<std::string>();
        one.record.reason = cluster::takeover_reason_named(r[2].as<std::string>());
        one.record.from = r[3].as<std::string>();
        one.record.planned = r[4].as<bool>();
        one.ago = std::chrono::microseconds(r[5].as<std::int64_t>());
        out.push_back(std::move(one));
    }
    return out;
}

std::string cluster_name(tx& on)
{
    return on.exec(kName).front()[0].as<std::string>();
}

std::int64_t bump_incarnation(tx& on)
{
    return on.exec(kBump).front()[0].as<std::int64_t>();
}

}  // namespace kieng::store::lease

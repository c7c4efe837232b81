#include "node/platform/store/ledger.hpp"

#include "node/platform/store/array_column.hpp"

namespace kieng::store::ledger {
namespace {

// Business statements may wait longer for a row than a twin waits for its key: a holder that hangs in its transaction is
// ended by the server after 500 ms, and whoever waits behind it should go on then, not fail. A batch outwaits such a
// holder too, but not one that merely works long: it falls apart, and its units wait each for its own rows. For the head
// row it waits once more as long, since there only commits stand before it, which a slow disk makes slow for all.
constexpr const char* kBusinessLockTimeout = "1200ms";
constexpr const char* kBatchLockTimeout = "600ms";
constexpr const char* kBatchHead = "SET LOCAL lock_timeout = '800ms';";

// EXECUTE of a prepared statement can share a message with BEGIN and COMMIT; a bound statement cannot. The look is a
// statement after the lock, so that it sees what the last holder committed. LATERAL with LIMIT keeps it on the index
// whatever the planner knew of the table when it made the plan.
constexpr const char* kPrepareClaims = R"sql(
    PREPARE kieng_lock (bigint, text) AS
    SELECT pg_advisory_xact_lock($1), set_config('lock_timeout', $2, true);

    PREPARE kieng_look (text, text, bytea) AS
    SELECT fingerprint = $3 AS same, state = 'abandoned' AS abandoned, status, headers, body, pos
      FROM requests WHERE principal = $1 AND key = $2;

    PREPARE kieng_try (bigint[]) AS
    SELECT set_config('kieng.held', string_agg(CASE WHEN pg_try_advisory_xact_lock(l.id) THEN '1' ELSE '0' END, ''
                                               ORDER BY l.place), true)
      FROM unnest($1) WITH ORDINALITY AS l (id, place);

    PREPARE kieng_look_all (text[], text[], bytea[]) AS
    SELECT current_setting('kieng.held') AS held, f.*
      FROM (SELECT 1) AS one LEFT JOIN (
           SELECT a.place, r.fingerprint = a.fingerprint AS same, r.state = 'abandoned' AS abandoned,
                  r.status, r.headers, r.body, r.pos
             FROM unnest($1, $2, $3) WITH ORDINALITY AS a (principal, key, fingerprint, place)
                  CROSS JOIN LATERAL (SELECT * FROM requests q
                                       WHERE q.principal = a.principal AND q.key = a.key LIMIT 1) AS r) AS f ON true)sql";

// $3 positions are taken; `place` counts the units that take one from 1, NULL takes none.
constexpr const char* kPrepareEnds = R"sql(
    PREPARE kieng_finish (text[], text[], bytea[], int[], text[], text[]) AS
    INSERT INTO requests (principal, key, fingerprint, state, status, headers, body)
    SELECT r.principal, r.key, r.fingerprint, 'done', r.status, r.headers::text[], r.body
      FROM unnest($1, $2, $3, $4, $5, $6) AS r (principal, key, fingerprint, status, headers, body);

    PREPARE kieng_announce (bigint, text, int, text[], text[], bytea[], int[], text[], text[], int[],
                            int[], int[], text[], text[], text[], text[], bigint[], text[], text[]) AS
    WITH head AS (
        UPDATE cluster_head SET pos = pos + $3 WHERE incarnation = $1 RETURNING pos - $3 AS base, pos),
    announced AS (
        INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
        SELECT head.base + e.place, e.seq, e.type, e.entity, nullif(e.entity_id, '')::uuid, e.version,
               e.tags::text[], $2, e.trace, e.data::jsonb
          FROM head, unnest($11, $12, $13, $14, $15, $16, $17, $18, $19)
               AS e (place, seq, trace, type, entity, entity_id, version, tags, data)),
    noted AS (
        INSERT INTO requests (principal, key, fingerprint, state, status, headers, body, pos)
        SELECT r.principal, r.key, r.fingerprint, 'done', r.status, r.headers::text[], r.body, head.base + r.place
          FROM head, unnest($4, $5, $6, $7, $8, $9, $10)
               AS r (principal, key, fingerprint, status, headers, body, place))
    SELECT CASE WHEN count(*) = 1 THEN set_config('kieng.pos', max(pos)::text, false) ELSE history_changed() END
      FROM head)sql";

constexpr statement kLook{
    "ledger_look",
    "SELECT fingerprint = $3::bytea AS same, state = 'abandoned' AS abandoned, status, headers, body, pos "
    "FROM requests WHERE principal = $1 AND key = $2"};

constexpr statement kForget{"ledger_forget", R"sql(
    DELETE FROM requests
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM requests WHERE created_at < clock_timestamp() - interval '24 hours'
                              ORDER BY created_at LIMIT 2000 FOR UPDATE SKIP LOCKED)))sql"};

std::string bytea_text(const digest& bytes)
{
    return "\\x" + to_hex(as_text(bytes));
}

// The rows of the ledger, as arrays.
struct notes {
    column principals, keys, fingerprints, statuses, headers, bodies;

    void add(const done& unit)
    {
        principals.add(unit.who->principal);
        keys.add(unit.who->key);
        fingerprints.add(bytea_text(unit.who->fingerprint));
        if (unit.who->own) {
            // A write without a key cannot be repeated, so nobody will ask for its answer.
            statuses.add_null();
            headers.add_null();
            bodies.add_null();
            return;
        }
        std::vector<std::string> pairs;
        for (const auto& [name, value] : unit.what->headers) {
            pairs.push_back(name);
            pairs.push_back(value);
        }
        statuses.add(unit.what->status);
        headers.add(array_literal(pairs));
        bodies.add(unit.what->body);
    }
    [[nodiscard]] std::string text(tx& on) const
    {
        return arguments(on, {&principals, &keys, &fingerprints, &statuses, &headers, &bodies});
    }
};

// The rows of the outbox, as arrays.
struct announcements {
    column places, numbers, traces, types, entities, ids, versions, tags, data;

    void add(const done& unit, std::int64_t place)
    {
        std::int64_t number = 0;
        for (const auto& one : *unit.events) {
            places.add(place);
            numbers.add(++number);
            traces.add(unit.who->trace);
            types.add(one.type);
            entities.add(one.entity);
            ids.add(one.entity_id);
            versions.add(one.version);
            tags.add(array_literal(one.tags));
            data.add(one.data.empty() ? std::string_view("{}") : one.data);
        }
    }
    [[nodiscard]] std::string text(tx& on) const
    {
        return arguments(
            on, {&places, &numbers, &traces, &types, &entities, &ids, &versions, &tags, &data});
    }
};

void prepare_once(tx& on)
{
    // Marked only when it worked: it runs outside any transaction.
    if (!on.first_time("kieng_ledger")) return;
    on.exec_raw(kPrepareClaims);
    on.exec_raw(kPrepareEnds);
}

stored stored_of(const pqxx::row& row)
{
    stored out;
    out.same = row["same"].as<bool>();
    out.abandoned = row["abandoned"].as<bool>();
    if (!row["status"].is_null()) out.what.status = row["status"].as<int>();
    if (!row["body"].is_null()) out.what.body = row["body"].as<std::string>();
    if (!row["pos"].is_null()) out.pos = row["pos"].as<std::int64_t>();
    if (row["headers"].is_null()) return out;
    auto parser = row["headers"].as_array();
    std::optional<std::string> name;
    for (auto next = parser.get_next(); next.first != pqxx::array_parser::done;
         next = parser.get_next()) {
        if (next.first != pqxx::array_parser::string_value) continue;
        if (name) {
            out.what.headers.emplace_back(*std::move(name), next.second);
            name.reset();
        } else {
            name = next.second;
        }
    }
    return out;
}

}  // namespace

std::int64_t lock_of(std::string_view principal, std::string_view key)
{
    std::string text(principal);
    text += '\n';  // in neither of the two
    text += key;
    const digest bytes = sha256(text);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | bytes[i];
    return static_cast<std::int64_t>(out);
}

std::optional<stored> begin(tx& on, const entry& who, bool look, std::chrono::milliseconds patience)
{
    prepare_once(on);
    auto& quote = on.connection();
    std::string message = "BEGIN; SET LOCAL lock_timeout = ";
    message += std::to_string(std::max<std::int64_t>(patience.count(), 1));
    message += "; EXECUTE kieng_lock(" + std::to_string(lock_of(who.principal, who.key)) + ",'" +
               kBusinessLockTimeout + "')";
    if (look) {
        message += "; EXECUTE kieng_look(" + quote.quote(who.principal) + "," +
                   quote.quote(who.key) + "," + quote.quote(bytea_text(who.fingerprint)) + ")";
    }
    const auto rows = on.exec_raw(message);
    if (!look || rows.empty()) return std::nullopt;
    return stored_of(rows[0]);
}

std::vector<claim> begin_together(tx& on, std::span<const entry* const> who)
{
    prepare_once(on);
    column locks, principals, keys, fingerprints;
    for (const entry* one : who) {
        locks.add(lock_of(one->principal, one->key));
        principals.add(one->principal);
        keys.add(one->key);
        fingerprints.add(bytea_text(one->fingerprint));
    }
    const auto rows = on.exec_raw(std::string("BEGIN; SET LOCAL lock_timeout = '") +
                                  kBatchLockTimeout + "'; EXECUTE kieng_try(" +
                                  arguments(on, {&locks}) + "); EXECUTE kieng_look_all(" +
                                  arguments(on, {&principals, &keys, &fingerprints}) + ")");
    std::vector<claim> out(who.size());
    const auto held = rows.at(0).at(0).as<std::string>();
    for (std::size_t i = 0; i < out.size(); ++i) out[i].held = held.at(i) == '1';
    for (const auto& row : rows) {
        if (row["place"].is_null()) continue;
        out.at(row["place"].as<std::size_t>() - 1).found = stored_of(row);
    }
    return out;
}

std::optional<stored> look(tx& on, const entry& who)
{
    const auto rows = on.exec(kLook, who.principal, who.key, bytea_text(who.fingerprint));
    if (rows.empty()) return std::nullopt;
    return stored_of(rows[0]);
}

std::vector<std::optional<std::int64_t>> commit(tx& on, std::span<const done> units)
{
    std::vector<std::optional<std::int64_t>> out;
    notes rows;
    announcements events;
    column places;
    std::int64_t taken = 0;
    for (const auto& unit : units) {
        rows.add(unit);
        if (unit.events->empty()) {
            places.add_null();
            out.emplace_back();
            continue;
        }
        places.add(++taken);
        events.add(unit, taken);
        out.emplace_back(taken);
    }
    const std::string first = (units.size() > 1 ? kBatchHead : "") + on.deferred();
    if (taken == 0) {
        on.exec_raw(first + "EXECUTE kieng_finish(" + rows.text(on) + "); COMMIT");
        return out;
    }
    // The answer to a message is that of its last statement, so the position is handed past the COMMIT in a setting.
    const auto got =
        on.exec_raw(first + "EXECUTE kieng_announce(" + std::to_string(on.incarnation()) + "," +
                    on.connection().quote(units[0].who->node) + "," + std::to_string(taken) + "," +
                    rows.text(on) + "," + arguments(on, {&places}) + "," + events.text(on) +
                    "); COMMIT; SHOW kieng.pos");
    const auto base = got.at(0).at(0).as<std::int64_t>() - taken;
    for (auto& pos : out) {
        if (pos) *pos += base;
    }
    return out;
}

void roll_back(tx& on)
{
    on.exec_raw("ROLLBACK");
}

std::int64_t forget_expired(tx& on)
{
    return static_cast<std::int64_t>(on.exec(kForget).affected_rows());
}

}  // namespace kieng::store::ledger

#include "node/platform/store/ledger.hpp"

namespace kieng::store::ledger {
namespace {

// Business statements may wait longer for a row than a twin waits for its key: a holder that hangs in its transaction is
// ended by the server after 500 ms, and whoever waits behind it should go on then, not fail.
constexpr const char* kBusinessLockTimeout = "1200ms";

// EXECUTE of a prepared statement can share a message with BEGIN and COMMIT; a bound statement cannot.
constexpr const char* kPrepare = R"sql(
    PREPARE kieng_claim (text, text, bytea, text) AS
    WITH claimed AS (
        INSERT INTO requests (principal, key, fingerprint) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*), set_config('lock_timeout', $4, true) FROM claimed;

    PREPARE kieng_finish (text, text, bytea, int, text[], text) AS
    INSERT INTO requests (principal, key, fingerprint, state, status, headers, body)
    VALUES ($1, $2, $3, 'done', $4, $5, $6)
    ON CONFLICT (principal, key) DO UPDATE
       SET state = 'done', status = EXCLUDED.status, headers = EXCLUDED.headers, body = EXCLUDED.body;

    PREPARE kieng_announce (text, text, bytea, int, text[], text, bigint, text, text,
                            text[], text[], text[], bigint[], text[], text[]) AS
    WITH head AS (
        UPDATE cluster_head SET pos = pos + 1 WHERE incarnation = $7 RETURNING pos),
    announced AS (
        INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
        SELECT head.pos, e.seq, e.type, e.entity, nullif(e.entity_id, '')::uuid, e.version, e.tags::text[], $8, $9,
               e.data::jsonb
          FROM head, unnest($10, $11, $12, $13, $14, $15)
               WITH ORDINALITY AS e (type, entity, entity_id, version, tags, data, seq)),
    noted AS (
        INSERT INTO requests (principal, key, fingerprint, state, status, headers, body, pos)
        SELECT $1, $2, $3, 'done', $4, $5, $6, head.pos FROM head
        ON CONFLICT (principal, key) DO UPDATE
           SET state = 'done', status = EXCLUDED.status, headers = EXCLUDED.headers, body = EXCLUDED.body,
               pos = EXCLUDED.pos)
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

std::string key_arguments(tx& on, const entry& who)
{
    auto& quote = on.connection();
    return quote.quote(who.principal) + "," + quote.quote(who.key) + "," +
           quote.quote(bytea_text(who.fingerprint));
}

std::string answer_arguments(tx& on, const entry& who, const answer& what)
{
    // A write without a key cannot be repeated, so nobody will ask for its answer.
    if (who.own) return "NULL,NULL,NULL";
    std::vector<std::string> headers;
    for (const auto& [name, value] : what.headers) {
        headers.push_back(name);
        headers.push_back(value);
    }
    auto& quote = on.connection();
    return std::to_string(what.status) + "," + quote.quote(array_literal(headers)) + "," +
           quote.quote(what.body);
}

std::string event_arguments(tx& on)
{
    std::vector<std::string> types, entities, ids, versions, tags, data;
    for (const auto& one : on.events()) {
        types.push_back(one.type);
        entities.push_back(one.entity);
        ids.push_back(one.entity_id);
        versions.push_back(std::to_string(one.version));
        tags.push_back(array_literal(one.tags));
        data.push_back(one.data.empty() ? "{}" : one.data);
    }
    std::string out;
    for (const auto* column : {&types, &entities, &ids, &versions, &tags, &data}) {
        out += "," + on.connection().quote(array_literal(*column));
    }
    return out;
}

void prepare_once(tx& on)
{
    // Marked only when it worked: it runs outside any transaction.
    if (!on.first_time("kieng_ledger")) return;
    on.exec_raw(kPrepare);
}

}  // namespace

bool begin(tx& on, const entry& who, bool claim, std::chrono::milliseconds patience)
{
    prepare_once(on);
    if (!claim) {
        on.exec_raw(std::string("BEGIN; SET LOCAL lock_timeout = '") + kBusinessLockTimeout + "'");
        return true;
    }
    const auto wait = std::to_string(std::max<std::int64_t>(patience.count(), 1));
    const auto got =
        on.exec_raw("BEGIN; SET LOCAL lock_timeout = " + wait + "; EXECUTE kieng_claim(" +
                    key_arguments(on, who) + ",'" + kBusinessLockTimeout + "')");
    return got.at(0).at(0).as<int>() == 1;
}

std::optional<stored> look(tx& on, const entry& who)
{
    const auto rows = on.exec(kLook, who.principal, who.key, bytea_text(who.fingerprint));
    if (rows.empty()) return std::nullopt;
    const auto row = rows[0];
    stored out;
    out.same = row["same"].as<bool>();
    out.abandoned = row["abandoned"].as<bool>();
    if (!row["status"].is_null()) out.what.status = row["status"].as<int>();
    if (!row["body"].is_null()) out.what.body = row["body"].as<std::string>();
    if (!row["pos"].is_null()) out.pos = row["pos"].as<std::int64_t>();
    if (!row["headers"].is_null()) {
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
    }
    return out;
}

std::optional<std::int64_t> commit(tx& on, const entry& who, const answer& what)
{
    const std::string row = key_arguments(on, who) + "," + answer_arguments(on, who, what);
    if (on.events().empty()) {
        on.exec_raw(on.deferred() + "EXECUTE kieng_finish(" + row + "); COMMIT");
        return std::nullopt;
    }
    auto& quote = on.connection();
    // The answer to a message is that of its last statement, so the position is handed past the COMMIT in a setting.
    const auto got =
        on.exec_raw(on.deferred() + "EXECUTE kieng_announce(" + row + "," +
                    std::to_string(on.incarnation()) + "," + quote.quote(who.node) + "," +
                    quote.quote(who.trace) + event_arguments(on) + "); COMMIT; SHOW kieng.pos");
    return got.at(0).at(0).as<std::int64_t>();
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

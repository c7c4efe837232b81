#include "node/identity/session_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

constexpr statement kOpen{"session_open",
                          "INSERT INTO sessions (id, user_id, expires_at, user_agent, address) "
                          "VALUES ($1, $2, now() + $3::bigint * interval '1 second', $4, $5)"};
constexpr statement kSurplus{
    "sessions_surplus",
    "SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() AND id <> $2 "
    "ORDER BY last_used_at DESC, id DESC OFFSET $3"};
constexpr statement kAddToken{"refresh_token_add",
                              "INSERT INTO refresh_tokens (hash, session_id, parent, expires_at) "
                              "VALUES ($1, $2, $3, now() + $4::bigint * interval '1 second')"};
// The session's row is what all refreshes of a family queue for.
constexpr statement kHoldSession{
    "refresh_session_hold",
    "SELECT s.id, s.user_id, s.ended_at IS NULL AS open FROM sessions s "
    "WHERE s.id = (SELECT session_id FROM refresh_tokens WHERE hash = $1) FOR NO KEY UPDATE OF s"};
// A statement of its own, so that it sees what the holder before committed.
constexpr statement kPresent{
    "refresh_token_present",
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us, "
    "(extract(epoch FROM t.expires_at) * 1000000)::bigint AS expires_us, "
    "(extract(epoch FROM t.used_at) * 1000000)::bigint AS used_us, "
    "(SELECT count(*) FROM refresh_tokens c WHERE c.parent = t.hash) AS successors, "
    "EXISTS (SELECT 1 FROM refresh_tokens c WHERE c.parent = t.hash AND c.used_at IS NOT NULL) AS successor_used, "
    "u.status = 'active' AS active "
    "FROM refresh_tokens t JOIN users u ON u.id = $2 WHERE t.hash = $1"};
constexpr statement kSpend{
    "refresh_token_spend",
    "UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE hash = $1 AND used_at IS NULL"};
constexpr statement kTouch{
    "session_touch",
    "UPDATE sessions SET last_used_at = clock_timestamp(), expires_at = now() + $2::bigint * interval '1 second', "
    "user_agent = coalesce($3, user_agent), address = coalesce($4, address) WHERE id = $1"};
constexpr statement kEnd{
    "session_end",
    "UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING id"};
// Locked in one order, so that two who end the same sessions never wait for each other in a circle.
constexpr statement kEndAll{
    "sessions_end",
    "UPDATE sessions SET ended_at = clock_timestamp() WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 "
    "AND ended_at IS NULL AND ($2::uuid IS NULL OR id <> $2) ORDER BY id FOR UPDATE) RETURNING id"};
constexpr statement kDropTokens{"refresh_tokens_drop",
                                "DELETE FROM refresh_tokens WHERE session_id = $1"};
constexpr statement kHold{
    "session_hold",
    "SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > now() FOR NO KEY UPDATE"};
constexpr statement kList{
    "sessions_list",
    "SELECT id, user_agent, address, (extract(epoch FROM created_at) * 1000000)::bigint AS created_us, "
    "(extract(epoch FROM last_used_at) * 1000000)::bigint AS used_us, "
    "(extract(epoch FROM expires_at) * 1000000)::bigint AS expires_us FROM sessions "
    "WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() ORDER BY last_used_at DESC, id DESC LIMIT 200"};
constexpr statement kRecentlyEnded{
    "sessions_recently_ended",
    "SELECT id FROM sessions WHERE ended_at > now() - $1::bigint * interval '1 second'"};
constexpr statement kRecentRights{
    "users_recent_rights", "SELECT id, rights_version FROM users WHERE rights_version > 1 "
                           "AND rights_changed_at > now() - $1::bigint * interval '1 second'"};

constexpr std::int64_t kLifetime = std::chrono::seconds(kRefreshLifetime).count();

void announce_end(store::tx& on, const std::string& id, const std::string& user_id)
{
    store::event what;
    what.type = "SessionEndedEvent";
    what.entity = "session";
    what.entity_id = id;
    what.tags = {"session:" + id, "user:" + user_id};
    what.data = "{}";
    on.announce(std::move(what));
}

}  // namespace

void open_session(store::tx& on, const new_session& what, const actor& from)
{
    on.exec(kOpen, what.id, what.user_id, kLifetime, null_if_empty(from.user_agent),
            null_if_empty(from.address));
    on.exec(kAddToken, what.token_hash, what.id, static_cast<const char*>(nullptr), kLifetime);
    for (const auto& row :
         on.exec(kSurplus, what.user_id, what.id, static_cast<std::int64_t>(kMaxSessions - 1))) {
        end_session(on, text_of(row, "id"), what.user_id);
    }
}

std::optional<presented_token> present(store::tx& on, const std::string& token_hash)
{
    const auto held = on.exec(kHoldSession, token_hash);
    if (held.empty()) return std::nullopt;
    presented_token out;
    out.session_id = text_of(held[0], "id");
    out.user_id = text_of(held[0], "user_id");
    const auto rows = on.exec(kPresent, token_hash, out.user_id);
    if (rows.empty()) return std::nullopt;
    const auto& row = rows[0];
    out.state.now = time_of(row, "now_us");
    out.state.expires = time_of(row, "expires_us");
    if (!row["used_us"].is_null()) out.state.used = time_of(row, "used_us");
    out.state.successor_used = flag_of(row, "successor_used");
    out.state.successors = static_cast<int>(number_of(row, "successors"));
    out.state.session_live = flag_of(held[0], "open") && flag_of(row, "active");
    return out;
}

void rotate(store::tx& on, const presented_token& what, const std::string& token_hash,
            const std::string& next_hash, const actor& from)
{
    on.exec(kSpend, token_hash);
    on.exec(kAddToken, next_hash, what.session_id, token_hash, kLifetime);
    on.exec(kTouch, what.session_id, kLifetime, null_if_empty(from.user_agent),
            null_if_empty(from.address));
}

bool end_session(store::tx& on, const std::string& id, const std::string& user_id)
{
    if (on.exec(kEnd, id, user_id).empty()) return false;
    announce_end(on, id, user_id);
    return true;
}

std::vector<std::string> end_sessions(store::tx& on, const std::string& user_id,
                                      const std::string& except)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(kEndAll, user_id, null_if_empty(except))) {
        out.push_back(text_of(row, "id"));
        announce_end(on, out.back(), user_id);
    }
    return out;
}

bool replace_tokens(store::tx& on, const std::string& session_id, const std::string& next_hash)
{
    if (on.exec(kHold, session_id).empty()) return false;
    on.exec(kDropTokens, session_id);
    on.exec(kAddToken, next_hash, session_id, static_cast<const char*>(nullptr), kLifetime);
    return true;
}

std::vector<session> list_sessions(store::tx& on, const std::string& user_id)
{
    std::vector<session> out;
    for (const auto& row : on.exec(kList, user_id)) {
        session one;
        one.id = text_of(row, "id");
        one.created_at = time_of(row, "created_us");
        one.last_used_at = time_of(row, "used_us");
        one.expires_at = time_of(row, "expires_us");
        one.user_agent = optional_text_of(row, "user_agent");
        one.address = optional_text_of(row, "address");
        out.push_back(std::move(one));
    }
    return out;
}

recent_changes changes_within(store::tx& on, std::chrono::seconds time)
{
    recent_changes out;
    for (const auto& row : on.exec(kRecentlyEnded, time.count()))
        out.ended_sessions.push_back(text_of(row, "id"));
    for (const auto& row : on.exec(kRecentRights, time.count())) {
        out.rights.emplace_back(text_of(row, "id"), number_of(row, "rights_version"));
    }
    return out;
}

}  // namespace kieng::identity

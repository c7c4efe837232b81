#include "node/identity/upkeep_store.hpp"

#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

// SKIP LOCKED: every node may do this at once, and nobody who signs in waits for it.
constexpr statement kSessions{
    "expire_sessions",
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() - interval '1 day' "
    "LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr statement kTokens{
    "expire_refresh_tokens",
    "DELETE FROM refresh_tokens WHERE hash IN (SELECT hash FROM refresh_tokens WHERE expires_at < now() - interval '1 day' "
    "LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr statement kSpent{
    "expire_spent_tokens",
    "DELETE FROM refresh_tokens WHERE hash IN (SELECT hash FROM refresh_tokens WHERE used_at < now() - interval '7 days' "
    "LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr statement kAttempts{
    "expire_login_attempts",
    "DELETE FROM login_attempts WHERE (kind, key) IN (SELECT kind, key FROM login_attempts "
    "WHERE last_at < now() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED)"};

}  // namespace

std::int64_t expire(store::tx& on, std::int64_t most)
{
    std::int64_t deleted = 0;
    for (const auto& what : {kSessions, kTokens, kSpent, kAttempts}) {
        deleted += static_cast<std::int64_t>(on.exec(what, most).affected_rows());
    }
    return deleted;
}

}  // namespace kieng::identity

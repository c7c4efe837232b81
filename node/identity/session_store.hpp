// The tables sessions and refresh_tokens. Functions run inside a transaction and return values; database errors throw.
// A session that ends announces itself: SessionEndedEvent with the tags "session:<id>" and "user:<id>".
// All times are PostgreSQL's.
#pragma once

#include "node/identity/actor.hpp"
#include "node/identity/refresh.hpp"
#include "node/identity/session.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::identity {

struct new_session {
    std::string id;
    std::string user_id;
    std::string token_hash;
};

// Opens a session with its first refresh token; ends the user's sessions beyond kMaxSessions, those used longest ago.
void open_session(store::tx& on, const new_session& what, const actor& from);

// A refresh token that came in, its session held until the transaction ends. Nothing: no such token.
struct presented_token {
    std::string session_id;
    std::string user_id;
    refresh_state state;
};
[[nodiscard]] std::optional<presented_token> present(store::tx& on, const std::string& token_hash);

// Spends a token and adds its successor; also for siblings, where the token stays spent as it was.
void rotate(store::tx& on, const presented_token& what, const std::string& token_hash,
            const std::string& next_hash, const actor& from);

// Ends one live session. False: there is none such, or not of this user.
bool end_session(store::tx& on, const std::string& id, const std::string& user_id);
// Ends all live sessions of a user but `except` (may be empty). Returns their ids.
std::vector<std::string> end_sessions(store::tx& on, const std::string& user_id,
                                      const std::string& except);
// The session goes on with this refresh token alone. False: it is not live any more.
[[nodiscard]] bool replace_tokens(store::tx& on, const std::string& session_id,
                                  const std::string& next_hash);

// Live ones, last used first.
[[nodiscard]] std::vector<session> list_sessions(store::tx& on, const std::string& user_id);

// What other nodes must hear when they start: everything that made access tokens of the last `minutes` worthless.
struct recent_changes {
    std::vector<std::string> ended_sessions;
    std::vector<std::pair<std::string, std::int64_t>> rights;  // user id, rights_version
};
[[nodiscard]] recent_changes changes_within(store::tx& on, std::chrono::seconds time);

}  // namespace kieng::identity

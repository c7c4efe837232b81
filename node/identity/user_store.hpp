// The tables users and credentials. Functions run inside a transaction and return values; database errors throw.
// Changes announce themselves: UserUpdatedEvent, and UserRightsChangedEvent when older access tokens must stop counting (its
// version is the rights_version). Both carry the tag "user:<id>".
#pragma once

#include "node/identity/user.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::identity {

struct new_user_row {
    user who;  // id, email, role, names, preferences; the rest is the database's
    std::string password_hash;
    std::string created_by;  // empty: the account itself, or the system
};

// Nothing: the email is taken.
[[nodiscard]] std::optional<user> insert_user(store::tx& on, const new_user_row& row);

[[nodiscard]] std::optional<user> find_user(store::tx& on, const std::string& id);
// Also holds the row until the transaction ends.
[[nodiscard]] std::optional<user> lock_user(store::tx& on, const std::string& id);
// Holds the row against changes of others without excluding other sign-ins.
[[nodiscard]] std::optional<user> share_user(store::tx& on, const std::string& id);

// Writes everything of `next` that an edit can change. Returns the row as it is now.
[[nodiscard]] user update_user(store::tx& on, const user& next, const std::string& by);
void announce_user(store::tx& on, const user& who);
void announce_rights(store::tx& on, const user& who);

struct account_password {
    std::string user_id;
    std::string email;
    std::string hash;
};
[[nodiscard]] std::optional<account_password> find_password(store::tx& on, std::string_view email);
[[nodiscard]] std::optional<account_password> find_password_of(store::tx& on,
                                                               const std::string& user_id);
void set_password(store::tx& on, const std::string& user_id, const std::string& hash);
// Counts the rights_version up and announces it.
[[nodiscard]] user renew_rights(store::tx& on, const std::string& user_id);

// One change of the set of owners at a time, until the transaction ends.
void lock_owners(store::tx& on);
[[nodiscard]] std::int64_t active_owners(store::tx& on);
[[nodiscard]] std::int64_t count_owners(store::tx& on);  // disabled ones too

struct user_filter {
    std::optional<std::string> words;  // part of email, name or phone
    std::optional<std::string> role;
    std::optional<std::string> status;
    std::int64_t limit = 20;
    std::optional<wall_time> before_at;  // where the page before ended
    std::string before_id;
};
// Newest first.
[[nodiscard]] std::vector<user> list_users(store::tx& on, const user_filter& what);
struct user_count {
    std::int64_t total = 0;
    bool estimate = false;  // above kExactTotal
};
inline constexpr std::int64_t kExactTotal = 10'000;
[[nodiscard]] user_count count_users(store::tx& on, const user_filter& what);

// Texts in Unicode normal form C, in order.
[[nodiscard]] std::vector<std::string> normalized(store::tx& on,
                                                  const std::vector<std::string>& texts);

}  // namespace kieng::identity

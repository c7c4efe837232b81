// An account and the ways it may change. Pure values: no clock, no database, no JSON.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::identity {

inline constexpr std::array kUserRoles{std::string_view("owner"), std::string_view("manager"),
                                       std::string_view("cashier"), std::string_view("warehouse"),
                                       std::string_view("customer")};

struct preferences {
    std::string currency;
    std::string language;
    bool notify_email = true;
    bool notify_sms = false;
    bool notify_push = false;

    friend bool operator==(const preferences&, const preferences&) = default;
};

// The members of an account that can be edited; concurrent edits are compared by them.
enum class user_field : std::uint8_t {
    first_name = 1,
    last_name,
    phone,
    avatar,
    preferences,
    role,
    status
};
inline constexpr std::array kUserFields{
    user_field::first_name,  user_field::last_name, user_field::phone, user_field::avatar,
    user_field::preferences, user_field::role,      user_field::status};
// As on the wire: "firstName".
[[nodiscard]] std::string_view name_of(user_field field) noexcept;

struct user {
    std::string id;
    std::string email;
    std::string role;
    std::string status;  // active|disabled
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    std::optional<std::string> phone;
    std::optional<std::string> avatar;
    preferences prefers;
    std::int64_t version = 1;
    std::map<std::string, std::int64_t, std::less<>>
        changed;  // field -> the version that last changed it
    std::int64_t rights_version = 1;
    wall_time created_at{};
    wall_time updated_at{};

    [[nodiscard]] bool active() const noexcept { return status == "active"; }
    [[nodiscard]] bool active_owner() const noexcept { return active() && role == "owner"; }
};

[[nodiscard]] bool same(user_field field, const user& a, const user& b);

// A member of an edit: not named, cleared (named with null), or set.
template <class T>
using edited = std::optional<std::optional<T>>;

struct user_edit {
    std::optional<std::int64_t> version;
    edited<std::string> first_name, last_name, phone, avatar;
    std::optional<std::string> currency, language;
    std::optional<bool> notify_email, notify_sms, notify_push;
    std::optional<std::string> role, status;
    std::optional<std::string> password;
};

// An account as an edit would leave it.
struct user_change {
    user next;                          // version, changed and rights_version already moved
    std::vector<user_field> changed;    // by this edit; empty: nothing changed, the version stays
    std::vector<user_field> merged;     // changed by others since `from`, and kept
    std::vector<user_field> conflicts;  // changed by both, to different values; not empty: refuse
    bool unknown_version = false;       // `from` is no version this account ever had; refuse

    [[nodiscard]] bool refused() const noexcept { return unknown_version || !conflicts.empty(); }
    [[nodiscard]] bool changes(user_field field) const noexcept;
    // Role or status: tokens given out before must not count any more.
    [[nodiscard]] bool changes_rights() const noexcept;
};

// What an edit that started from version `from` makes of the account as it is now.
[[nodiscard]] user_change apply(const user& now, const user_edit& edit, std::int64_t from);

}  // namespace kieng::identity

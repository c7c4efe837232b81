// The wire form of accounts, sessions and addresses: strict reading, one writer per resource. docs/openapi.yaml is the contract.
// Errors of all readers: malformed_json, validation_failed; where a password is read also password_too_long.
// Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/identity/address.hpp"
#include "node/identity/session.hpp"
#include "node/identity/user.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::identity {

struct credentials {
    std::string email;
    std::string password;
};

struct new_account {
    std::string email;
    std::optional<std::string> password;  // always there in a registration
    std::string role = "customer";
    std::optional<std::string> first_name, last_name, phone;
};

struct logout_request {
    std::optional<std::string> refresh_token;
    bool everywhere = false;
};

struct password_change {
    std::string current_password;
    std::string new_password;
};

[[nodiscard]] result<credentials> read_credentials(std::string_view body);
[[nodiscard]] result<new_account> read_registration(std::string_view body);
[[nodiscard]] result<new_account> read_new_user(std::string_view body);
[[nodiscard]] result<std::string> read_renewal(std::string_view body);
[[nodiscard]] result<logout_request> read_logout(
    std::string_view body);  // an empty body names nothing
[[nodiscard]] result<password_change> read_password_change(std::string_view body);
[[nodiscard]] result<user_edit> read_profile_edit(std::string_view body);
[[nodiscard]] result<user_edit> read_user_edit(std::string_view body);
// `replaces`: whether the body may name the version it started from.
[[nodiscard]] result<address_input> read_address(std::string_view body, bool replaces);

// `merged` adds the member of that name when it is not empty.
[[nodiscard]] std::string to_json(const user& who, const std::vector<user_field>& merged = {});
[[nodiscard]] std::string to_json(const signed_in& what);
[[nodiscard]] std::string to_json(const address& what,
                                  const std::vector<address_field>& merged = {});
[[nodiscard]] std::string to_json(const session& what, bool current);
// An account's JSON with the password the server made for it.
[[nodiscard]] std::string with_initial_password(std::string user_json, std::string_view password);

// One field of an account as JSON.
[[nodiscard]] std::string to_json(user_field field, const user& of);
// {"role":{"from":"cashier","to":"manager"}}
[[nodiscard]] std::string changes_json(const user& from, const user_change& change);
// `"currentVersion":5,"conflicts":[..]`: members of a version_conflict.
[[nodiscard]] std::string conflict_members(const user& now, const user_change& change);
[[nodiscard]] std::string conflict_members(const address& now,
                                           const std::optional<address_input>& base,
                                           const address_input& yours,
                                           const std::vector<address_field>& conflicts);
[[nodiscard]] std::string version_member(std::int64_t current);

// The versions that last changed each field, as the database keeps them: {"firstName":3}.
[[nodiscard]] std::string to_json(const std::map<std::string, std::int64_t, std::less<>>& changed);
[[nodiscard]] std::map<std::string, std::int64_t, std::less<>> read_changed(std::string_view json);

}  // namespace kieng::identity

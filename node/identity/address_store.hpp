// The table addresses. Functions run inside a transaction and return values; database errors throw. Whoever changes
// addresses holds the account's row first (lock_user), so that there is one default and no more than the limit.
#pragma once

#include "node/identity/address.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::identity {

// The default first, then the newest.
[[nodiscard]] std::vector<address> list_addresses(store::tx& on, const std::string& user_id);
[[nodiscard]] std::optional<address> find_address(store::tx& on, const std::string& user_id,
                                                  const std::string& id);
// What an address said in one of its last twenty versions, if it ever had it.
[[nodiscard]] std::optional<address_input> find_address_version(store::tx& on,
                                                                const std::string& id,
                                                                std::int64_t version);
[[nodiscard]] std::int64_t count_addresses(store::tx& on, const std::string& user_id);

[[nodiscard]] address insert_address(store::tx& on, const std::string& id,
                                     const std::string& user_id, const address_input& what);
[[nodiscard]] address update_address(store::tx& on, const std::string& id,
                                     const std::string& user_id, const address_input& what);
void delete_address(store::tx& on, const std::string& id);

// Takes the mark from the default address, if there is one.
void clear_default(store::tx& on, const std::string& user_id);
// Gives the mark to the newest address but this one. False: there is no other.
bool promote_newest(store::tx& on, const std::string& user_id, const std::string& except);

// The same with all texts in normal form C.
[[nodiscard]] address_input normalized(store::tx& on, address_input what);

}  // namespace kieng::identity

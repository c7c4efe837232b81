// Why PostgreSQL refused a connection, where trying again later cannot help: wrong password, unknown user or database.
// libpq gives no SQLSTATE for a connection that failed, unless it is asked to write it into the message beforehand.
//
// Blocks for one attempt to connect, two seconds at most. Thread safe.
#pragma once

#include "node/platform/store/database.hpp"

#include <optional>
#include <string>

namespace kieng::store {

// A sentence for the operator; nothing when the reason is none of those, or when the connection succeeds now.
[[nodiscard]] std::optional<std::string> lasting_refusal(const database_options& how);

}  // namespace kieng::store

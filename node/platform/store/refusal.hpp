// Why PostgreSQL refused a connection, where trying again later cannot help: wrong password, unknown user or database,
// no TLS where it is asked for, a certificate that is not trusted.
// libpq gives no SQLSTATE for a connection that failed, unless it is asked to write it into the message beforehand.
//
// Blocks for a few attempts to connect, two seconds at most each. Thread safe.
#pragma once

#include "node/platform/store/database.hpp"

#include <optional>
#include <string>

namespace kieng::store {

// A sentence for the operator; nothing when the reason is none of those, or when the connection succeeds now.
[[nodiscard]] std::optional<std::string> lasting_refusal(const database_options& how);

}  // namespace kieng::store

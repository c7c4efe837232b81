// The one place that knows what PostgreSQL and libpqxx mean by their errors. Exception types and SQLSTATEs decide; error
// texts are neither read nor shown to callers.
// Pure functions, thread safe.
#pragma once

#include "base/result.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::store {

enum class db_fault : std::uint8_t {
    lost = 1,    // the connection is gone or going; what it was doing may or may not have happened
    timeout,     // statement_timeout ended the statement
    locked,      // lock_timeout: somebody holds what we need
    overloaded,  // PostgreSQL is out of memory, disk or connections
    conflict,    // serialization failure or deadlock: the same again may work
    stale,       // a prepared plan no longer fits the schema: a fresh connection will work
    history,     // the database has another incarnation than this connection knows
    defect,      // an error of ours: bad SQL, a constraint nobody expected
};

struct db_error {
    db_fault fault = db_fault::lost;
    std::string sqlstate;  // empty where the connection gave none
};

// Nothing when the exception is not the database's.
[[nodiscard]] std::optional<db_error> classify(const std::exception_ptr& error);
[[nodiscard]] db_fault fault_of(std::string_view sqlstate) noexcept;

// What a caller is told. The effect is left open: only the unit of work knows it.
[[nodiscard]] failure to_failure(const db_error& error);

// Whether the connection must be discarded after it.
[[nodiscard]] bool ends_connection(db_fault fault) noexcept;

}  // namespace kieng::store

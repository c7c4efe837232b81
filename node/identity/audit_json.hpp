// The wire form of the audit log. Pure functions, thread safe.
#pragma once

#include "node/identity/audit.hpp"

#include <string>

namespace kieng::identity {

[[nodiscard]] std::string to_json(const audit_line& line);

}  // namespace kieng::identity

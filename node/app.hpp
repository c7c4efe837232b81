// The composition root: settings -> parts -> run -> orderly stop.
#pragma once

#include "node/settings.hpp"

namespace kieng::node {

// Runs a node until SIGTERM or SIGINT. Binds first, so that a port in use is said at once; then migrates, creates the first owner and
// becomes ready, trying again for as long as PostgreSQL is away.
// SIGTERM: health says draining, all goes on being served for 2 s, in-flight requests finish, listeners close last, exit 0.
// SIGHUP: the TLS certificate and key are read anew.
// Returns the exit code. Throws std::runtime_error with a sentence for the operator if it cannot start.
int serve(const settings& how);

}  // namespace kieng::node

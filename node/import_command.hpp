// The commands of kieng-node that work on the database and exit: migrate and import.
#pragma once

#include "node/settings.hpp"

#include <string>

namespace kieng::node {

struct import_options {
    std::string file;  // "-": standard input
    bool dry_run = false;
    bool stop_on_error = false;
};

// Each returns the process's exit code and prints sentences for people.
int migrate_command(const settings& how);
int import_command(const settings& how, const import_options& what);

}  // namespace kieng::node

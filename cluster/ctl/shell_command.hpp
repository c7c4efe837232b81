// Runs a command of the operator's without blocking the io_context. Errors are exit codes.
#pragma once

#include "base/async.hpp"

#include <string>
#include <vector>

namespace kieng::cluster::ctl {

struct command_end {
    int code = -1;       // 127: it cannot be run; above 128: ended by a signal
    std::string output;  // its standard output
};

// Waits until it ends. Standard input is empty, standard error is ours.
task<command_end> run_command(std::vector<std::string> arguments);
// Waits for it in place: for the way out, when there is no loop any more.
void run_and_wait(const std::vector<std::string>& arguments);

}  // namespace kieng::cluster::ctl

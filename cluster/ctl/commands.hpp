// What kiengctl does, one coroutine per command: asks, prints on standard output, says how it ended. Errors go to standard error.
//
// On the io_context of the caller; options and caller must outlive them.
#pragma once

#include "cluster/ctl/caller.hpp"

namespace kieng::cluster::ctl {

task<exit_code> show_status(caller& nodes, const options& how);
task<exit_code> show_health(caller& nodes, const options& how);
task<exit_code> show_lag(caller& nodes, const options& how);
// Until interrupted, or `count` looks.
task<exit_code> watch(caller& nodes, const options& how);

task<exit_code> hand_over(caller& nodes, const options& how);
// Drain and undrain.
task<exit_code> change_use(caller& nodes, const options& how);
task<exit_code> raise_incarnation(caller& nodes, const options& how);

// drill_command.cpp
task<exit_code> run_drill(caller& nodes, const options& how);

// Standard output and standard error, at once.
void print(const std::string& text);
exit_code complain(const failed& why);

}  // namespace kieng::cluster::ctl

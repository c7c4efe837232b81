// The processes of a test cluster's nodes: found, signalled, started again. Only a process that is a kieng-node is ever touched.
//
// Lives where the drill lives. Errors are sentences.
#pragma once

#include "base/async.hpp"
#include "cluster/ctl/command_line.hpp"

#include <optional>
#include <string>

namespace kieng::cluster::ctl {

// The first line of a pid file: the pid, and if it has them when that process started and in which boot of the machine, so that a pid
// which the system gave to somebody else since is not taken for the node's.
struct pid_line {
    int pid = 0;
    std::string started = {};
    std::string boot = {};
};
[[nodiscard]] std::optional<pid_line> read_pid_line(const std::string& line);

// "{id}" in a command, by the node's id.
[[nodiscard]] std::string with_id(std::string command, const std::string& id);
// The last line that is a number above 1, if the last line is one.
[[nodiscard]] std::optional<int> last_pid(const std::string& output);

class node_processes {
public:
    explicit node_processes(const drill_options& how);

    // Empty when the node's process is known, runs, and is a kieng-node.
    [[nodiscard]] std::string trouble_with(const std::string& id) const;
    // The process as it is now; nothing when it is not there.
    [[nodiscard]] std::optional<int> pid_of(const std::string& id) const;
    // False when the process is gone.
    bool signal(const std::string& id, int number) const;

    [[nodiscard]] bool can_start() const { return !start_.empty(); }
    // Runs the command and takes the new pid. Empty when all is well.
    task<std::string> start(std::string id);

private:
    [[nodiscard]] std::optional<int> known_pid(const std::string& id) const;

    std::map<std::string, int> pids_;
    std::string pid_dir_;
    std::string start_;
};

// A stopped process goes on when this is destroyed.
class stopped_process {
public:
    stopped_process(const node_processes& of, std::string id);
    ~stopped_process() { resume(); }
    stopped_process(const stopped_process&) = delete;
    stopped_process& operator=(const stopped_process&) = delete;
    void resume();

private:
    const node_processes& of_;
    std::string id_;
    bool stopped_ = true;
};

}  // namespace kieng::cluster::ctl

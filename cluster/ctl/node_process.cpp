#include "cluster/ctl/node_process.hpp"

#include "cluster/ctl/shell_command.hpp"

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kieng::cluster::ctl {
namespace {

std::string first_line(const std::string& path)
{
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

std::optional<int> number_of(const std::string& text)
{
    int pid = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, pid);
    if (read.ec != std::errc{} || read.ptr != end || pid <= 1) return std::nullopt;
    return pid;
}

// When the process started, in ticks since the machine did: the 22nd field of its stat, the 20th after its name. Empty when it is gone.
std::string started_at(int pid)
{
    constexpr int kField = 20;
    const std::string stat = first_line("/proc/" + std::to_string(pid) + "/stat");
    const auto name_ends = stat.rfind(')');
    if (name_ends == std::string::npos) return {};
    std::istringstream fields(stat.substr(name_ends + 1));
    std::string field;
    for (int i = 0; i < kField && fields >> field; ++i) {
    }
    return field;
}

bool is_zombie(int pid)
{
    const std::string stat = first_line("/proc/" + std::to_string(pid) + "/stat");
    const auto name_ends = stat.rfind(')');
    return name_ends == std::string::npos || stat.substr(name_ends + 1).starts_with(" Z");
}

// By the program that the process runs, whatever it calls itself.
bool is_node(int pid)
{
    std::error_code failed_read;
    const auto program =
        std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", failed_read);
    return !failed_read && program.filename().string().starts_with("kieng-node");
}

// The file with the least surprises: of run-three-nodes.sh, with identity, or a bare number.
std::optional<int> pid_in_file(const std::string& path)
{
    const auto line = read_pid_line(first_line(path));
    if (!line) return std::nullopt;
    if (!line->started.empty() && line->started != started_at(line->pid)) return std::nullopt;
    if (!line->boot.empty() && line->boot != first_line("/proc/sys/kernel/random/boot_id"))
        return std::nullopt;
    return line->pid;
}

// The script that a folder .run belongs to, if there is one.
std::string start_command_of(const drill_options& how)
{
    if (!how.start.empty() || how.pid_dir.empty()) return how.start;
    const auto script = std::filesystem::absolute(how.pid_dir).lexically_normal().parent_path() /
                        "scripts" / "run-three-nodes.sh";
    std::error_code unknown;
    if (!std::filesystem::exists(script, unknown)) return {};
    return "'" + script.string() + "' --start {id} >&2";
}

}  // namespace

std::optional<pid_line> read_pid_line(const std::string& line)
{
    std::istringstream words(line);
    std::string pid;
    pid_line out;
    words >> pid >> out.started >> out.boot;
    const auto number = number_of(pid);
    if (!number) return std::nullopt;
    out.pid = *number;
    return out;
}

std::string with_id(std::string command, const std::string& id)
{
    constexpr std::string_view kPlace = "{id}";
    for (auto at = command.find(kPlace); at != std::string::npos;
         at = command.find(kPlace, at + id.size()))
        command.replace(at, kPlace.size(), id);
    return command;
}

std::optional<int> last_pid(const std::string& output)
{
    std::istringstream lines(output);
    std::string line, last;
    while (std::getline(lines, line)) {
        if (!line.empty()) last = line;
    }
    return number_of(last);
}

node_processes::node_processes(const drill_options& how)
    : pids_(how.pids),
      pid_dir_(how.pid_dir),
      start_(start_command_of(how))
{}

std::optional<int> node_processes::known_pid(const std::string& id) const
{
    if (const auto given = pids_.find(id); given != pids_.end()) return given->second;
    if (pid_dir_.empty()) return std::nullopt;
    return pid_in_file(pid_dir_ + "/" + id + ".pid");
}

std::optional<int> node_processes::pid_of(const std::string& id) const
{
    const auto pid = known_pid(id);
    if (!pid || is_zombie(*pid) || !is_node(*pid)) return std::nullopt;
    return pid;
}

std::string node_processes::trouble_with(const std::string& id) const
{
    const auto pid = known_pid(id);
    if (!pid && pid_dir_.empty())
        return "the pid of " + id + " is not given: --pid " + id + "=..., or --pid-dir";
    if (!pid) return "there is no living process in " + pid_dir_ + "/" + id + ".pid";
    if (!is_node(*pid))
        return "process " + std::to_string(*pid) + " of " + id + " is no kieng-node";
    return {};
}

bool node_processes::signal(const std::string& id, int number) const
{
    const auto pid = pid_of(id);
    return pid && ::kill(*pid, number) == 0;
}

task<std::string> node_processes::start(std::string id)
{
    std::vector<std::string> arguments{"/bin/sh", "-c", with_id(start_, id)};
    const command_end ended = co_await run_command(std::move(arguments));
    if (ended.code != 0)
        co_return "the command that starts " + id + " ended with " + std::to_string(ended.code);
    if (pid_dir_.empty()) {
        const auto pid = last_pid(ended.output);
        if (!pid) co_return "the command that starts " + id + " did not print its pid";
        pids_[id] = *pid;
    } else {
        pids_.erase(id);  // the file knows better now
    }
    co_return trouble_with(id);
}

stopped_process::stopped_process(const node_processes& of, std::string id)
    : of_(of),
      id_(std::move(id))
{
    stopped_ = of_.signal(id_, SIGSTOP);
}

void stopped_process::resume()
{
    if (stopped_) of_.signal(id_, SIGCONT);
    stopped_ = false;
}

}  // namespace kieng::cluster::ctl

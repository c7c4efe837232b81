#include "cluster/ctl/shell_command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace kieng::cluster::ctl {
namespace {

constexpr std::chrono::milliseconds kPoll{10};
constexpr int kCannotRun = 127, kBySignal = 128;

// A file without a name: unlike a pipe it never fills, and whoever the command leaves behind may hold it open.
class output_file {
public:
    output_file() : fd_(::memfd_create("output", MFD_CLOEXEC)) {}
    ~output_file()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] std::string text() const
    {
        std::string out;
        std::array<char, 4096> part{};
        off_t at = 0;
        for (ssize_t got = 0; (got = ::pread(fd_, part.data(), part.size(), at)) > 0; at += got)
            out.append(part.data(), static_cast<std::size_t>(got));
        return out;
    }

private:
    int fd_;
};

// -1 when it cannot be run.
pid_t start(const std::vector<std::string>& arguments, int output)
{
    std::vector<std::string> copy = arguments;
    std::vector<char*> words;
    for (auto& one : copy) words.push_back(one.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    pid_t pid = -1;
    const int failed = ::posix_spawnp(&pid, words.front(), &files, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    return failed == 0 ? pid : -1;
}

}  // namespace

task<command_end> run_command(std::vector<std::string> arguments)
{
    const output_file output;
    command_end out;
    const pid_t pid = start(arguments, output.fd());
    if (pid < 0) {
        out.code = kCannotRun;
        co_return out;
    }
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0) co_await sleep_for(kPoll);
    out.code = WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
    out.output = output.text();
    co_return out;
}

void run_and_wait(const std::vector<std::string>& arguments)
{
    const output_file output;
    const pid_t pid = start(arguments, output.fd());
    if (pid > 0) ::waitpid(pid, nullptr, 0);
}

}  // namespace kieng::cluster::ctl

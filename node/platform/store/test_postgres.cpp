#include "node/platform/store/test_postgres.hpp"

#include "node/platform/store/session.hpp"
#include "node/platform/store/testing.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kieng::store::testing {
namespace {

namespace fs = std::filesystem;

pid_t launch(const std::vector<std::string>& command, const std::string& log)
{
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, words[0], &files, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) throw std::runtime_error("cannot run " + command[0]);
    return pid;
}

void run(const std::vector<std::string>& command, const std::string& log)
{
    int status = 0;
    const pid_t pid = launch(command, log);
    if (::waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(command[0] + " failed, see " + log);
}

std::string newest_bin()
{
    for (const char* version : {"17", "16", "15"}) {
        const std::string bin = std::string("/usr/lib/postgresql/") + version + "/bin";
        if (fs::exists(bin + "/initdb")) return bin;
    }
    throw std::runtime_error(
        "PostgreSQL 15 or later is not installed: run scripts/install-deps.sh");
}

std::string free_port()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(fd, reinterpret_cast<sockaddr*>(&at), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    ::close(fd);
    return std::to_string(ntohs(at.sin_port));
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace

test_postgres::test_postgres() : port_(free_port()), bin_(newest_bin())
{
    std::string pattern = "/tmp/kieng-store-test.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("cannot make a directory in /tmp");
    root_ = pattern;
    ::chmod(root_.c_str(), 0755);
    fs::create_directory(root_ + "/data");
    if (::geteuid() == 0) {
        const passwd* who = ::getpwnam("postgres");
        if (who == nullptr) who = ::getpwnam("nobody");
        if (who == nullptr) throw std::runtime_error("no unprivileged user to run PostgreSQL as");
        if (::chown((root_ + "/data").c_str(), who->pw_uid, who->pw_gid) != 0)
            throw std::runtime_error("chown failed");
        as_ = {"setpriv", "--reuid=" + std::to_string(who->pw_uid),
               "--regid=" + std::to_string(who->pw_gid), "--clear-groups"};
    }
    ::chmod((root_ + "/data").c_str(), 0700);
    run(as_ + std::vector<std::string>{bin_ + "/initdb", "-D", root_ + "/data", "--auth=trust",
                                       "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                                       "--no-sync"},
        root_ + "/log");
    std::ofstream settings(root_ + "/data/postgresql.conf", std::ios::app);
    settings
        << "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nmax_connections = 50\n"
           "shared_buffers = 16MB\ndynamic_shared_memory_type = mmap\n";
    settings.close();
    start();
}

test_postgres::~test_postgres()
{
    if (server_ > 0) {
        thaw();
        ::kill(server_, SIGQUIT);
        ::waitpid(server_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

database_options test_postgres::options() const
{
    database_options out;
    out.host = "127.0.0.1";
    out.port = port_;
    out.user = "postgres";
    out.name = "postgres";
    out.sslmode = "disable";
    out.server_id = "test";
    out.boot_id = "test";
    return out;
}

bool test_postgres::answers() const
{
    try {
        return open_connection(options(), purpose::migrate)->is_open();
    } catch (const pqxx::failure&) {
        return false;
    }
}

void test_postgres::start()
{
    const auto command =
        as_ + std::vector<std::string>{"setpriv", "--pdeathsig",   "QUIT", bin_ + "/postgres",
                                       "-D",      root_ + "/data", "-p",   port_};
    // Right after a kill the old sessions may still hold the shared memory: then it ends at once and is started again.
    server_ = launch(command, root_ + "/log");
    const bool up = eventually([&] {
        if (::waitpid(server_, nullptr, WNOHANG) == server_)
            server_ = launch(command, root_ + "/log");
        return answers();
    });
    if (!up) throw std::runtime_error("PostgreSQL did not start, see " + root_ + "/log");
}

void test_postgres::kill()
{
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
}

std::vector<pid_t> test_postgres::processes() const
{
    const auto id = std::to_string(server_);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> out{server_};
    for (pid_t pid = 0; children >> pid;) out.push_back(pid);
    return out;
}

void test_postgres::freeze()
{
    // The server first, and wait until it stands: it must not start a session that nobody stops.
    ::kill(server_, SIGSTOP);
    int status = 0;
    ::waitpid(server_, &status, WUNTRACED);
    for (const pid_t pid : processes()) ::kill(pid, SIGSTOP);
}

void test_postgres::thaw()
{
    for (const pid_t pid : processes()) ::kill(pid, SIGCONT);
}

}  // namespace kieng::store::testing

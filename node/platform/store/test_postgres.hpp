// A PostgreSQL of a test's own, to be frozen, killed and started again. Runs as an unprivileged user on a port of its own on
// loopback; goes with the object, and with the test process should that be killed.
#pragma once

#include "node/platform/store/database.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace kieng::store::testing {

class test_postgres {
public:
    test_postgres();
    ~test_postgres();
    test_postgres(const test_postgres&) = delete;
    test_postgres& operator=(const test_postgres&) = delete;

    // The superuser of database "postgres".
    [[nodiscard]] database_options options() const;

    void freeze();  // SIGSTOP to the server and all its sessions
    void thaw();
    void kill();   // SIGKILL to the server; its sessions end by themselves
    void start();  // after kill(); returns when it answers

private:
    [[nodiscard]] std::vector<pid_t> processes() const;
    bool answers() const;

    std::string root_, port_;
    std::vector<std::string> as_;  // command prefix that becomes the unprivileged user
    std::string bin_;
    pid_t server_ = -1;
};

}  // namespace kieng::store::testing

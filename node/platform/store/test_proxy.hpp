// A TCP proxy between a test and PostgreSQL that can cut a conversation at the COMMIT, before or after it went through.
// Thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kieng::store::testing {

class test_proxy {
public:
    enum class cut : std::uint8_t {
        nothing = 1,
        before_commit,         // the next message with COMMIT never reaches the server
        after_commit,          // it does, but its answer never comes back
        after_commit_for_good  // the same, and nobody gets through afterwards
    };

    test_proxy(std::string host, std::string port);
    ~test_proxy();
    test_proxy(const test_proxy&) = delete;
    test_proxy& operator=(const test_proxy&) = delete;

    [[nodiscard]] const std::string& port() const noexcept { return port_; }
    void next(cut what) { next_ = what; }
    [[nodiscard]] int cuts() const noexcept { return cuts_; }

private:
    void accept_all();
    void serve(int client);
    bool forward(int server, const std::string& bytes);

    std::string to_host_, to_port_, port_;
    int listener_ = -1;
    std::atomic<cut> next_{cut::nothing};
    std::atomic<bool> closed_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<int> cuts_{0};
    std::mutex mutex_;
    std::vector<std::thread> threads_;  // guarded by mutex_
    std::thread acceptor_;
};

}  // namespace kieng::store::testing

// A real server on 127.0.0.1 with a small route table, and a client that sends raw bytes. For this folder's tests.
#pragma once

#include "node/platform/cache/response_cache.hpp"
#include "node/platform/http/server.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::http::test {

inline constexpr permission p_read{"read", 0};
inline constexpr permission p_write{"write", 1};
inline constexpr permission p_health{"health", 2};
inline constexpr permission p_sign_in{"sign_in", 3};
inline constexpr permission p_sign_out{"sign_out", 4, true};
inline constexpr permission p_admin{"admin", 5};

// "good" may read and write; "expired", "ended" fail as they say; anything else is forged.
class fake_authenticator final : public authenticator {
public:
    fake_authenticator();
    [[nodiscard]] result<caller> authenticate(std::string_view bearer) const override;
    [[nodiscard]] const caller& nobody() const noexcept override { return nobody_; }

private:
    caller nobody_;
    caller good_;
};

class fake_positions final : public position_source {
public:
    [[nodiscard]] std::int64_t applied() const noexcept override { return applied_; }
    [[nodiscard]] std::int64_t incarnation() const noexcept override { return 7; }
    [[nodiscard]] std::string_view cluster() const noexcept override
    {
        return named_ ? "kieng-7" : std::string_view();
    }
    [[nodiscard]] std::chrono::milliseconds age() const noexcept override { return age_; }
    [[nodiscard]] bool cut_off() const noexcept override { return cut_off_; }
    [[nodiscard]] std::string token(std::int64_t pos) const override
    {
        return "7." + std::to_string(pos) + ".00000000000000ab";
    }
    [[nodiscard]] std::int64_t read(std::string_view token) const noexcept override;
    task<bool> wait_for(std::int64_t pos, std::chrono::milliseconds time) override;

    task<std::optional<std::int64_t>> newest() override
    {
        const auto head = head_.load();
        co_return head > 0 ? std::optional(head) : std::nullopt;
    }

    std::atomic<std::int64_t> applied_{5};
    std::atomic<std::int64_t> head_{0};  // 0: PostgreSQL cannot be asked
    std::atomic<int> waits_{0};
    std::atomic<std::chrono::milliseconds> age_{std::chrono::milliseconds(0)};
    std::atomic<bool> cut_off_{false};
    std::atomic<bool> named_{true};  // whether the cluster's name is known yet
};

// What a client got: one answer taken apart.
struct reply {
    int status = 0;
    std::map<std::string, std::string>
        headers;  // names in lower case; repeated ones joined with "\n"
    std::string body;
    bool complete = false;
    [[nodiscard]] std::string header(const std::string& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

// A blocking connection. Every wait ends after ten seconds at the latest.
class client {
public:
    explicit client(std::uint16_t port);
    ~client();
    client(client&& other) noexcept : socket_(other.socket_), rest_(std::move(other.rest_))
    {
        other.socket_ = -1;
    }
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    bool send(std::string_view bytes);
    void end_sending();
    // Reads the next answer; `head_only` for answers to HEAD.
    reply read(bool head_only = false);
    // Reads until the server closes; true if it did.
    bool closed();
    // Everything that arrives until the server closes.
    std::string read_all();
    [[nodiscard]] int native() const noexcept { return socket_; }

private:
    bool more();
    int socket_ = -1;
    std::string rest_;
};

class test_server {
public:
    explicit test_server(server_options options = {});
    ~test_server();

    [[nodiscard]] std::uint16_t port() const noexcept { return server_->port(); }
    [[nodiscard]] client connect() const { return client(port()); }
    // One request on a connection of its own.
    [[nodiscard]] reply ask(std::string_view bytes, bool head_only = false) const;
    // GET of a path with Host, further header lines ("A: b\r\n") and HTTP/1.1.
    [[nodiscard]] reply get(std::string_view path, std::string_view headers = {}) const;
    [[nodiscard]] reply call(std::string_view method, std::string_view path,
                             std::string_view headers = {}, std::string_view body = {}) const;

    fake_authenticator who;
    fake_positions positions;
    cache::response_cache cache{1U << 20U};
    std::atomic<int> loads{0};
    std::atomic<int> handled{0};
    std::atomic<bool> hold{false};  // GET /hold waits while this is true
    std::atomic<int> holding{0};
    std::atomic<bool> saw_client_leave{false};

    [[nodiscard]] server& under_test() { return *server_; }

private:
    [[nodiscard]] std::vector<route> table();
    std::unique_ptr<server> server_;
};

// Waits until the condition holds; false after ten seconds.
bool eventually_true(const std::function<bool()>& condition);

}  // namespace kieng::http::test

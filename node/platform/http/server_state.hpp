// What all I/O threads of a server share. Internal to this folder. Immutable but for the atomics and what locks itself.
#pragma once

#include "node/platform/http/cors.hpp"
#include "node/platform/http/networks.hpp"
#include "node/platform/http/peer_gate.hpp"
#include "node/platform/http/position_source.hpp"
#include "node/platform/http/rate_limiter.hpp"
#include "node/platform/http/router.hpp"
#include "node/platform/http/server_options.hpp"
#include "node/platform/http/static_files.hpp"

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace kieng::http {

// Connections per client, so that one cannot take all. Thread safe; asked once per connection.
class connection_limits {
public:
    connection_limits(std::size_t total, std::size_t per_client)
        : total_(total),
          per_client_(per_client)
    {}
    [[nodiscard]] bool enter(const std::string& client);
    void leave(const std::string& client);
    [[nodiscard]] std::size_t open() const noexcept
    {
        return open_.load(std::memory_order_relaxed);
    }

private:
    static constexpr std::size_t kShards = 16;
    struct shard {
        std::mutex guard;
        std::unordered_map<std::string, std::size_t> clients;  // guarded by guard
    };
    shard& of(const std::string& client)
    {
        return shards_[std::hash<std::string>{}(client) % kShards];
    }

    const std::size_t total_;
    const std::size_t per_client_;
    std::atomic<std::size_t> open_{0};
    std::array<shard, kShards> shards_;
};

struct server_state {
    server_state(server_options o, std::vector<route> table, const authenticator& a,
                 cache::response_cache& c, position_source& p);

    [[nodiscard]] std::shared_ptr<asio::ssl::context> tls() const;  // null on plain servers
    void load_tls();

    const server_options options;
    const router routes;
    const authenticator& who;
    cache::response_cache& cache;
    position_source& positions;
    peer_gate* peers = nullptr;  // none: routes for peers refuse everybody; set before the start
    const cors origins;
    const networks proxies;
    rate_limiter by_address;
    rate_limiter by_user;
    connection_limits connections;
    std::optional<static_files> files;
    std::string page_policy;  // Content-Security-Policy of the web app
    std::string all_methods;  // Allow of "*"
    std::atomic<bool> ready;
    std::atomic<bool> draining{false};
    std::atomic<bool> stopping{false};  // streams end now, and answers say Connection: close
    std::atomic<std::uint64_t> refused_connections{0};

private:
    mutable std::mutex tls_guard_;
    std::shared_ptr<asio::ssl::context> tls_;  // guarded by tls_guard_
};

}  // namespace kieng::http

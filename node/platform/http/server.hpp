// The HTTP server: listens, guards, routes, answers, counts, and stops in order.
//
// start() and stop() are called by one thread (main); everything else is thread safe. What is passed by reference must outlive
// the server.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "node/platform/http/caller.hpp"
#include "node/platform/http/position_source.hpp"
#include "node/platform/http/route.hpp"
#include "node/platform/http/route_stats.hpp"
#include "node/platform/http/server_options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace kieng::http {

struct server_state;
class worker;

// Counters of all I/O threads, for /metrics.
struct server_snapshot {
    std::vector<route_sample>
        routes;  // as in the route table, then one for requests that matched none
    std::size_t connections = 0;
    std::size_t handlers = 0;  // running now
    std::uint64_t refused_connections = 0;
};

class server {
public:
    // Throws std::invalid_argument for a route table or setting that cannot be, std::runtime_error for TLS files or a web root
    // that cannot be read.
    server(server_options options, std::vector<route> table, const authenticator& who,
           cache::response_cache& cache, position_source& positions);
    ~server();  // stops at once if stop() was not called
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Who may use the routes for peers; before start(). Without it nobody may.
    void admit_peers(peer_gate& by) noexcept;
    // Binds and answers. Throws std::runtime_error with a sentence for the operator, for example when the port is in use.
    void start();
    [[nodiscard]] std::uint16_t port() const noexcept;

    // Other routes than the always answered ones give `starting` until this is true.
    void set_ready(bool ready) noexcept;
    // A stop is near: draining() says so from now on, and all goes on being served.
    void begin_drain() noexcept;
    // Called once when draining begins, by whoever begins it: what lasts should end then. Before start().
    void on_drain(std::function<void()> call);
    [[nodiscard]] bool draining() const noexcept;
    // Drains, says Connection: close, lets requests finish (at most until `deadline` has passed), closes the listeners last, joins the threads.
    void stop(std::chrono::milliseconds deadline);
    // Reads the certificate and key again, for new connections. Throws as the constructor does; the old ones then stay.
    void reload_tls();

    // The I/O threads' contexts, for work that belongs to them. Valid from construction to destruction.
    [[nodiscard]] std::vector<executor> executors();
    // How late each I/O thread's timers lately were.
    [[nodiscard]] std::vector<std::chrono::microseconds> loop_delays() const;
    // How long ago the I/O thread that stands still longest was last seen moving.
    [[nodiscard]] std::chrono::nanoseconds oldest_round() const;
    [[nodiscard]] server_snapshot snapshot() const;

private:
    void everywhere(void (worker::*step)(), steady_time last);
    void wait_for_marked(steady_time last);
    void halt();

    std::unique_ptr<server_state> state_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<std::thread> threads_;
    std::uint16_t port_ = 0;
    steady_time drain_began_{};
    std::function<void()> on_drain_;
};

}  // namespace kieng::http

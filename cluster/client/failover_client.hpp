// Talks to a cluster as if it were one server that does not fail: knows who to ask, fails over by itself, repeats only what is
// safe to repeat, and says of every error whether the request took effect. Source: cluster/client/VECTORS.md, "The rules".
//
// One client lives on one io_context: construct it, call it and destroy it there. Any number of calls may run at once. The clock
// and the randomness must outlive it and its io_context. A call ends early through Asio's cancellation of its coroutine
// (terminal); its outcome is then lost to the caller, so use a deadline where the outcome matters.
// Errors: a call never throws for what the network or a server does; the constructor throws std::invalid_argument for a bad url or
// an empty list.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "cluster/client/answer.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kieng::cluster::client {

enum class view_source : std::uint8_t {
    events =
        1,      // GET /api/events, which tells them at once; where that is not to be had, long_poll
    long_poll,  // GET /api/cluster/healthy-servers?since=<view>&wait=25
    every_30s,
    off,
};

struct client_options {
    std::vector<configured_node> servers;
    std::string cluster = {};  // the id they must have; empty: what the first view says
    settings numbers = {};
    view_source views = view_source::events;
    bool probes = true;
    std::chrono::seconds view_wait{25};
    std::chrono::milliseconds view_period{30'000};
    std::string ca_file = {};  // for https; empty: the system's authorities
    std::string user_agent = "kieng-client";
    std::size_t max_body = std::size_t{64} * 1024 * 1024;
    std::size_t max_header = std::size_t{16} * 1024;
    std::size_t kept_per_node = 16;
    std::chrono::milliseconds keep_idle{15'000};
    std::function<double()> jitter = {};  // 0 to 1 each; empty: random
};

struct client_core;

class failover_client {
public:
    failover_client(const executor& where, client_options options,
                    const clock& now = system_clock(), random& bits = system_random());
    ~failover_client();  // stops
    failover_client(const failover_client&) = delete;
    failover_client& operator=(const failover_client&) = delete;

    // `target` is path and query. Host, Content-Length, Connection, Idempotency-Key and Kieng-* are the client's own; all other
    // headers are passed on.
    task<outcome> request(std::string method, std::string target, header_list headers = {},
                          std::string body = {}, call_options how = {});

    // Settles what became of a write: POST /api/requests/{key}/abandon. `headers` carry the caller's authorisation.
    task<resolution> resolve(std::string key, header_list headers = {});

    // State and server events, called on the io_context. Set before the first call.
    void on_event(std::function<void(const event&)> callback);

    // Begins the probes and the view in the background. Not needed for calls.
    void start();
    // Ends the background work and closes every connection; calls under way end as `cancelled`.
    void stop();

    [[nodiscard]] service_state state() const noexcept;
    // Of the view kept; -1 before the first.
    [[nodiscard]] std::int64_t view_number() const noexcept;
    // The newest token seen, and taking one kept from an earlier run.
    [[nodiscard]] const std::string& token() const noexcept;
    void take_token(std::string_view token);

private:
    std::shared_ptr<client_core> core_;
};

}  // namespace kieng::cluster::client

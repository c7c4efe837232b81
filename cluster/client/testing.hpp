// What the tests of this folder share: the cases of vectors.json, and scripted servers on loopback.
#pragma once

#include "base/async.hpp"
#include "cluster/core/client_fleet.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kieng::cluster::client::testing {

using nlohmann::json;

// What went wrong in a case; empty: nothing.
using complaints = std::vector<std::string>;

[[nodiscard]] complaints run_rules_case(const json& one);
[[nodiscard]] complaints run_wire_case(const json& one);

// The numbers with the overrides of a case.
[[nodiscard]] settings settings_of(const json& given);
// The draws of a case, over and over; 0 when it names none.
[[nodiscard]] std::function<double()> jitter_of(const json& given);
// Each member of `wanted` is there with the same value.
void compare(const std::string& where, const json& wanted, const json& found, complaints& out);

// {"kind":"state","state":"ok"}, {"kind":"server","server":..,"from":..,"why":..}, {"kind":"history_changed"}
[[nodiscard]] json json_of(const event& one);
[[nodiscard]] std::string_view name_of(service_state state);

// What reached a server, in the order of arrival at all of them.
struct arrival {
    std::string server;
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    steady_time at;
};

// Compares them with the list `seen` of a case.
void check_seen(const json& wanted, const std::vector<arrival>& seen, complaints& wrong);

// The servers of one case. Lives on one io_context.
class fake_servers {
public:
    fake_servers(const executor& where, const json& scripts);
    ~fake_servers();
    fake_servers(const fake_servers&) = delete;
    fake_servers& operator=(const fake_servers&) = delete;

    [[nodiscard]] std::string url(const std::string& server) const;
    [[nodiscard]] const std::vector<arrival>& seen() const;            // requests of calls
    [[nodiscard]] const std::vector<std::string>& background() const;  // "a /ready"
    // Called after each arrival.
    void on_arrival(std::function<void()> callback);
    void stop();

    struct state;

private:
    std::shared_ptr<state> state_;
};

}  // namespace kieng::cluster::client::testing

// What the parts of one failover client share: its rules, its connections, its executor. Internal to the folder.
//
// Lives on one io_context; held by the client and by every coroutine of it that is still under way.
#pragma once

#include "base/random.hpp"
#include "cluster/client/connection.hpp"
#include "cluster/client/failover_client.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kieng::cluster::client {

struct client_core : std::enable_shared_from_this<client_core> {
    client_core(const executor& on, client_options how, const clock& time, random& chance);

    // A kept connection that is still open, or a new one that must be opened first (`fresh`).
    struct taken {
        std::shared_ptr<connection> to;
        bool fresh = false;
    };
    [[nodiscard]] taken take(std::size_t node);
    void give_back(std::size_t node, std::shared_ptr<connection> used);
    void forget(const std::shared_ptr<connection>& used) { open.erase(used); }
    void tell();  // hands events to the caller's callback and wakes the prober

    executor where;
    client_options options;
    const clock& now;
    random& bits;
    std::shared_ptr<asio::ssl::context> tls;
    client_state rules;
    std::vector<endpoint> endpoints;
    std::vector<std::vector<std::shared_ptr<connection>>> idle;
    std::set<std::shared_ptr<connection>> open;
    std::set<timer*> waiting;  // of calls under way, woken by stop()
    std::function<void(const event&)> on_event;
    timer prober;
    timer watcher;
    bool stopped = false;
};

// One attempt from its connection to its report. `answered` is filled when an answer came.
struct attempt_order {
    std::size_t node = 0;
    std::string method = {};
    std::string head =
        {};  // everything up to and including the empty line, without Host and Kieng-Token
    std::string token = {};
    std::shared_ptr<const std::string> body = {};
    milliseconds connect{0};
    milliseconds first_byte{0};
    bool stale_allowed = false;
};
using attempt_done = std::function<void(report, answer)>;

// Performs it. `done` is called once, unless the connection handed to `started` is closed by the caller before. The body is sent as
// it is, byte for byte.
void start_attempt(std::shared_ptr<client_core> core, attempt_order order,
                   const std::function<void(std::shared_ptr<connection>)>& started,
                   attempt_done done);

// Asks one node one thing outside of any call: a view, a probe. Status 0 when no whole answer came.
task<answer> ask(std::shared_ptr<client_core> core, std::size_t node, std::string target,
                 milliseconds patience);

// The loops behind a client: probes of nodes that are away, and the view of the cluster.
task<> probe_nodes(std::shared_ptr<client_core> core);
task<> watch_view(std::shared_ptr<client_core> core);

// One call of the caller.
task<outcome> run_call(std::shared_ptr<client_core> core, std::string method, std::string target,
                       header_list headers, std::string body, call_options how);

}  // namespace kieng::cluster::client

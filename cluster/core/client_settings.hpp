// The numbers of the failover client, in one place. Source: cluster/client/VECTORS.md, "The rules".
// Plain values. All client_* files of this folder are pure: time, chance and what the network did come in, decisions go out.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace kieng::cluster::client {

using std::chrono::milliseconds;

struct settings {
    int retries = 3;  // after the first attempt
    milliseconds deadline{8000};
    milliseconds first_failover{25};  // at most, to another node
    milliseconds wait_step{50};       // of later waits: full jitter of step x 2^n
    milliseconds wait_cap{1000};
    milliseconds overload_step{1000};  // of waits after 429 and overload
    milliseconds overload_cap{5000};
    milliseconds longest_asked{5000};  // a server that asks for more is not waited for
    milliseconds attempt_min{300};     // to the first byte: 3 x p99 between these two
    milliseconds attempt_max{2000};
    milliseconds attempt_unknown{1000};  // while fewer than latency_samples were seen
    milliseconds body_stall{5000};
    int latency_samples = 20;
    double budget = 10;  // retry tokens; at budget_floor or less there is no retry
    double budget_floor = 5;
    double budget_return = 0.1;
    milliseconds hedge_min{100};
    double hedge_share = 0.05;
    int breaker_in_row = 3;
    int breaker_calls = 5;  // half of at least so many within breaker_window
    milliseconds breaker_window{10'000};
    milliseconds breaker_open{1000};
    milliseconds breaker_open_max{30'000};
    int breaker_good = 2;
    int fail_back_good = 2;
    milliseconds fail_back_stable{5000};
    milliseconds probe_every{1000};
    milliseconds spill{1000};      // how long reads avoid a node that said "overloaded"
    milliseconds spill_floor{50};  // a p95 below this never counts as slow
    milliseconds timer_late{250};  // a timer later than this blames ourselves
};

// One configured server. Without a number of the cluster's own, the order of the list is the priority.
struct configured_node {
    std::string id;   // what events call it until the cluster says its own id; the url when empty
    std::string url;  // "http://host:port", no path
    int priority = 0;
};

}  // namespace kieng::cluster::client

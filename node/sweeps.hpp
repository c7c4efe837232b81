// Work that every node does by itself, again and again. It may run anywhere at any time, because rows decide who gets what (SKIP LOCKED,
// compare-and-set); what must have one runner is a duty (duties.hpp).
//
// The loops live on the executor until its context ends; what they use must outlive it. A failure is tried again with the next round.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace kieng::node {

struct sweep {
    std::string name;  // "orders.expire"
    std::chrono::milliseconds every;
    // Does a batch and says how much it was; less than `full`: there is no more.
    std::function<task<result<int>>()> batch;
    int full = 1;
};

// `may_run` is asked before each batch.
void start_sweeps(const executor& on, const std::function<bool()>& may_run, std::vector<sweep> all);

}  // namespace kieng::node

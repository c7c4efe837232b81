// Who a node is. Plain values.
#pragma once

#include <chrono>
#include <compare>
#include <string>

namespace kieng::cluster {

using node_id = std::string;  // SERVER_ID
using boot_id = std::string;  // uuid of one life of a process; empty: not known yet

// All times of the cluster's decisions: since boot, going on while the host is suspended (clock::boot()).
using instant = std::chrono::nanoseconds;

struct node_identity {
    node_id id;
    boot_id boot;
    std::string url;
    int priority = 0;  // 0 is best; equal priorities go by id
    std::string version;

    friend bool operator==(const node_identity&, const node_identity&) = default;
};

// Whether `a` goes before `b` for the active role.
[[nodiscard]] inline bool better(const node_identity& a, const node_identity& b)
{
    return a.priority != b.priority ? a.priority < b.priority : a.id < b.id;
}

// Two processes with one id: the newer may start when nobody answers at the url, or when the one that answers is itself.
[[nodiscard]] inline bool may_start(const boot_id& own, const boot_id& answered_at_own_url)
{
    return answered_at_own_url.empty() || answered_at_own_url == own;
}

}  // namespace kieng::cluster

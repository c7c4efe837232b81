// The numbers of the cluster's decisions. docs/CLUSTER.md says what each one moves. Plain values.
#pragma once

#include "cluster/core/node_identity.hpp"

#include <chrono>
#include <cstdint>

namespace kieng::cluster {

using namespace std::chrono_literals;

struct cluster_settings {
    instant tick = 50ms;              // the runtime feeds `tick` this often
    instant beat_every = 250ms;       // L1
    int beats_missed = 4;             // before a node is suspected
    instant reconnect_within = 50ms;  // L0: how long a refused or accepted connection may take
    instant reconnect_every = 250ms;  // while a stream is closed; each second after 10 s
    instant probe_every = 100ms;      // L2: asking the others again
    instant probe_patience = 400ms;   // after it a node that does not answer counts as no witness
    instant lock_check_soon = 5ms;    // L3: PostgreSQL frees a dead node's lock within moments, ...
    instant lock_check_every = 50ms;  // ... so ask seldom once it was held for so long
    instant lock_trust_after = 500ms;  // own session younger: "free" may mean PostgreSQL restarted
    instant heartbeat_every = 30s;     // L4, +-10 %
    instant heartbeat_late = 35s;
    instant loops_stuck = 1s;
    instant blame_after = 250ms;  // own timer this late: blame ourselves ...
    instant blame_for = 5s;       // ... for so long

    instant database_every = 500ms;  // a read of the lease row (also the pulse of PostgreSQL)
    instant database_retry = 100ms;  // after a failed one
    instant database_patience = 1s;  // no answer for so long: lost
    instant database_slow = 250ms;   // an answer that took longer
    instant later_than_loss =
        250ms;  // a peer answered so long after our loss: it was not cut with us
    instant outage_confirm = 1250ms;  // ... and went on so long since: the outage is ours alone
    instant lease_ttl = 3s;
    instant renew_every = 1s;
    instant deadline_margin = 500ms;  // the holder stops so long before the lease ends
    instant renewal_overdue =
        1500ms;                   // since the last renewal: the holder of a silent node is gone
    instant expiry_trust = 3s;    // of answered reads, before expiry counts
    instant blamed_expiry = 10s;  // expired for longer: even a node that blames itself may take it
    instant candidate_step = 150ms;  // x rank
    instant candidate_jitter = 50ms;
    instant statement_window = 500ms;  // a takeover that waited longer does nothing
    instant handover_wait = 1s;        // others leave the named node so long
    instant failback_after = 30s;
    instant failback_window = 10min;
    instant failback_most = 10min;
    instant drain_before_resign = 2s;
    instant clock_skew_warned = 5s;

    std::uint64_t seed = 1;  // of the jitter; from base/random
};

}  // namespace kieng::cluster

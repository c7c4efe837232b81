// What nodes tell each other, as far as decisions need it. cluster/wire gives it a form. Plain values.
#pragma once

#include "base/clock.hpp"
#include "cluster/core/cluster_words.hpp"
#include "cluster/core/node_identity.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster {

using opinions = std::map<node_id, member_state>;

// L1: one line of a peer stream, every 250 ms.
struct beat {
    std::int64_t epoch = 0;
    std::int64_t pos = 0;
    std::int64_t applied = 0;
    std::int64_t view = 0;
    database_state database = database_state::unknown;
    std::optional<instant> database_age;  // since it last had an answer of PostgreSQL
    instant loops_age{0};                 // of its I/O loops' oldest tick
    bool draining = false;
    bool resigned = false;  // gave its role up and has not read since that another took it
    bool active = false;    // runs the duties
    bool self_blame = false;
    bool kept = false;  // has the role because an operator gave it to this node: docs/CLUSTER.md
    std::optional<opinions> held;  // of its peers; nothing when they could not be carried
};

// The rolling hash (rolling_hash.hpp) of the block of positions that ends with `pos`.
struct hash_mark {
    std::int64_t pos = 0;  // the last position of the block
    std::uint64_t value = 0;
    friend bool operator==(const hash_mark&, const hash_mark&) = default;
};

// What a node knows of its own house, beyond being alive.
struct disk_space {
    std::uint64_t free = 0;  // bytes
    std::uint64_t total = 0;
    friend bool operator==(const disk_space&, const disk_space&) = default;
};
struct node_condition {
    std::string settings_hash;  // of those that all nodes should share
    std::optional<wall_time> certificate_expires;
    std::optional<disk_space> disk;  // of the log
};

// Acknowledged history is gone.
struct history_loss {
    std::int64_t incarnation = 0;  // the history that lacks something
    std::string how;               // for people: what proves it
    wall_time at{};
    friend bool operator==(const history_loss&, const history_loss&) = default;
};

// A reader of the outbox, as PostgreSQL has it.
struct consumer_lag {
    std::string name;
    std::int64_t behind = 0;      // positions
    std::chrono::seconds age{0};  // of the oldest one that it has not read
};

// L4: the full state, both as the request and as its answer.
struct heartbeat {
    node_identity node;
    beat state;
    std::int64_t incarnation = 0;
    node_condition condition;
    std::vector<hash_mark> marks;
    std::optional<history_loss> lost;
};

// L2: does the witness hear the target?
struct probe_answer {
    node_id witness;
    node_id target;
    bool known = false;  // the witness has heard it at all
    instant heard_ago{0};
};

// How long the parts of a takeover took.
struct takeover_phases {
    std::optional<instant> detect;    // first sign -> evidence
    std::optional<instant> decide;    // evidence -> statement sent
    std::optional<instant> fence;     // sent -> the row changed (waits for the old holder's duties)
    std::optional<instant> announce;  // changed -> every living node said so
    // Nothing where nothing was measured.
    [[nodiscard]] std::optional<instant> total() const
    {
        if (!detect && !decide && !fence && !announce) return std::nullopt;
        return detect.value_or(instant{0}) + decide.value_or(instant{0}) +
               fence.value_or(instant{0}) + announce.value_or(instant{0});
    }
    friend bool operator==(const takeover_phases&, const takeover_phases&) = default;
};

// Sent at once over the streams.
struct resigned_notice {
    std::int64_t epoch = 0;
    std::optional<node_id> to;  // who shall take it
    bool by_operator = false;   // whose wish it was, and not this node's own
};
struct active_notice {
    std::int64_t epoch = 0;
    node_id holder;
    boot_id boot;
    std::optional<takeover_reason> reason;  // absent when told by a node of another version
};

}  // namespace kieng::cluster

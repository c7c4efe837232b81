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

// L4: the full state, both as the request and as its answer.
struct heartbeat {
    node_identity node;
    beat state;
    std::int64_t incarnation = 0;
    std::string settings_hash;
    std::optional<wall_time> certificate_expires;
    std::optional<std::uint64_t> disk_free_bytes;
    std::vector<hash_mark> marks;
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

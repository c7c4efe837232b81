// The lines of a peer stream, without their counter and mac (stream_seal.hpp): the beat, and what else peers tell each other at once. One
// line is a letter and fields parted by one space; numbers are in base 36, "-" is nothing.
//
//   B <epoch> <pos> <applied> <view> <database> <its age, ms> <loops' age, ms> <flags> <members> <opinions>     a beat, every 250 ms
//   E <counter>                        echo: the line with this counter came in; gives the round trip, and says that the way there works
//   A <question> <node>                ask: do you hear this node?
//   T <question> <node> <ms|->         tell: it was heard this long ago, or never
//   R <epoch> <node|-> [o]             resigned: the active role is free, nobody need wait for the lease; who shall take it; o: an operator
//                                      said so
//   N <epoch> <node> <boot> <why|->    now active
//   H <node|->                         hand the active role over (to this node), as an operator asked another node
//   G                                  goodbye: this process ends on purpose
//
// Opinions are one letter per member, in the order of the ids; <members> is a check of the list of ids, and a beat whose list is not
// the receiver's own carries no opinions for it (the heartbeat has them by name). A beat stays under 100 bytes for up to 12 members.
// A line of an unknown letter, and fields behind the known ones, are passed over: a newer node may say more.
// Plain values and pure functions, thread safe.
#pragma once

#include "cluster/core/cluster_messages.hpp"
#include "cluster/wire/words.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kieng::cluster::wire {

// A beat as it stands in the line: times in whole milliseconds up to kLongestBeatAge, opinions by place in the list of members.
struct beat_line {
    std::int64_t epoch = 0;
    std::int64_t pos = 0;
    std::int64_t applied = 0;
    std::int64_t view = 0;
    database_state database = database_state::unknown;
    std::optional<std::chrono::milliseconds> database_age;
    std::chrono::milliseconds loops_age{0};
    bool draining = false;
    bool resigned = false;
    bool active = false;
    bool self_blame = false;
    bool kept = false;
    std::vector<member_state>
        members;                      // one per id of the sender's sorted list, its own among them
    std::uint32_t members_check = 0;  // members_check_of that list; 0 when there is none

    friend bool operator==(const beat_line&, const beat_line&) = default;
};
inline constexpr std::chrono::milliseconds kLongestBeatAge{46'655};  // what is longer says this

struct echo_line {
    std::uint64_t counter = 0;
    friend bool operator==(const echo_line&, const echo_line&) = default;
};

struct ask_line {
    std::uint64_t question = 0;
    node_id target;
    friend bool operator==(const ask_line&, const ask_line&) = default;
};

struct tell_line {
    std::uint64_t question = 0;
    node_id target;
    std::optional<std::chrono::milliseconds> heard_ago;  // nothing: never heard
    friend bool operator==(const tell_line&, const tell_line&) = default;
};

struct resigned_line {
    std::int64_t epoch = 0;  // the epoch that ends
    std::optional<node_id> to;
    bool by_operator = false;
    friend bool operator==(const resigned_line&, const resigned_line&) = default;
};

struct active_line {
    std::int64_t epoch = 0;
    node_id holder;
    boot_id boot;
    std::optional<takeover_reason> reason;  // nothing: one that a newer version has
    friend bool operator==(const active_line&, const active_line&) = default;
};

struct handover_line {
    std::optional<node_id> to;
    friend bool operator==(const handover_line&, const handover_line&) = default;
};

struct goodbye_line {
    friend bool operator==(const goodbye_line&, const goodbye_line&) = default;
};

// A line of a kind this version does not know.
struct unknown_line {
    friend bool operator==(const unknown_line&, const unknown_line&) = default;
};

using peer_line = std::variant<beat_line, echo_line, ask_line, tell_line, resigned_line,
                               active_line, handover_line, goodbye_line, unknown_line>;

inline constexpr std::size_t kLongestLine = 256;  // without counter and mac

// REQUIRES: not an unknown_line; node ids are is_node_id, boot ids uuids; numbers are not negative.
[[nodiscard]] std::string write_line(const peer_line& what);
// Nothing for any text that is not a line.
[[nodiscard]] std::optional<peer_line> read_line(std::string_view text);

// To and from what the decisions speak of. `members`: the ids of all members, sorted, the sender among them. A beat made for another list
// comes back without opinions; the sender's own place is left out.
[[nodiscard]] beat_line to_line(const beat& what, const std::vector<node_id>& members);
[[nodiscard]] beat from_line(const beat_line& what, const node_id& sender,
                             const std::vector<node_id>& members);
[[nodiscard]] tell_line to_line(const probe_answer& what, std::uint64_t question);
[[nodiscard]] probe_answer from_line(const tell_line& what, const node_id& sender);
[[nodiscard]] resigned_line to_line(const resigned_notice& what);
[[nodiscard]] resigned_notice from_line(const resigned_line& what);
[[nodiscard]] active_line to_line(const active_notice& what);
[[nodiscard]] active_notice from_line(const active_line& what);

[[nodiscard]] std::uint32_t members_check_of(const std::vector<node_id>& ids);

}  // namespace kieng::cluster::wire

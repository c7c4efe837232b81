// The lines of a peer stream, without their counter and mac (stream_seal.hpp): the beat, and what else peers tell each other
// at once. One line is a letter and fields parted by one space; numbers are in base 36.
//
//   B <epoch> <pos> <applied> <view> <database> <tick> <flags> <members> <opinions>     a beat, every 250 ms
//   E <counter>                    echo: the beat with this counter came in; gives the round trip, and says that the way there works
//   A <question> <node>            ask: do you reach this node?
//   T <question> <node> <opinion> <milliseconds>    tell: the answer, and how long ago the node was last heard
//   R <epoch>                      resign: the active role is free, nobody need wait for the lease
//   N <epoch> <view> <node>        now active
//   G                              goodbye: this process ends on purpose
//
// Opinions are one letter per member, in the order of the ids; <members> is a check of the list of ids, and a beat whose list is not
// the receiver's own carries no opinions for it (the heartbeat has them by name). A beat stays under 100 bytes for up to 12 members.
// A line of an unknown letter, and fields behind the known ones, are passed over: a newer node may say more.
// Plain values and pure functions, thread safe.
#pragma once

#include "cluster/wire/words.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kieng::cluster::wire {

struct beat {
    std::int64_t epoch = 0;
    std::int64_t pos = 0;
    std::int64_t applied = 0;
    std::int64_t view = 0;
    database_word database = database_word::unknown;
    std::chrono::milliseconds oldest_tick{
        0};  // age of the io loops' oldest tick; from 46,655 ms on it says 46,655
    bool draining = false;
    bool resigned = false;            // was active, and is so no more until it says otherwise
    bool active = false;              // holds the lease, as far as it knows
    bool self_blame = false;          // its own timers came late: it accuses nobody
    std::vector<opinion> members;     // one per id of the sender's sorted list, its own among them
    std::uint32_t members_check = 0;  // members_check_of that list; 0 when there is none

    friend bool operator==(const beat&, const beat&) = default;
};

struct echo {
    std::uint64_t counter = 0;
    friend bool operator==(const echo&, const echo&) = default;
};

struct ask {
    std::uint64_t question = 0;
    std::string about;
    friend bool operator==(const ask&, const ask&) = default;
};

struct tell {
    std::uint64_t question = 0;
    std::string about;
    opinion what = opinion::unknown;
    std::chrono::milliseconds last_heard{0};  // ago
    friend bool operator==(const tell&, const tell&) = default;
};

struct resign {
    std::int64_t epoch = 0;  // the epoch that ends
    friend bool operator==(const resign&, const resign&) = default;
};

struct now_active {
    std::int64_t epoch = 0;
    std::int64_t view = 0;
    std::string node;
    friend bool operator==(const now_active&, const now_active&) = default;
};

struct goodbye {
    friend bool operator==(const goodbye&, const goodbye&) = default;
};

// A well-formed line of a kind this version does not know.
struct unknown_line {
    friend bool operator==(const unknown_line&, const unknown_line&) = default;
};

using peer_line = std::variant<beat, echo, ask, tell, resign, now_active, goodbye, unknown_line>;

inline constexpr std::size_t kLongestLine = 256;  // without counter and mac

// REQUIRES: not an unknown_line; node ids are is_node_id; numbers are not negative.
[[nodiscard]] std::string write_line(const peer_line& what);
// Nothing for any text that is not a line.
[[nodiscard]] std::optional<peer_line> read_line(std::string_view text);

// Writing and reading the opinions of a beat by id. `ids`: all members, sorted, the sender among them.
[[nodiscard]] std::uint32_t members_check_of(const std::vector<std::string>& ids);
void set_opinions(beat& on, const std::vector<std::string>& ids, const opinions& held);
// Nothing when the beat was made for another list of ids.
[[nodiscard]] std::optional<opinions> opinions_of(const beat& from,
                                                  const std::vector<std::string>& ids);

}  // namespace kieng::cluster::wire

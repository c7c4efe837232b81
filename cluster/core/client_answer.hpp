// What one attempt came to, and what that means: whether another node would help, whether to wait, whether to stop, and whether
// the request took effect. Source: cluster/client/VECTORS.md, "The rules", classification.
// Pure, thread safe.
#pragma once

#include "base/result.hpp"
#include "cluster/core/client_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::client {

// How an attempt ended.
enum class ending : std::uint8_t {
    answer = 1,   // head and body came whole
    unreachable,  // no byte of the request can have left: refused, no route, no name, TLS failed
    lost,         // the connection ended, or talked nonsense, before a whole head came
    timeout,      // no first byte in time
    broken,       // the head came; the body was cut, stalled or is not what the head says
    foreign,      // another cluster, or something that redirects: not one of our nodes
};

enum class fault_scope : std::uint8_t { request = 1, node, shared };
enum class retry_where : std::uint8_t { none = 1, same, other };

// The three members of a problem that make failover right, as far as the answer had them.
struct problem {
    std::string code = {};
    std::optional<fault_scope> scope = {};
    std::optional<committed> effect = {};
    std::optional<retry_where> where = {};
};

struct report {
    ending how = ending::answer;
    int status = 0;  // of answer and broken
    problem said = {};
    milliseconds asked{0};    // the larger of Retry-After and retry.afterMs
    std::string token = {};   // Kieng-Token of the answer
    milliseconds latency{0};  // to the first byte
    bool stale = false;  // an answer to Kieng-Allow-Stale that is older than the caller's token
    bool ours = false;  // noticed by a late timer, or while we are offline: nobody else is to blame
};

enum class verdict : std::uint8_t {
    accept = 1,   // hand it to the caller
    other_node,   // at once, on another node
    same_node,    // wait, then once more
    shared_wait,  // wait; no other node would help
    drop_token,   // history changed: forget the token and ask once more
    stop,         // hand the refusal to the caller
};

struct judgement {
    verdict what = verdict::stop;
    committed effect = committed::no;  // of this attempt, were it a write
    bool overload = false;             // wait longer, blame nobody
    bool spill = false;                // reads go elsewhere for a while
    bool blame = false;                // a failure for the breaker
    bool leave = false;                // the node loses its standing at once
    int weight = 0;                    // of several errors the heaviest is reported
};

[[nodiscard]] judgement judge(const report& what);

// Of several failed attempts of one write: yes wins, then unknown. `abandoned` is the only refusal that settles
// what earlier attempts left open.
[[nodiscard]] committed merge(committed before, const report& what, committed effect);

[[nodiscard]] std::string_view name_of(ending how) noexcept;
[[nodiscard]] std::string_view name_of(verdict what) noexcept;
[[nodiscard]] std::string_view name_of(committed effect) noexcept;

// Reads a Retry-After: seconds, or a date counted from `date` (the answer's own Date, so that clocks need not agree) or, without
// one, from `now`. Nothing for any other text. A date gone by is 0.
[[nodiscard]] std::optional<milliseconds> parse_retry_after(std::string_view text,
                                                            std::string_view date, wall_time now);

}  // namespace kieng::cluster::client

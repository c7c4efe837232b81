// The full state of a node as peers tell it each other, at start and every HEARTBEAT_INTERVAL: the body of
// POST /api/cluster/heartbeat, and its answer.
//
// Reading is strict about the members it knows and passes over those it does not know, so that a newer node may say more.
// Plain values and pure functions, thread safe; errors: payload_too_large, malformed_json, validation_failed.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cluster/wire/words.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

inline constexpr std::size_t kLongestHeartbeat = 64 * 1024;

// The rolling hash over (pos, entityId), as it stood at a multiple of 1,000 positions.
struct rolling_mark {
    std::int64_t pos = 0;
    std::uint64_t value = 0;

    friend bool operator==(const rolling_mark&, const rolling_mark&) = default;
};

struct heartbeat_message {
    std::string node;  // id
    std::string url;   // where peers and clients reach it: http:// or https://
    std::string boot;  // uuid of this life of the process
    int priority = 0;  // 0 is best
    std::string version;
    std::string settings_hash;     // of the settings all nodes should share; hex
    std::int64_t incarnation = 0;  // 0: has not seen the database yet
    std::int64_t epoch = 0;        // the newest it knows
    role_word role = role_word::standby;
    std::int64_t view = 0;
    std::int64_t pos = 0;      // head of the history, as last read
    std::int64_t applied = 0;  // all up to here has been applied
    std::optional<rolling_mark> rolling;
    database_word database = database_word::unknown;
    std::optional<std::chrono::microseconds> database_time;  // of its last answer
    wall_time sent_at{};
    std::chrono::seconds uptime{0};
    std::optional<wall_time> certificate_expires;
    std::optional<std::uint64_t> disk_free_bytes;
    opinions peers;
    bool draining = false;

    friend bool operator==(const heartbeat_message&, const heartbeat_message&) = default;
};

// The answer: the receiver's own state (its sent_at is the time of the answer) and when the heartbeat came in.
struct heartbeat_answer {
    heartbeat_message state;
    wall_time received_at{};

    friend bool operator==(const heartbeat_answer&, const heartbeat_answer&) = default;
};

[[nodiscard]] std::string write_heartbeat(const heartbeat_message& what);
[[nodiscard]] result<heartbeat_message> read_heartbeat(std::string_view body);
[[nodiscard]] std::string write_heartbeat_answer(const heartbeat_answer& what);
[[nodiscard]] result<heartbeat_answer> read_heartbeat_answer(std::string_view body);

// What four times of one exchange tell (RFC 5905 §8): how far the other clock is ahead of ours, and the round trip without
// the other side's work. The offset is exact to half the round trip.
struct clock_reading {
    std::chrono::microseconds offset{0};
    std::chrono::microseconds round_trip{0};
};
[[nodiscard]] clock_reading compare_clocks(wall_time sent, wall_time received, wall_time answered,
                                           wall_time returned) noexcept;

}  // namespace kieng::cluster::wire

// The full state of a node as peers tell it each other, at start and every HEARTBEAT_INTERVAL: the body of
// POST /api/cluster/heartbeat, and its answer.
//
// Reading is strict about the members it knows and passes over those it does not know, so that a newer node may say more. Ages are whole
// milliseconds on the wire. Plain values and pure functions, thread safe; errors: payload_too_large, malformed_json, validation_failed.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cluster/core/cluster_messages.hpp"
#include "cluster/wire/words.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

inline constexpr std::size_t kLongestHeartbeat = 64 * 1024;
inline constexpr std::size_t kMostMarks = 64;  // of the rolling hash

struct heartbeat_message {
    heartbeat state;
    wall_time sent_at{};
    std::chrono::seconds uptime{0};
};

// The receiver's own state, and when the heartbeat came in and the answer left, both by its clock: with the sender's two times they
// tell the offset of the clocks (cluster/core/clock_offset.hpp).
struct heartbeat_answer {
    heartbeat_message answer;
    wall_time received_at{};
};

// REQUIRES: the node has an id, an http:// or https:// url and a boot id.
[[nodiscard]] std::string write_heartbeat(const heartbeat_message& what);
[[nodiscard]] result<heartbeat_message> read_heartbeat(std::string_view body);
[[nodiscard]] std::string write_heartbeat_answer(const heartbeat_answer& what);
[[nodiscard]] result<heartbeat_answer> read_heartbeat_answer(std::string_view body);

}  // namespace kieng::cluster::wire

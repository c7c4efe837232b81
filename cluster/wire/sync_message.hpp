// The body of a push, POST /api/sync/receive: whole positions of the write history, as
// {"incarnation","from","positions":[{"pos","events":[{"seq","type","entity","entityId","version","tags","at","trace","data"}]}]}.
//
// Positions come in any order and may come again. A position is never split: one that passes a limit goes as
// {"pos","fetch":true}, and the receiver reads it from the outbox. Reading is strict about what it knows and passes over
// members it does not know, so that a newer node may say more.
// Plain values and pure functions, thread safe; errors are named at each function.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::wire {

// What one message may hold. The reader refuses more; the packer never writes more.
struct sync_limits {
    static constexpr std::size_t kBytes = 256 * 1024;
    static constexpr std::size_t kEvents = 500;  // of all positions together
    static constexpr std::size_t kPositions = 500;
    static constexpr std::size_t kName = 100;    // code points of a type and of an entity
    static constexpr std::size_t kTags = 1'000;  // of one event
    static constexpr std::size_t kTag = 1'000;   // code points of one tag
    static constexpr std::size_t kTrace = 200;   // code points
};

// One row of the outbox. Its place in the position is its seq: the first is 1.
struct sync_event {
    std::string type;
    std::string entity;
    std::string entity_id;  // canonical uuid, or empty
    std::int64_t version = 0;
    std::vector<std::string> tags;
    wall_time at{};     // microseconds are kept
    std::string trace;  // traceparent of the write, or empty
    std::string data;   // JSON object text

    friend bool operator==(const sync_event&, const sync_event&) = default;
};

struct sync_position {
    std::int64_t pos = 0;
    std::vector<sync_event> events;  // in order of seq; empty when `fetch`
    bool fetch = false;              // too large for a message: read it from the outbox

    friend bool operator==(const sync_position&, const sync_position&) = default;
};

struct sync_message {
    std::int64_t incarnation = 0;
    std::string from;  // node id
    std::vector<sync_position> positions;

    friend bool operator==(const sync_message&, const sync_message&) = default;
};

// Errors: payload_too_large, malformed_json, validation_failed (with the pointer of each fault).
[[nodiscard]] result<sync_message> read_sync_message(std::string_view body);

// {"applied":n}: how far the receiver has come.
[[nodiscard]] std::string write_sync_answer(std::int64_t applied);
// Errors: malformed_json, validation_failed.
[[nodiscard]] result<std::int64_t> read_sync_answer(std::string_view body);

}  // namespace kieng::cluster::wire

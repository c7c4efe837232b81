// What this node says of itself: one value, two forms (the health+json draft's JSON, and lines for people).
// Pure functions over figures that are already in memory; thread safe.
#pragma once

#include "base/clock.hpp"
#include "node/platform/http/request.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::node {

struct health_figures {
    std::string server_id, boot_id, version;
    std::chrono::seconds uptime{0};
    std::int64_t pos = 0;
    bool started = false;   // bound, migrated, first owner there
    bool draining = false;  // SIGTERM was received
    bool database = false;  // PostgreSQL answered within the last second
    std::chrono::microseconds database_time{0};
    std::string database_why;
    std::chrono::microseconds loop_delay{0};
    std::uint64_t resident_bytes = 0;
    wall_time at{};

    // The node takes requests that need PostgreSQL to have been there.
    [[nodiscard]] bool ready() const noexcept { return started && !draining; }
};

enum class requirement : std::uint8_t { none = 1, ready, writes };

// Whether the answer is 200 (else 503). A database outage alone stays 200, so that no balancer drops every node.
[[nodiscard]] bool satisfies(const health_figures& now, requirement what) noexcept;

// `with_reasons`: error texts, for signed-in callers only.
[[nodiscard]] std::string health_json(const health_figures& now, http::language in,
                                      bool with_reasons);
[[nodiscard]] std::string health_text(const health_figures& now, http::language in,
                                      bool with_reasons);

}  // namespace kieng::node

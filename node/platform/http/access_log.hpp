// One JSON line per request, gathered per I/O thread and handed to the log in batches. Never holds query strings, tokens or
// bodies. Not thread safe: one per I/O thread.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::http {

// id, method, route, address and trace must be of the forms the guards let through (no quotes, controls or backslashes).
struct access_line {
    std::string_view id;
    std::string_view method;
    std::string_view path;   // as received, without the query
    std::string_view route;  // as in the route table, empty if none
    std::string_view user;
    std::string_view address;
    std::string_view trace;
    int status = 0;
    std::size_t bytes = 0;
    std::int64_t microseconds = 0;
    bool cached = false;
};

class access_log {
public:
    static constexpr std::size_t kBatchBytes = 32'768;

    access_log(bool on, std::string_view server_id);
    void add(const access_line& line, wall_time at);
    // Hands over what was gathered; called by a timer.
    void flush();

private:
    void append_time(wall_time at);

    const bool on_;
    std::string middle_;  // `Z","level":"info","node":"server-a","event":"request","id":`
    std::string lines_;
    std::int64_t second_ = -1;
    std::string second_text_;  // `{"at":"2026-11-20T09:03:00.`
};

}  // namespace kieng::http

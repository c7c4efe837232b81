// Every limit of the HTTP server in one table: the numbers, what they are called in docs/openapi.yaml (x-limits), and what a
// client gets that passes them. Tests iterate limit_table(); nothing else names a limit's value.
#pragma once

#include "base/errc.hpp"
#include "base/json_reader.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace kieng::http {

struct limits {
    std::size_t target_bytes = 8192;
    std::size_t header_bytes = 8192;
    std::size_t header_fields = 100;
    std::size_t body_bytes = 1'048'576;
    std::size_t stream_bytes = 536'870'912;
    std::size_t chunk_line_bytes = 256;  // one chunk-size line with its extensions
    std::size_t trailer_bytes = 4096;
    std::size_t body_bytes_per_second = 1024;
    std::chrono::milliseconds body_grace{10'000};  // before the rate above counts
    std::chrono::milliseconds header_time{
        10'000};  // from the first byte (or the connection) to the end of the header
    std::chrono::milliseconds idle_time{60'000};
    std::chrono::milliseconds write_stall{15'000};
    std::chrono::milliseconds linger{
        2'000};  // reading on after a refusal, so that the client sees the answer
    std::size_t linger_bytes = 262'144;
    std::size_t discard_bytes =
        65'536;  // an unread body up to this size does not cost the connection
    std::size_t handlers_per_thread = 1024;
    std::size_t connections = 10'000;             // MAX_CONNECTIONS
    std::size_t connections_per_address = 1'000;  // MAX_CONNECTIONS_PER_ADDRESS
};

// One row for people and tests: what passing the limit answers; 0 where the connection is just closed.
struct limit_row {
    std::string_view name;
    std::size_t value;
    int status;
};

[[nodiscard]] inline std::array<limit_row, 17> limit_table(const limits& l)
{
    const auto ms = [](std::chrono::milliseconds t) { return static_cast<std::size_t>(t.count()); };
    return {{{"urlBytes", l.target_bytes, 414},
             {"headerBytes", l.header_bytes, 431},
             {"headerFields", l.header_fields, 431},
             {"bodyBytes", l.body_bytes, 413},
             {"streamBytes", l.stream_bytes, 413},
             {"headerMilliseconds", ms(l.header_time), 408},
             {"bodyBytesPerSecond", l.body_bytes_per_second, 408},
             {"bodyGraceMilliseconds", ms(l.body_grace), 408},
             {"jsonDepth", kMaxJsonDepth, 400},
             {"idleMilliseconds", ms(l.idle_time), 0},
             {"writeStallMilliseconds", ms(l.write_stall), 0},
             {"chunkLineBytes", l.chunk_line_bytes, 400},
             {"trailerBytes", l.trailer_bytes, 431},
             {"handlersPerThread", l.handlers_per_thread, 503},
             {"connections", l.connections, 503},
             {"connectionsPerAddress", l.connections_per_address, 503},
             {"discardBytes", l.discard_bytes, 0}}};
}

}  // namespace kieng::http

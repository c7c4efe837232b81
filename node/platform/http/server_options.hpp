// How a server is set up. Plain values; what is left out is fit for tests and single machines.
#pragma once

#include "node/platform/http/limits.hpp"
#include "node/platform/http/permission.hpp"
#include "node/platform/http/request.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::http {

struct server_options {
    std::string bind_address =
        "::";                // "::" takes IPv4 too and falls back to 0.0.0.0 where there is no IPv6
    std::uint16_t port = 0;  // 0: any free one; server::port() tells
    std::size_t io_threads = 1;
    limits within;

    std::string tls_cert;  // PEM files; both or none
    std::string tls_key;

    std::string server_id;  // member "node" of access log lines
    bool access_log = true;
    language default_language = language::vi;

    std::vector<std::string> cors_origins;             // "https://shop.example" or "*"
    std::vector<std::string> trusted_proxies;          // addresses or CIDR ranges
    std::int64_t requests_per_second_per_address = 0;  // 0: no limit; the burst is twice the rate
    std::int64_t requests_per_second_per_user = 0;

    // What the platform must know of permissions without knowing their names:
    permission_set ignores_token;  // routes that never read Authorization
    permission_set
        always_answered;  // routes that are answered under overload, before ready, and beyond rate limits
    permission_set streams_events;  // routes that answer text/event-stream and nothing else
    permission_set offers_text;     // routes that may answer text/plain or text/csv

    std::string web_root;  // folder of the web app, served under /app/; empty: none
    std::vector<std::string> connect_sources;  // origins the web app may call besides its own

    bool ready = true;  // false: other routes answer `starting` until set_ready(true)
    // A stop: so long all goes on as before, while health tells balancers to go elsewhere; then answers say Connection: close for so
    // long, at most, before idle connections are closed.
    std::chrono::milliseconds drain_time{2'000};
    std::chrono::milliseconds close_time{500};
};

}  // namespace kieng::http

// One request on its way through the server: what the guards found out and what the answer needs. Internal to this folder.
//
// Views point into the connection's buffer until keep() has copied what they show. Used on one I/O thread.
#pragma once

#include "node/platform/http/head.hpp"
#include "node/platform/http/rate_limiter.hpp"
#include "node/platform/http/router.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kieng::http {

struct exchange {
    std::string_view method_text;
    std::optional<verb> method;
    std::string_view path;   // as received
    std::string_view query;  // as received
    router::match to;
    framing body;
    int minor = 1;
    bool keep_alive = false;  // the connection stays open behind the answer
    bool expects_continue = false;
    language lang = language::vi;
    std::string id;
    std::string_view trace;
    std::string_view allow_origin;  // what Access-Control-Allow-Origin says, empty: nothing
    std::string_view if_none_match;
    std::string address;
    bool secure = false;  // TLS here or at the proxy
    bool gzip = false;
    const caller* who = nullptr;
    std::optional<caller> signed_in;  // owns *who when a token came
    std::optional<peer_pass> peer;
    std::optional<failure>
        token_fault;  // a token came, does not count, and the route overlooks that
    std::int64_t seen_pos = 0;
    std::optional<std::chrono::seconds> allow_stale;  // Kieng-Allow-Stale
    std::optional<std::string_view> key;              // Idempotency-Key
    rate_limiter::verdict by_address;
    rate_limiter::verdict by_user;
    bool limited_by_address = false;  // whether the bucket was asked
    bool limited_by_user = false;
    steady_time began{};
    wall_time began_wall{};

    // For the log and the counters:
    int status = 0;
    std::size_t bytes = 0;
    bool cached = false;

    std::string kept;  // what the views point to once the buffer is needed for the body

    void clear();
    // Copies what the views show, so that the connection's buffer can be read into.
    void keep();
    [[nodiscard]] bool wants_head_only() const noexcept { return method == verb::head; }
};

}  // namespace kieng::http

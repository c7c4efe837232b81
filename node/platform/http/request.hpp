// A request as handlers see it: parsed, within all limits, its caller known. Free of any HTTP library's types.
//
// Owned by the session for as long as the handler runs; handlers take it by reference and must not keep it.
// Used on one I/O thread only.
#pragma once

#include "base/async.hpp"
#include "base/encoding.hpp"
#include "base/result.hpp"
#include "node/platform/http/caller.hpp"
#include "node/platform/http/peer_gate.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::http {

enum class verb : std::uint8_t { get = 1, head, post, put, patch, del, options };
[[nodiscard]] std::string_view name_of(verb v) noexcept;

enum class language : std::uint8_t { vi = 1, en };
[[nodiscard]] std::string_view name_of(language l) noexcept;

// Reads a body that arrives while the handler runs (routes with body_kind::stream).
class body_source {
public:
    virtual ~body_source() = default;
    // The next piece, empty at the end. Errors: payload_too_large, request_timeout, malformed_request.
    virtual task<result<std::string>> read() = 0;
};

struct request {
    verb method = verb::get;
    std::string target;                                        // as received: path and query
    std::string path;                                          // decoded, without the optional /v1
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::vector<std::pair<std::string_view, std::string>>
        params;                     // of the route's path: {"id", "..."}
    std::string body;               // whole body, unless the route streams it
    body_source* stream = nullptr;  // set for routes that stream
    caller who;
    std::optional<peer_pass> peer;       // on routes for peers
    std::optional<failure> token_fault;  // a token came and does not count (permission::any_token)
    language lang = language::vi;
    std::string id;       // X-Request-Id
    std::string trace;    // traceparent, empty if none
    std::string address;  // the client's, behind trusted proxies the forwarded one
    std::optional<std::string> idempotency_key;  // checked: 16-100 visible ASCII characters
    bool cut_off = false;                        // PostgreSQL answers other nodes, not this one
    std::int64_t seen_pos = 0;                   // from a valid Kieng-Token; 0 if none
    // A handler that waits for something to happen calls it before: from then on it counts as none at work. How many wait is the
    // handler's business.
    std::function<void()> rests;
    std::shared_ptr<const std::atomic<bool>>
        left;  // true once the client is seen to have gone; any thread may look

    [[nodiscard]] std::optional<std::string_view> header(
        std::string_view lower_case_name) const noexcept;
    [[nodiscard]] std::string_view param(
        std::string_view name) const noexcept;  // empty if the route has none
    [[nodiscard]] std::optional<std::string_view> query_value(
        std::string_view name) const noexcept;  // the first

    // SHA-256 over method, target and body: what makes two requests the same for idempotency (docs/ARCHITECTURE.md).
    [[nodiscard]] digest fingerprint() const;
};

// Takes the query string apart strictly, as object_reader does for bodies: unknown, doubled or wrong parameters are
// faults with the pointer "query:<name>".
class query_reader {
public:
    query_reader(const request& from, std::vector<field_fault>& faults);

    std::optional<std::string> text(std::string_view name, std::size_t max = 200);
    // Whether the parameter is there, with or without a value ("?text").
    bool flag(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<bool> boolean(std::string_view name);  // true|false
    std::optional<std::string> choice(std::string_view name,
                                      const std::vector<std::string_view>& allowed);
    std::optional<std::string> uuid(std::string_view name);
    void fault(std::string_view name, fault_code code, std::string allowed = {});
    // Call last: parameters nobody asked for are unknown.
    void finish();

private:
    std::optional<std::string_view> value(std::string_view name);

    const request& from_;
    std::vector<field_fault>& faults_;
    std::vector<std::string> asked_;
};

}  // namespace kieng::http

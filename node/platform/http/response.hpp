// What a handler answers. Plain value; the session adds request id, token, security headers, CORS, compression, framing.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/platform/http/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kieng::http {

// Writes a body piece by piece (exports, event streams). Offered to response::stream by the session.
class body_sink {
public:
    virtual ~body_sink() = default;
    // False: the client is gone or the server stops; return then.
    virtual task<bool> write(std::string piece) = 0;
    // Called once on the I/O thread when the client is seen to have gone while nothing is written. Replaces an earlier one.
    virtual void when_left(std::function<void()> call) = 0;
};

struct response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;  // further ones: Location, ETag, ...
    std::string body;
    // The body's gzip form where it is at hand; otherwise the session compresses bodies of a fitting size itself.
    std::shared_ptr<const std::string> gzip;
    // When set, the body is what this writes (chunked); it runs after the head has been sent.
    std::function<task<>(body_sink&)> stream;
    // The stream goes on for as long as the client likes: it counts as no handler at work, each of its writes has to be taken
    // within the time of a stall, and nothing that it does not need is held for it. How many there are is the handler's business.
    bool lasts = false;
    // Position whose effects this answer may show (Kieng-Token). Unset: the node's applied position.
    std::optional<std::int64_t> pos;
    // Strong entity tag without quotes; answers If-None-Match with 304 on GET. Empty: no ETag.
    std::string etag;
    bool cacheable = false;  // Cache-Control: private, no-cache instead of no-store
};

[[nodiscard]] response json_response(int status, std::string body);
[[nodiscard]] response no_content();

// The RFC 9457 answer for a failure, in the request's language, from the one total table (problem_table.cpp).
// Never shows what() of an exception, SQL, hosts or paths: `detail` of a failure is for clients.
[[nodiscard]] response problem(const failure& why, const request& to);

}  // namespace kieng::http

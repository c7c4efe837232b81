// Asks another service over HTTP/1.1, plain or TLS, one connection per call: for payment gateways and the like, which are called
// seldom and may be slow or silent. Certificates are checked against the system's authorities and the host's name.
//
// Every call ends by its deadline: the socket is closed under whatever waits on it. Whether the other side acted on a call that
// failed is unknown, so what is sent must be safe to send again. No redirects are followed.
// Thread safe; a call runs on the io_context of its coroutine.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::http {

struct client_request {
    std::string method = "GET";
    std::string url;  // http(s)://host[:port]/path?query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string content_type;
    std::string body;
};

struct client_answer {
    int status = 0;
    std::string body;
};

class http_client {
public:
    explicit http_client(const clock& now);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    // An answer of any status, with at most 256 KiB of body.
    // Errors: gateway_unavailable (the detail says how far it came, for the log).
    task<result<client_answer>> ask(client_request what, std::chrono::milliseconds within) const;

    // Whether a text is an address that ask() can take.
    [[nodiscard]] static bool is_url(std::string_view text);

private:
    struct shared;
    std::unique_ptr<shared> shared_;
};

}  // namespace kieng::http

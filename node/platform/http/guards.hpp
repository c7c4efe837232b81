// What every request passes before its handler runs, in the order docs/openapi.yaml names: identification, framing, route,
// rate, token, rights, idempotency key, media types. Decides without I/O.
// One per I/O thread; not thread safe.
#pragma once

#include "node/platform/http/answer_head.hpp"
#include "node/platform/http/exchange.hpp"
#include "node/platform/http/request_ids.hpp"
#include "node/platform/http/server_state.hpp"

#include <optional>

namespace kieng::http {

struct refusal {
    failure why;
    bool close =
        false;  // the end of this request in the byte stream is not known or not worth reading
    std::string allow = {};  // methods, with method_not_allowed
};

struct peer {
    asio::ip::address address;
    std::string text;
    bool trusted = false;  // a proxy whose X-Forwarded-* count
    bool secure = false;
};

class guards {
public:
    guards(server_state& shared, answer_head& heads, request_ids& ids)
        : shared_(shared),
          heads_(heads),
          ids_(ids)
    {}

    // Fills in what every answer needs, refusals too.
    void identify(const head& h, const peer& from, exchange& x);
    // The message itself: Host, framing, target, method.
    [[nodiscard]] std::optional<refusal> check_message(head& h, exchange& x) const;
    // Finds the route and the rights. Called for all methods but OPTIONS.
    [[nodiscard]] std::optional<refusal> check_request(const head& h, exchange& x);

private:
    [[nodiscard]] std::optional<refusal> check_history(exchange& x, bool always) const;
    [[nodiscard]] std::optional<refusal> check_route(exchange& x) const;
    [[nodiscard]] std::optional<refusal> check_caller(const head& h, exchange& x);
    [[nodiscard]] result<caller> authenticate(const head& h) const;
    [[nodiscard]] std::optional<refusal> check_peer(const head& h, exchange& x) const;
    [[nodiscard]] std::optional<refusal> check_fields(const head& h, exchange& x) const;
    [[nodiscard]] std::optional<refusal> check_body(const head& h, const exchange& x) const;
    [[nodiscard]] std::optional<refusal> check_rate(exchange& x, bool user);

    server_state& shared_;
    answer_head& heads_;
    request_ids& ids_;
    std::string scratch_;
};

}  // namespace kieng::http

// The door for requests of other nodes: routes whose permission says `peer` are opened by what the peer signed alone, never by a
// user's token, and no signature opens any other route. Implemented beside the cluster.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kieng::http {

// What a peer proved with its signature.
struct peer_pass {
    std::string from;  // node id
    std::int64_t incarnation = 0;
    std::string nonce;
    std::string content_digest;  // the body must match it; the handler compares
    std::string secret_id;
};

struct peer_claim {
    std::string_view method;
    std::string_view target;  // as received
    std::span<const std::pair<std::string, std::string>> headers;
};

// Thread safe; called on I/O threads before the body is read: never blocks.
class peer_gate {
public:
    virtual ~peer_gate() = default;
    // Nothing: 401, whatever the reason.
    [[nodiscard]] virtual std::optional<peer_pass> admit(const peer_claim& claim) = 0;
};

}  // namespace kieng::http

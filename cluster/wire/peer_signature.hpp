// Signs requests between nodes and checks them: an HMAC-SHA256 over everything that says what the request means, sent in headers.
//
//   Kieng-Peer: server-a                       who sends
//   Kieng-To: server-b                         for whom; a request for another node does not count
//   Kieng-Incarnation: 1763700000000           the history the sender follows, 0 while it knows none
//   Kieng-Timestamp: 1763700000123             unix milliseconds by the sender's clock
//   Kieng-Nonce: <22 characters>               16 random bytes, base64url; counts once
//   Content-Digest: sha-256=:<base64>:         of the body (RFC 9530); also of an empty one
//   Kieng-Signature: k2=<43 characters>,k1=<43 characters>      by CLUSTER_SECRET, and by CLUSTER_SECRET_PREVIOUS if there is one
//
// Signed, each as a line: a version, method, target as received, sender, receiver, incarnation, timestamp, nonce, content type, digest.
// The incarnation is a header rather than something both sides know: a node of another history shall read 409 other_incarnation
// (which the receiver decides after this check), not a 401 that looks like a wrong secret.
// So a request is judged before its body is read, and the body while it comes in (body_digest.hpp).
//
// The checks go from cheap to dear: presence and shape -> receiver and sender -> time window -> signature -> nonce.
// While a secret is changed every node is given the new one as CLUSTER_SECRET and the old one as CLUSTER_SECRET_PREVIOUS, one after the other;
// each signs with all it has and takes what any of its own secrets signed.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cluster/wire/body_digest.hpp"
#include "cluster/wire/nonce_store.hpp"
#include "cluster/wire/peer_headers.hpp"
#include "cluster/wire/peer_refusal.hpp"
#include "cluster/wire/peer_secrets.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::wire {

inline constexpr std::chrono::seconds kSignatureWindow{30};  // either way
inline constexpr std::chrono::seconds kSkewWarning{5};

struct outgoing_request {
    std::string_view method;
    std::string_view target;  // path and query, as it will be sent
    std::string_view to;      // node id
    std::int64_t incarnation = 0;
    std::string_view content_type;  // empty without a body
    std::string_view body;
};

// Thread safe as far as clock and random are.
class peer_signer {
public:
    // `secrets`, `now` and `bits` must outlive the signer.
    peer_signer(const peer_secrets& secrets, std::string self, const clock& now, random& bits);

    // The headers to send with the request, Content-Digest among them, Content-Type not.
    // Throws std::invalid_argument for a request that cannot be signed (a space in the target, a foreign node id).
    [[nodiscard]] std::vector<header_pair> sign(const outgoing_request& what) const;

private:
    const peer_secrets& secrets_;
    std::string self_;
    const clock& now_;
    random& bits_;
};

// A request as it came in, its body not yet read. Views must live through check().
struct incoming_request {
    std::string_view method;
    std::string_view target;  // as received
    std::span<const header_pair> headers;
    // Whether a sender that is not among the known ones may come in (a node that joins greets with a heartbeat). Its signature must
    // hold all the same.
    bool strangers = false;
    // Whether the request opens a stream. A replayed opening is worthless (the stream's keys depend on our own new nonce), so such a
    // request may carry a time from before this process was started.
    bool opens_stream = false;
};

struct peer_check {
    std::optional<peer_refusal> refused;
    std::string from;  // set whenever the signature held
    // What follows is set when nothing was refused.
    std::int64_t incarnation = 0;
    std::string nonce;
    std::string content_digest;  // for body_digest
    std::string secret_id;       // of the secret that held; of the current one if both did
    // How far the sender's clock is ahead of ours, the way included. Set whenever the signature held, also when it was refused for it.
    std::optional<std::chrono::milliseconds> skew;

    [[nodiscard]] bool ok() const noexcept { return !refused; }
};

// Thread safe.
class peer_verifier {
public:
    // Requests that are older, by their own time, than the verifier are refused: what was recorded before a restart of this node
    // cannot be replayed after it. `secrets` and `now` must outlive the verifier.
    peer_verifier(const peer_secrets& secrets, std::string self, const clock& now,
                  nonce_limits limits = {});
    ~peer_verifier();

    // The peers that are known, in place of the former ones.
    void know(const std::vector<std::string>& peers);
    [[nodiscard]] peer_check check(const incoming_request& what);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cluster::wire

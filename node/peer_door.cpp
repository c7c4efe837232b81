#include "node/peer_door.hpp"

namespace kieng::node {

namespace wire = cluster::wire;

std::optional<http::peer_pass> peer_door::admit(const http::peer_claim& claim)
{
    wire::incoming_request what;
    what.method = claim.method;
    what.target = claim.target;
    what.headers = claim.headers;
    what.strangers = claim.target == kPeerHeartbeat;
    what.opens_stream = claim.target.starts_with(kPeerStream);
    auto found = verifier_.check(what);
    if (found.skew && !found.from.empty()) {
        const std::lock_guard lock(guard_);
        skew_[found.from] = *found.skew;
    }
    if (found.refused) {
        refuse(*found.refused);
        if (found.skew && *found.refused == wire::peer_refusal::clock_skew)
            skewed_(found.from, *found.skew);
        return std::nullopt;
    }
    return http::peer_pass{std::move(found.from), found.incarnation, std::move(found.nonce),
                           std::move(found.content_digest), std::move(found.secret_id)};
}

bool peer_door::body_holds(const http::peer_pass& pass, std::string_view body)
{
    if (wire::content_digest(body) == pass.content_digest) return true;
    refuse(wire::peer_refusal::wrong_digest);
    return false;
}

void peer_door::refuse(wire::peer_refusal why)
{
    refused_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
}

peer_door::counts peer_door::seen() const
{
    counts out;
    for (std::size_t i = 0; i < refused_.size(); ++i)
        out.refused[i] = refused_[i].load(std::memory_order_relaxed);
    const std::lock_guard lock(guard_);
    out.skew = skew_;
    return out;
}

}  // namespace kieng::node

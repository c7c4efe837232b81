#include "cluster/wire/peer_refusal.hpp"

namespace kieng::cluster::wire {

std::string_view name_of(peer_refusal why) noexcept
{
    switch (why) {
    case peer_refusal::missing_header: return "missing_header";
    case peer_refusal::repeated_header: return "repeated_header";
    case peer_refusal::malformed_header: return "malformed_header";
    case peer_refusal::wrong_receiver: return "wrong_receiver";
    case peer_refusal::own_id: return "own_id";
    case peer_refusal::unknown_peer: return "unknown_peer";
    case peer_refusal::clock_skew: return "clock_skew";
    case peer_refusal::bad_signature: return "bad_signature";
    case peer_refusal::replayed: return "replayed";
    case peer_refusal::too_many_nonces: return "too_many_nonces";
    case peer_refusal::too_large: return "too_large";
    case peer_refusal::wrong_digest: return "wrong_digest";
    }
    return "bad_signature";
}

}  // namespace kieng::cluster::wire

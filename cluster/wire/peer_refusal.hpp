// Why a request between nodes was refused. For metrics and logs, never for the wire: there it is always the same 401
// (413 for too_large). Pure, thread safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace kieng::cluster::wire {

enum class peer_refusal : std::uint8_t {
    missing_header = 1,
    repeated_header,
    malformed_header,
    wrong_receiver,
    own_id,  // the sender goes by our own name
    unknown_peer,
    clock_skew,  // the time is outside of the window, or before this process was started
    bad_signature,
    replayed,
    too_many_nonces,  // more requests in 65 s than the store takes
    too_large,        // the body, beyond what the caller allows
    wrong_digest,     // the body is not the one that was signed
};
inline constexpr peer_refusal kLastPeerRefusal = peer_refusal::wrong_digest;

[[nodiscard]] std::string_view name_of(peer_refusal why) noexcept;

}  // namespace kieng::cluster::wire

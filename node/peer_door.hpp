// Lets other nodes in by their signatures (http::peer_gate) and counts why others were turned away. Thread safe.
#pragma once

#include "cluster/wire/peer_signature.hpp"
#include "node/platform/http/peer_gate.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace kieng::node {

inline constexpr std::string_view kPeerStream = "/api/cluster/stream";
inline constexpr std::string_view kPeerHeartbeat = "/api/cluster/heartbeat";
inline constexpr std::string_view kPeerPush = "/api/sync/receive";

class peer_door final : public http::peer_gate {
public:
    using skew_listener = std::function<void(std::string peer, std::chrono::milliseconds ahead)>;

    // `skewed` hears of peers that were refused for their clock alone; called on I/O threads.
    peer_door(cluster::wire::peer_verifier& verifier, skew_listener skewed)
        : verifier_(verifier),
          skewed_(std::move(skewed))
    {}

    [[nodiscard]] std::optional<http::peer_pass> admit(const http::peer_claim& claim) override;
    // Whether the body is the one that was signed; otherwise it is counted as refused.
    [[nodiscard]] bool body_holds(const http::peer_pass& pass, std::string_view body);

    struct counts {
        std::array<std::uint64_t, static_cast<std::size_t>(cluster::wire::kLastPeerRefusal) + 1>
            refused{};
        std::map<std::string, std::chrono::milliseconds> skew;  // last seen, by peer
    };
    [[nodiscard]] counts seen() const;

private:
    void refuse(cluster::wire::peer_refusal why);

    cluster::wire::peer_verifier& verifier_;
    const skew_listener skewed_;
    std::array<std::atomic<std::uint64_t>,
               static_cast<std::size_t>(cluster::wire::kLastPeerRefusal) + 1>
        refused_{};
    mutable std::mutex guard_;
    std::map<std::string, std::chrono::milliseconds> skew_;  // guarded by guard_
};

}  // namespace kieng::node

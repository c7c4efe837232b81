// Remembers the nonces of peer requests for as long as their signatures could count (65 s), so that each counts once.
//
// Bounded in total and per peer: one peer that sends without measure fills its own share only. A full store refuses; it never forgets a nonce
// that could still count. Time is given in and must not be set back (steady time). Not thread safe; the owner serialises.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace kieng::cluster::wire {

// A push per round trip is the most an honest peer sends: up to 3,000 a second. About 80 bytes are kept per nonce.
struct nonce_limits {
    std::size_t per_peer = 200'000;
    std::size_t total = 600'000;
    std::chrono::seconds kept{65};  // both sides of the window of 30 s, and a little
};

using nonce_bytes = std::array<std::uint64_t, 2>;  // 16 random bytes

enum class nonce_verdict : std::uint8_t { fresh = 1, seen, full };

class nonce_store {
public:
    explicit nonce_store(nonce_limits limits = {});

    // Records the nonce when it is fresh.
    [[nodiscard]] nonce_verdict record(std::string_view peer, const nonce_bytes& nonce,
                                       steady_time now);
    [[nodiscard]] std::size_t size() const noexcept { return total_; }

private:
    // The bytes are random already.
    struct first_half {
        std::size_t operator()(const nonce_bytes& nonce) const noexcept { return nonce[0]; }
    };
    struct share {
        std::unordered_set<nonce_bytes, first_half> seen;
        std::deque<std::pair<steady_time, nonce_bytes>> order;
    };
    void forget(share& of, steady_time now);

    nonce_limits limits_;
    std::map<std::string, share, std::less<>> peers_;
    std::size_t total_ = 0;
};

}  // namespace kieng::cluster::wire

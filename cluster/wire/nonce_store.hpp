// Remembers the nonces of peer requests for as long as their signatures could count (65 s), so that each counts once.
//
// Bounded in total and per peer: one peer that sends without measure fills its own share only. A full store refuses; it never forgets a nonce
// that could still count. Time is given in and must not be set back (steady time). Not thread safe; the owner serialises.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

namespace kieng::cluster::wire {

struct nonce_limits {
    std::size_t per_peer = 20'000;  // 300 requests a second for 65 s
    std::size_t total = 200'000;
    std::chrono::seconds kept{65};  // both sides of the window of 30 s, and a little
};

enum class nonce_verdict : std::uint8_t { fresh = 1, seen, full };

class nonce_store {
public:
    explicit nonce_store(nonce_limits limits = {});

    // Records the nonce when it is fresh.
    [[nodiscard]] nonce_verdict record(std::string_view peer, std::string_view nonce,
                                       steady_time now);
    [[nodiscard]] std::size_t size() const noexcept { return total_; }

private:
    struct share {
        std::unordered_set<std::string> seen;
        std::deque<std::pair<steady_time, std::string>> order;
    };
    void forget(share& of, steady_time now);

    nonce_limits limits_;
    std::map<std::string, share, std::less<>> peers_;
    std::size_t total_ = 0;
};

}  // namespace kieng::cluster::wire

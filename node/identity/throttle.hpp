// How often somebody may try a password. Counted by the whole cluster per account name and per network address, whether the
// account exists or not, so the answer tells nothing about it.
//
// An attempt is counted before the password is looked at and taken back when it was right: a hundred attempts at once on
// three nodes get no further than a hundred one by one. A refused attempt is not counted, so the wait never grows by knocking.
// Pure values; thread safe.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::identity {

// `limit` attempts within `window` are free; each further one waits `delay`, doubled each time, at most `longest`.
struct throttle_rule {
    int limit = 0;  // 0: never throttled
    std::chrono::seconds window{
        0};  // counting starts anew after so long without an attempt that counted
    std::chrono::seconds delay{0};
    std::chrono::seconds longest{0};
};

// What is known of one account name or address.
struct throttle_count {
    int attempts = 0;
    wall_time last{};  // of the last attempt that counted
};

struct throttle_verdict {
    throttle_count next;                            // to be stored when allowed
    std::optional<std::chrono::milliseconds> wait;  // refused: how long to wait
};

[[nodiscard]] throttle_verdict attempt(const throttle_rule& rule, const throttle_count& known,
                                       wall_time now) noexcept;

struct login_limits {
    throttle_rule account{5, std::chrono::minutes(15), std::chrono::seconds(30),
                          std::chrono::minutes(15)};
    throttle_rule address{20, std::chrono::minutes(1), std::chrono::minutes(1),
                          std::chrono::minutes(1)};
};

// "accounts/addresses", for example "5/20", or "off". Nothing for anything else.
[[nodiscard]] std::optional<login_limits> parse_login_limits(std::string_view text);

// The part of an address that one customer holds: IPv4 as it is, the first 64 bits of IPv6.
[[nodiscard]] std::string address_block(std::string_view address);

}  // namespace kieng::identity

// The table login_attempts. Functions run inside a transaction; database errors throw.
#pragma once

#include "node/identity/throttle.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <string>

namespace kieng::identity {

enum class throttled : std::uint8_t { account = 1, address };

// What is known of a key, held until the transaction ends, and PostgreSQL's time.
struct throttle_reading {
    throttle_count known;
    wall_time now;
};
[[nodiscard]] throttle_reading hold_count(store::tx& on, throttled kind, const std::string& key);
void write_count(store::tx& on, throttled kind, const std::string& key, const throttle_count& next);

// The password was right: the account starts anew, the address gets the attempt back.
void forgive(store::tx& on, const std::string& account_key, const std::string& address_key);

}  // namespace kieng::identity

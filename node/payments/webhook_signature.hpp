// The signature of webhooks: `t=<seconds since 1970>,v1=<hex of HMAC-SHA256(secret, "<t>.<body bytes>")>`.
//
// It stands over the bytes as they came, so a body is checked before anything reads it. The time keeps old messages from being
// sent again; what is sent again within it is told apart by its event id. Pure functions, thread safe.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::payments {

inline constexpr std::chrono::minutes kWebhookWindow{5};  // the clocks may differ by as much

[[nodiscard]] std::string sign_webhook(std::string_view secret, std::string_view body,
                                       wall_time at);

enum class signature_check : std::uint8_t { good = 1, malformed, too_old, wrong };
// Compares in time that does not depend on where the signatures differ.
[[nodiscard]] signature_check check_webhook(std::string_view secret, std::string_view signature,
                                            std::string_view body, wall_time now);

}  // namespace kieng::payments

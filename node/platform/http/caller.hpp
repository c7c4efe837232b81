// The one who sends a request, as the token says. Plain value.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "node/platform/http/permission.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kieng::http {

struct caller {
    std::string user_id;  // empty: nobody signed in
    std::string session_id;
    std::string role;  // "anonymous" when nobody is signed in
    permission_set permissions;
    std::optional<wall_time> expires;  // when the token no longer counts; unset without a token

    [[nodiscard]] bool signed_in() const noexcept { return !user_id.empty(); }
    [[nodiscard]] bool may(permission p) const noexcept { return permissions.test(p.bit); }
};

// Turns the Authorization header into a caller. Implemented by identity. Thread safe; called on I/O threads: never blocks.
class authenticator {
public:
    virtual ~authenticator() = default;
    // The token behind "Bearer ". Errors: token_invalid, token_expired, session_ended.
    [[nodiscard]] virtual result<caller> authenticate(std::string_view bearer) const = 0;
    // Who a request without a token is.
    [[nodiscard]] virtual const caller& nobody() const noexcept = 0;
};

}  // namespace kieng::http

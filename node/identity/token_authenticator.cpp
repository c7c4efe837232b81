#include "node/identity/token_authenticator.hpp"

#include "node/identity/permissions.hpp"

namespace kieng::identity {

token_authenticator::token_authenticator(const token_signer& tokens, const revocations& revoked,
                                         const clock& now)
    : tokens_(tokens),
      revoked_(revoked),
      now_(now)
{
    nobody_.role = "anonymous";
    nobody_.permissions = *permissions_of(nobody_.role);
}

result<http::caller> token_authenticator::authenticate(std::string_view bearer) const
{
    auto known = known_.find(bearer);
    if (!known) {
        auto opened = tokens_.open(bearer);
        if (!opened) return opened.error();
        const auto permissions = permissions_of(opened->claims.role);
        // "anonymous" is a role of nobody's.
        if (!permissions || opened->claims.role == nobody_.role)
            return failure(errc::token_invalid);
        known = known_.keep(bearer, *std::move(opened), *permissions);
    }
    if (auto good = known->says.check(now_.wall()); !good) return good.error();
    const auto& claims = known->says.claims;
    if (auto counts = revoked_.check(claims); !counts) return counts.error();
    http::caller who;
    who.user_id = claims.user_id;
    who.session_id = claims.session_id;
    who.role = claims.role;
    who.permissions = known->permissions;
    who.expires = wall_time(std::chrono::seconds(known->says.expires) + kClockLeeway);
    return who;
}

}  // namespace kieng::identity

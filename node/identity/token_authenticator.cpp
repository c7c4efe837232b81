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
    auto claims = tokens_.verify(bearer, now_.wall());
    if (!claims) return claims.error();
    if (auto counts = revoked_.check(*claims); !counts) return counts.error();
    const auto permissions = permissions_of(claims->role);
    // "anonymous" is a role of nobody's.
    if (!permissions || claims->role == nobody_.role) return failure(errc::token_invalid);
    http::caller who;
    who.user_id = std::move(claims->user_id);
    who.session_id = std::move(claims->session_id);
    who.role = std::move(claims->role);
    who.permissions = *permissions;
    return who;
}

}  // namespace kieng::identity

#include "node/identity/token_issuer.hpp"

#include "base/ids.hpp"
#include "node/identity/refresh.hpp"

namespace kieng::identity {

token_issuer::token_issuer(const token_signer& tokens, const clock& now, random& bits)
    : tokens_(tokens),
      now_(now),
      bits_(bits)
{}

token_issuer::prepared token_issuer::open() const
{
    return next(make_id());
}

token_issuer::prepared token_issuer::next(std::string session_id) const
{
    prepared out;
    out.session_id = std::move(session_id);
    out.refresh_token = make_refresh_token(bits_);
    out.hash = *refresh_token_hash(out.refresh_token);
    return out;
}

signed_in token_issuer::sign(user who, const prepared& tokens) const
{
    access_claims claims{who.id, tokens.session_id, who.role, who.rights_version};
    signed_in out;
    out.access_token = tokens_.sign(claims, now_.wall());
    out.refresh_token = tokens.refresh_token;
    out.who = std::move(who);
    return out;
}

std::string token_issuer::make_id() const
{
    return make_uuid(now_, bits_);
}

}  // namespace kieng::identity

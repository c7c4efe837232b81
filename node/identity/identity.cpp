#include "node/identity/identity.hpp"

#include "node/identity/identity_routes.hpp"
#include "node/identity/session_store.hpp"

namespace kieng::identity {
namespace {

password_gate::options gate_options(const identity_options& how)
{
    return {how.limits, derive_key(how.jwt_secret, "login attempts")};
}

account_defaults defaults(const identity_options& how)
{
    return {how.currency, how.language, derive_key(how.jwt_secret, "request fingerprints")};
}

}  // namespace

identity::identity(identity_options how, store::database& reads, store::unit_of_work& writes,
                   const clock& now, random& bits)
    : where_{reads, writes},
      tokens_(how.jwt_secret),
      revoked_(now),
      authenticator_(tokens_, revoked_, now),
      pool_(how.hashing, bits),
      issuer_(tokens_, now, bits),
      log_(reads, now, bits),
      gate_(where_, pool_, gate_options(how)),
      registration_(where_, pool_, issuer_, log_, defaults(how)),
      sessions_(where_, gate_, issuer_, log_),
      users_(where_, gate_, issuer_, log_, defaults(how)),
      addresses_(where_, issuer_)
{}

std::vector<http::route> identity::routes()
{
    return identity_routes({registration_, sessions_, users_, addresses_, log_});
}

task<result<void>> identity::load()
{
    std::function<recent_changes(store::tx&)> read = [](store::tx& on) {
        return changes_within(on, kRevocationMemory);
    };
    const auto found = co_await where_.reads.read<recent_changes>(std::move(read));
    if (!found) co_return found.error();
    revoked_.add(found->value);
    co_return result<void>();
}

task<result<bool>> identity::ensure_first_owner(std::string email, std::string password)
{
    co_return co_await registration_.ensure_first_owner(std::move(email), std::move(password));
}

}  // namespace kieng::identity

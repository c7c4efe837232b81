// Identity as the composition root sees it: all its parts, wired. Who may do what, who is signed in, who did what.
//
// Life: construct; listen to the event feed with on_event(); once the database is migrated, load() and ensure_first_owner();
// serve routes(); stop() before the database stops. After a reset of the feed, load() again.
// Thread safe after construction.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/identity/address_service.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/hash_pool.hpp"
#include "node/identity/password_gate.hpp"
#include "node/identity/registration_service.hpp"
#include "node/identity/revocations.hpp"
#include "node/identity/session_service.hpp"
#include "node/identity/token_authenticator.hpp"
#include "node/identity/user_service.hpp"
#include "node/platform/http/route.hpp"

#include <string>
#include <vector>

namespace kieng::identity {

struct identity_options {
    std::string jwt_secret;        // JWT_SECRET, at least 32 bytes, the same on all nodes
    hash_options hashing;          // BCRYPT_COST, HASH_THREADS, HASH_QUEUE
    login_limits limits;           // LOGIN_LIMIT
    std::string currency = "VND";  // DEFAULT_CURRENCY
    std::string language = "vi";   // DEFAULT_LANGUAGE
};

class identity {
public:
    identity(identity_options how, store::database& reads, store::unit_of_work& writes,
             const clock& now, random& bits);

    [[nodiscard]] const http::authenticator& authenticator() const noexcept
    {
        return authenticator_;
    }
    [[nodiscard]] std::vector<http::route> routes();
    // For capabilities that note what they change.
    [[nodiscard]] const audit_service& log() const noexcept { return log_; }

    // What all nodes announce, the own included.
    void on_event(const store::position& what) { revoked_.on_event(what); }
    // Learns what was revoked lately. Errors: database_unavailable, overloaded.
    task<result<void>> load();
    // See registration_service.
    task<result<bool>> ensure_first_owner(std::string email, std::string password);

    // Answers sign-ins that wait for hashing with `draining`.
    void stop() { pool_.stop(); }

private:
    persistence where_;
    token_signer tokens_;
    revocations revoked_;
    token_authenticator authenticator_;
    hash_pool pool_;
    token_issuer issuer_;
    audit_service log_;
    password_gate gate_;
    registration_service registration_;
    session_service sessions_;
    user_service users_;
    address_service addresses_;
};

}  // namespace kieng::identity

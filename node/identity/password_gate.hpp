// The one place where a given password is compared with a stored one: bounded by the hashing pool, throttled by the whole
// cluster, and answering for an account that does not exist in the same way and the same time.
//
// Order of an attempt: a place in the pool (else hashing_busy, which costs nothing), the attempt counted, the hash, and,
// by the caller in its own unit of work, the count taken back when the password was right (forgive).
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/hash_pool.hpp"
#include "node/identity/persistence.hpp"
#include "node/identity/throttle.hpp"

#include <string>

namespace kieng::identity {

class password_gate {
public:
    struct options {
        login_limits limits;
        std::string key;  // of the hashes under which attempts are counted
    };
    password_gate(persistence where, hash_pool& pool, options how);

    struct verdict {
        bool right = false;
        std::string user_id;   // empty: no such account
        std::string hash;      // the stored one that was compared
        std::string new_hash;  // not empty: store this one, made at today's cost
        std::string account_key, address_key;
    };
    // Errors (both): hashing_busy, too_many_attempts (with retry_after), draining, database_unavailable, overloaded.
    task<result<verdict>> check_email(std::string email, std::string password, actor from);
    task<result<verdict>> check_user(std::string user_id, std::string password, actor from);

    // Errors: hashing_busy, draining.
    task<result<std::string>> hash(std::string password);

private:
    task<result<verdict>> check(std::string email, std::string user_id, std::string password,
                                actor from);
    [[nodiscard]] std::string key_of(std::string_view kind, std::string_view what) const;
    // Inside a unit of work: counts the attempt, or says how long to wait.
    result<void> count(store::tx& on, const verdict& keys) const;

    const persistence where_;
    hash_pool& pool_;
    const options how_;
};

}  // namespace kieng::identity

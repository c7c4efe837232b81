// Which access tokens stopped counting before their time: those of ended sessions, and those given out before an account's
// rights changed. Fed by events of all nodes, filled at start from PostgreSQL, and forgotten when the tokens would have
// expired anyway, so it stays as small as what happened in the last twenty minutes.
//
// Marks only ever refuse more: hearing of something twice, late or out of order does no harm.
// Thread safe; a check that finds no marks at all takes no lock.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "node/identity/session_store.hpp"
#include "node/identity/token.hpp"
#include "node/platform/store/event.hpp"

#include <atomic>
#include <deque>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace kieng::identity {

// Lifetime of a token, the leeway on both ends of it, and the longest time between reading an account and signing for it.
inline constexpr std::chrono::seconds kRevocationMemory =
    kAccessLifetime + 2 * kClockLeeway + std::chrono::minutes(4);

class revocations {
public:
    explicit revocations(const clock& now) : now_(now) {}

    void on_event(const store::position& what);
    void add(const recent_changes& what);

    // Errors: session_ended; token_expired when the rights changed, so that the client renews and goes on.
    [[nodiscard]] result<void> check(const access_claims& claims) const;

    [[nodiscard]] std::size_t size() const noexcept
    {
        return marks_.load(std::memory_order_relaxed);
    }

private:
    struct mark {
        std::int64_t rights = 0;  // for users: the first version that counts
        steady_time until{};
    };
    using table = std::unordered_map<std::string, mark>;

    void end_session(const std::string& id);
    void change_rights(const std::string& user_id, std::int64_t version);
    void put(table& into, const std::string& id, std::int64_t rights);
    void sweep();

    const clock& now_;
    std::atomic<std::size_t> marks_{0};

    mutable std::shared_mutex mutex_;  // guards all below
    table sessions_;
    table users_;
    std::deque<std::pair<steady_time, std::pair<bool, std::string>>>
        order_;  // oldest first; true: a session
};

}  // namespace kieng::identity

#include "node/identity/revocations.hpp"

#include <algorithm>
#include <mutex>

namespace kieng::identity {

void revocations::on_event(const store::position& what)
{
    for (const auto& event : what.events) {
        if (event.type != "SessionEndedEvent" && event.type != "UserRightsChangedEvent") continue;
        const std::lock_guard hold(mutex_);
        if (event.type == "SessionEndedEvent")
            end_session(event.entity_id);
        else
            change_rights(event.entity_id, event.version);
        sweep();
    }
}

void revocations::add(const recent_changes& what)
{
    const std::lock_guard hold(mutex_);
    for (const auto& id : what.ended_sessions) end_session(id);
    for (const auto& [user_id, version] : what.rights) change_rights(user_id, version);
    sweep();
}

result<void> revocations::check(const access_claims& claims) const
{
    if (marks_.load(std::memory_order_acquire) == 0) return {};
    const std::shared_lock hold(mutex_);
    if (sessions_.contains(claims.session_id)) return failure(errc::session_ended);
    const auto user = users_.find(claims.user_id);
    if (user != users_.end() && claims.rights < user->second.rights)
        return failure(errc::token_expired,
                       {"Quyền của bạn đã thay đổi.", "Your rights have changed."});
    return {};
}

void revocations::end_session(const std::string& id)
{
    put(sessions_, id, 0);
    order_.emplace_back(sessions_.at(id).until, std::pair(true, id));
}

void revocations::change_rights(const std::string& user_id, std::int64_t version)
{
    put(users_, user_id, version);
    order_.emplace_back(users_.at(user_id).until, std::pair(false, user_id));
}

void revocations::put(table& into, const std::string& id, std::int64_t rights)
{
    auto& at = into[id];
    at.rights = std::max(at.rights, rights);
    at.until = now_.steady() + kRevocationMemory;
}

// A mark renewed meanwhile stays: its later entry takes it away.
void revocations::sweep()
{
    const auto now = now_.steady();
    while (!order_.empty() && order_.front().first <= now) {
        const auto& [session, id] = order_.front().second;
        auto& from = session ? sessions_ : users_;
        const auto found = from.find(id);
        if (found != from.end() && found->second.until <= now) from.erase(found);
        order_.pop_front();
    }
    marks_.store(sessions_.size() + users_.size(), std::memory_order_release);
}

}  // namespace kieng::identity

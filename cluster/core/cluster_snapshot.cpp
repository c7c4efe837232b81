#include "cluster/core/cluster_snapshot.hpp"

namespace kieng::cluster {
namespace {

bool role_is_over(const cluster_snapshot& picture, instant now) noexcept
{
    return picture.lease == lease_phase::active &&
           (!picture.duty_deadline || now >= *picture.duty_deadline ||
            now - picture.taken >= kOldRole);
}

}  // namespace

bool still_holds(const cluster_snapshot& picture, instant now) noexcept
{
    return now - picture.taken < kOldPicture && !role_is_over(picture, now);
}

cluster_snapshot as_of(cluster_snapshot picture, instant now)
{
    if (role_is_over(picture, now)) {
        picture.lease = lease_phase::lapsed;
        if (picture.active == picture.self) picture.active.clear();
        if (picture.servers.active == picture.self) picture.servers.active.clear();
        for (auto& one : picture.members)
            if (one.self) one.role = node_role::standby;
        for (auto& one : picture.servers.servers)
            if (one.id == picture.self) one.role = node_role::standby;
        picture.summary.has_active = false;
    }
    if (picture.lease_left) *picture.lease_left -= now - picture.taken;
    if (now - picture.taken < kOldPicture) return picture;
    picture.stands_still = true;
    picture.database = database_state::unknown;
    for (auto& one : picture.members)
        if (one.self) one.database = database_state::unknown;
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - picture.taken);
    picture.warnings.push_back(
        {warning_code::own_loops_stuck, picture.self,
         "the control thread stands still for " + std::to_string(age.count()) + " ms"});
    return picture;
}

}  // namespace kieng::cluster

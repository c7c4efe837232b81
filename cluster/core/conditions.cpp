#include "cluster/core/conditions.hpp"

namespace kieng::cluster {
namespace {

constexpr std::chrono::hours kCertificateWarned{24 * 30};
constexpr std::chrono::hours kCertificateSerious{24 * 7};
constexpr std::chrono::hours kLossHeld{24};
constexpr std::uint64_t kMiB = 1'024 * 1'024;
constexpr std::int64_t kFarBehind = 100'000;  // positions
constexpr std::chrono::hours kLongBehind{1};

bool under(const disk_space& disk, std::uint64_t bytes, std::uint64_t percent)
{
    return disk.free < bytes || disk.free < disk.total / 100 * percent;
}

std::string text_of(const disk_space& disk)
{
    return std::to_string(disk.free / kMiB) + " of " + std::to_string(disk.total / kMiB) +
           " MiB are free";
}

std::string text_of(std::chrono::microseconds left)
{
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(left).count();
    if (hours < 0) return "it has run out";
    return "it runs out in " +
           (hours < 48 ? std::to_string(hours) + " h" : std::to_string(hours / 24) + " d");
}

}  // namespace

void conditions::on(const input::condition_read& what)
{
    own_ = what.own;
    now_ = what.now;
    // Marks of the history before compare no more.
    if (what.incarnation != incarnation_) differ_.clear();
    incarnation_ = what.incarnation;
    for (const auto& one : what.losses) learn(one);
}

void conditions::on(const input::history_compared& what)
{
    if (what.differs)
        differ_.insert(what.peer);
    else
        differ_.erase(what.peer);
}

void conditions::on(const input::heartbeat_received& what)
{
    if (what.what.lost) learn(*what.what.lost);
}

// The newest history counts; of two sights of one the first, so that the alarm ends everywhere at the same time.
void conditions::learn(const history_loss& what)
{
    const bool newer = !lost_ || what.incarnation > lost_->incarnation;
    const bool earlier = lost_ && what.incarnation == lost_->incarnation && what.at < lost_->at;
    if (newer || earlier) lost_ = what;
}

std::optional<history_loss> conditions::lost() const
{
    const bool holds = lost_ && lost_->incarnation >= incarnation_ && now_ - lost_->at < kLossHeld;
    return holds ? lost_ : std::nullopt;
}

void conditions::warn_of_house(const node_identity& whose, const node_condition& how,
                               std::vector<cluster_warning>& out) const
{
    if (how.certificate_expires) {
        const auto left = *how.certificate_expires - now_;
        if (left < kCertificateWarned)
            out.push_back({warning_code::certificate_expires, whose.id, text_of(left),
                           left < kCertificateSerious});
    }
    if (how.disk && under(*how.disk, 1'024 * kMiB, 5))
        out.push_back({warning_code::disk_low, whose.id, text_of(*how.disk),
                       under(*how.disk, 256 * kMiB, 1)});
}

std::vector<cluster_warning> conditions::warnings(const std::map<node_id, peer_watch>& peers) const
{
    std::vector<cluster_warning> out;
    if (incarnation_ == 0) return out;
    if (const auto loss = lost())
        out.push_back({warning_code::history_lost,
                       {},
                       loss->how + ", incarnation " + std::to_string(loss->incarnation),
                       true});
    warn_of_house(self_, own_, out);
    for (const auto& [id, peer] : peers) {
        if (!peer.last_heartbeat || peer.accused == member_state::down) continue;
        const auto& said = *peer.last_heartbeat;
        warn_of_house(peer.node, said.condition, out);
        // Another release may hash other settings.
        const bool comparable = !said.condition.settings_hash.empty() &&
                                !own_.settings_hash.empty() && peer.node.version == self_.version;
        if (comparable && said.condition.settings_hash != own_.settings_hash)
            out.push_back({warning_code::settings_differ, id,
                           "its shared settings are not those of " + self_.id});
        if (differ_.contains(id)) out.push_back({warning_code::sync_mismatch, id, {}});
    }
    for (const auto& one : consumers_) {
        if (one.behind > kFarBehind || one.age > kLongBehind)
            out.push_back({warning_code::consumer_behind, {}, one.name});
    }
    return out;
}

}  // namespace kieng::cluster

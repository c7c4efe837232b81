#include "cluster/core/simulation/world.hpp"

#include <algorithm>

namespace kieng::cluster::simulation {
namespace {

// A node without any trouble for so long has no excuse.
constexpr instant kNoExcuseAfter = 3s;
constexpr instant kAgreedAfter = 10s;
constexpr instant kFailedBackAfter = 13s;
constexpr instant kAppliedAfter = 1500ms;

}  // namespace

// Node i is about to run a duty: nobody else may believe that of itself.
void world::check_belief(int i)
{
    const auto& mine = nodes_[i];
    for (int j = 0; j < count_; ++j) {
        const auto& other = nodes_[j];
        if (j == i || !other.running || !other.machine->may_run_duties(now_)) continue;
        if (other.duties_epoch == mine.duties_epoch) {
            violate(mine.who.id + " and " + other.who.id + " run duties under one epoch");
            continue;
        }
        const auto& old = other.duties_epoch < mine.duties_epoch ? other : mine;
        const instant fine =
            std::max({old.database_fine_since, old.undisturbed_since, database_trouble_});
        if (fine <= now_ && now_ - fine > kNoExcuseAfter && database_slowest_ < 100ms)
            violate(old.who.id + " lost its role while nothing was wrong with it");
    }
}

// Node i changed its opinion: it must not hold anything against a peer that is well and within reach.
void world::check_opinion(int i, const action::peer_changed& what)
{
    const bool accuses = what.to == member_state::suspect || what.to == member_state::down;
    if (!accuses || !quiet_network_ || what.from == member_state::unknown) return;
    const auto* peer = nodes_[i].machine->detector().find(what.peer);
    const int j = what.peer.back() - 'a';
    const instant fine =
        std::max({nodes_[j].undisturbed_since, link_fine_since_[i][j], peer->added});
    if (nodes_[j].running && fine <= now_ && now_ - fine > kNoExcuseAfter)
        violate(nodes_[i].who.id + " accuses " + what.peer + ", which is well and within reach");
}

void world::check_started(int i, std::int64_t epoch)
{
    say("%s starts duties under epoch %lld", nodes_[i].who.id.c_str(),
        static_cast<long long>(epoch));
    if (fault_at_ && epoch > fault_epoch_ && !result_.takeover)
        result_.takeover = now_ - *fault_at_;
}

void world::expect_takeover(instant within)
{
    if (!result_.violations.empty()) return;
    if (!result_.takeover) {
        violate("nobody took the role");
    } else if (*result_.takeover > within) {
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*result_.takeover);
        violate("the takeover took " + std::to_string(ms.count()) + " ms");
    }
}

void world::expect_epoch(std::int64_t before, const char* why)
{
    if (lease_.epoch != before) violate(std::string("the role moved although only ") + why);
}

void world::check_end(scenario what)
{
    const instant healed = now_;
    run_until(healed + kAgreedAfter - kAppliedAfter);
    const auto head = head_;
    run_until(healed + kAgreedAfter);
    if (!result_.violations.empty()) return;
    for (int i = 0; i < count_; ++i) {
        const auto shot = nodes_[i].machine->snapshot(now_);
        if (shot.epoch != lease_.epoch || shot.active != lease_.holder || shot.active.empty())
            violate(shot.self + " does not know who is active 10 s after all was healed");
        if (nodes_[i].cursor.applied() < head) violate(shot.self + " did not apply everything");
        for (const auto& m : shot.members) {
            if (m.state != member_state::alive)
                violate(shot.self + " holds " + m.node.id + " not to be alive at the end");
        }
        for (int j = 0; j < i; ++j) {
            if (nodes_[i].hash.differs_from(nodes_[j].hash.marks(8)))
                violate("the rolling hashes differ");
        }
    }
    if (active() < 0) violate("nobody runs the duties 10 s after all was healed");
    if (what == scenario::chaos || lease_.holder != nodes_[0].who.id)
        run_until(healed + kFailedBackAfter);
    if (lease_.holder != nodes_[0].who.id) violate("the role did not fail back");
}

}  // namespace kieng::cluster::simulation

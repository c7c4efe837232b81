#include "base/encoding.hpp"
#include "cluster/wire/beat_line.hpp"

#include <algorithm>

namespace kieng::cluster::wire {
namespace {

using std::chrono::milliseconds;

// As it will be read: in whole milliseconds, never negative, never longer than the line can say.
milliseconds shown(instant age, milliseconds most)
{
    return std::clamp(std::chrono::duration_cast<milliseconds>(age), milliseconds(0), most);
}

}  // namespace

beat_line to_line(const beat& what, const std::vector<node_id>& members)
{
    beat_line out;
    out.epoch = what.epoch;
    out.pos = what.pos;
    out.applied = what.applied;
    out.view = what.view;
    out.database = what.database;
    if (what.database_age) out.database_age = shown(*what.database_age, kLongestBeatAge);
    out.loops_age = shown(what.loops_age, kLongestBeatAge);
    out.draining = what.draining;
    out.resigned = what.resigned;
    out.active = what.active;
    out.self_blame = what.self_blame;
    out.kept = what.kept;
    if (!what.held || members.size() > kMostNodes) return out;
    out.members_check = members_check_of(members);
    for (const auto& id : members) {
        const auto at = what.held->find(id);
        out.members.push_back(at == what.held->end() ? member_state::unknown : at->second);
    }
    return out;
}

beat from_line(const beat_line& what, const node_id& sender, const std::vector<node_id>& members)
{
    beat out;
    out.epoch = what.epoch;
    out.pos = what.pos;
    out.applied = what.applied;
    out.view = what.view;
    out.database = what.database;
    out.database_age = what.database_age;
    out.loops_age = what.loops_age;
    out.draining = what.draining;
    out.resigned = what.resigned;
    out.active = what.active;
    out.self_blame = what.self_blame;
    out.kept = what.kept;
    if (what.members.size() != members.size() || what.members_check != members_check_of(members))
        return out;
    out.held.emplace();
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i] != sender) out.held->emplace(members[i], what.members[i]);
    return out;
}

tell_line to_line(const probe_answer& what, std::uint64_t question)
{
    tell_line out{question, what.target, std::nullopt};
    if (what.known) out.heard_ago = shown(what.heard_ago, milliseconds::max());
    return out;
}

probe_answer from_line(const tell_line& what, const node_id& sender)
{
    probe_answer out;
    out.witness = sender;
    out.target = what.target;
    out.known = what.heard_ago.has_value();
    out.heard_ago = what.heard_ago.value_or(milliseconds(0));
    return out;
}

resigned_line to_line(const resigned_notice& what)
{
    return {what.epoch, what.to, what.by_operator};
}

resigned_notice from_line(const resigned_line& what)
{
    return {what.epoch, what.to, what.by_operator};
}

active_line to_line(const active_notice& what)
{
    return {what.epoch, what.holder, what.boot, what.reason};
}

active_notice from_line(const active_line& what)
{
    return {what.epoch, what.holder, what.boot, what.reason};
}

std::uint32_t members_check_of(const std::vector<node_id>& ids)
{
    std::string list;
    for (const auto& id : ids) (list += id) += '\n';
    const auto hash = sha256(list);
    // 20 bits are four digits; 0 is left for "no list".
    const std::uint32_t check =
        (std::uint32_t{hash[0]} << 16 | std::uint32_t{hash[1]} << 8 | hash[2]) >> 4;
    return std::max<std::uint32_t>(check, 1);
}

}  // namespace kieng::cluster::wire

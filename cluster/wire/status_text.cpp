#include "cluster/wire/json_writer.hpp"
#include "cluster/wire/status_json.hpp"

#include <algorithm>

namespace kieng::cluster::wire {
namespace {

double in_milliseconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

std::string upper(std::string_view word)
{
    std::string out(word);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
    return out;
}

// "18:54:31"
std::string clock_time(wall_time at)
{
    return to_wire_time(at).substr(11, 8);
}

grade grade_of_member(member_state state) noexcept
{
    switch (state) {
    case member_state::alive: return grade::pass;
    case member_state::suspect: return grade::warn;
    case member_state::down: return grade::fail;
    case member_state::draining: return grade::warn;
    case member_state::late: return grade::warn;
    case member_state::unknown: return grade::warn;
    }
    return grade::warn;
}

}  // namespace

std::string member_line(const member_facts& member, const cluster_snapshot& now,
                        const status_frame& frame)
{
    const auto mark = grade_of_member(member.state);
    std::string out = std::string(sign_of(mark)) + " " + member.node.id + " ";
    if (mark != grade::pass) {
        out += upper(name_of(member.state)) + " since " +
               clock_time(wall_of(now, frame.at, member.since)) + " (" +
               rough(now.taken - member.since) + ")";
        if (frame.with_reasons) out += ": " + std::string(words_of(member.why));
        return out + "\n";
    }
    out += std::string(name_of(member.role)) + ", lag " + std::to_string(member.lag);
    if (member.round_trip_p50)
        out += ", " + decimal(in_milliseconds(*member.round_trip_p50)) + " ms";
    return out + "\n";
}

std::string database_line(const cluster_snapshot& now)
{
    const auto mark = now.database == database_state::well   ? grade::pass
                      : now.database == database_state::lost ? grade::fail
                                                             : grade::warn;
    std::string out = std::string(sign_of(mark)) + " postgres ";
    if (now.database == database_state::lost)
        return out + "unreachable" +
               (now.scope == outage_scope::shared ? " from every server\n" : " from this server\n");
    if (!now.database_time) return out + std::string(name_of(now.database)) + "\n";
    return out + decimal(in_milliseconds(*now.database_time)) + " ms\n";
}

std::string status_text(const cluster_snapshot& now, const status_frame& frame)
{
    std::string out = std::string(sign_of(grade_of(now, view_of::cluster))) + " " +
                      std::string(frame.cluster) + ": " +
                      summary_of(now, frame.in, view_of::cluster) + "\n";
    for (const auto& member : now.members) out += member_line(member, now, frame);
    out += database_line(now);
    out += std::string(now.active.empty() ? "[!] active nobody" : "[+] active " + now.active) +
           (now.active_kept ? " (kept there by an operator)" : "") + ", epoch " +
           std::to_string(now.epoch) + ", view " + std::to_string(now.view) + ", position " +
           std::to_string(now.pos) + ", as seen by " + now.self + "\n";
    for (const auto& one : now.warnings) {
        out += (one.serious ? "[-] " : "[!] ") + std::string(name_of(one.code));
        if (!one.node.empty()) out += " " + one.node;
        if (frame.with_reasons && !one.detail.empty()) out += ": " + one.detail;
        out += "\n";
    }
    return out;
}

}  // namespace kieng::cluster::wire

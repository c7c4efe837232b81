#include "cluster/ctl/report_text.hpp"

#include "cluster/ctl/text_table.hpp"
#include "cluster/wire/json_writer.hpp"

#include <algorithm>

namespace kieng::cluster::ctl {
namespace {

constexpr std::size_t kChangesShown = 5;

std::string mark(std::string_view status)
{
    if (status == "pass") return "[+] ";
    return status == "warn" ? "[!] " : "[-] ";
}

std::string ms_or_dash(const std::optional<double>& value)
{
    return value ? short_number(*value) : "-";
}

bool is_well(std::string_view state)
{
    return state == "alive" || state == "late";
}

std::string active_text(const cluster_report& what)
{
    if (what.active.empty()) return "no node is active";
    std::string out = "active " + what.active;
    if (what.kept_by == "operator") out += " (kept there by an operator)";
    if (what.active_since) out += " since " + to_wire_time(*what.active_since);
    if (what.lease_ms_left)
        out += ", lease " + short_number(static_cast<double>(*what.lease_ms_left)) + " ms left";
    return out;
}

std::string members_text(const cluster_report& what)
{
    text_table out(
        {"NODE", "ROLE", "STATE", "DB", "LAG", "HEARD", "RTT P50/P99", "ERRORS", "VERSION", "URL"});
    for (const auto& one : what.members) {
        const std::string rtt =
            one.rtt_p50 ? ms_or_dash(one.rtt_p50) + "/" + ms_or_dash(one.rtt_p99) + " ms" : "-";
        out.add({one.id, one.role, one.state, one.db, std::to_string(one.lag),
                 one.age_ms ? short_number(*one.age_ms) + " ms" : "-", rtt,
                 short_number(one.error_rate * 100) + " %", one.version, one.url});
    }
    return out.text();
}

bool all_hold_all_alive(const cluster_report& what)
{
    for (const auto& [who, held] : what.matrix) {
        for (const auto& [about, word] : held) {
            if (about != who && !is_well(word)) return false;
        }
    }
    return true;
}

// Each node's opinion of each other, rows about columns.
std::string matrix_text(const cluster_report& what)
{
    std::vector<std::string> head{"SEEN BY"};
    for (const auto& one : what.members) head.push_back(one.id);
    text_table out(head);
    for (const auto& [who, held] : what.matrix) {
        std::vector<std::string> row{who};
        for (const auto& one : what.members) {
            const auto word = held.find(one.id);
            row.push_back(who == one.id || word == held.end() ? "-" : word->second);
        }
        out.add(std::move(row));
    }
    return out.text();
}

std::string change_text(const role_change_report& one)
{
    std::string out = one.at + "  " + one.event + "  " + (one.from.empty() ? "nobody" : one.from) +
                      " -> " + (one.to.empty() ? "nobody" : one.to) + "  epoch " +
                      std::to_string(one.epoch);
    if (!one.reason.empty()) out += "  " + one.reason;
    if (one.ms.total)
        out += "  " + short_number(*one.ms.total) + " ms (detect " + ms_or_dash(one.ms.detect) +
               ", decide " + ms_or_dash(one.ms.decide) + ", fence " + ms_or_dash(one.ms.fence) +
               ", announce " + ms_or_dash(one.ms.announce) + ")";
    else
        out += "  - ms";
    return out + "\n";
}

std::string history_text(const cluster_report& what)
{
    std::vector<role_change_report> latest = what.history;
    std::sort(latest.begin(), latest.end(),
              [](const auto& a, const auto& b) { return a.epoch > b.epoch; });
    if (latest.size() > kChangesShown) latest.resize(kChangesShown);
    std::string out;
    for (const auto& one : latest) out += change_text(one);
    return out;
}

}  // namespace

std::string status_text(const cluster_report& what)
{
    std::string out = mark(what.status) + what.summary + "\n";
    out += "cluster " + what.cluster + ", as seen by " + what.seen_by + ": epoch " +
           std::to_string(what.epoch) + ", view " + std::to_string(what.view) + ", position " +
           std::to_string(what.pos) + ", incarnation " + std::to_string(what.incarnation) + "\n";
    out += active_text(what) + "; tolerates " + std::to_string(what.tolerates_failures) +
           " failure" + (what.tolerates_failures == 1 ? "" : "s") +
           "; detection: " + what.detection;
    if (!what.scope.empty()) out += "; database trouble of scope " + what.scope;
    out += "\n\n" + members_text(what);
    if (!all_hold_all_alive(what)) out += "\n" + matrix_text(what);
    if (!what.history.empty()) out += "\nlatest changes of the active role\n" + history_text(what);
    if (!what.warnings.empty()) out += "\n";
    for (const auto& one : what.warnings) {
        out += "[!] " + one.code + " " + one.node;
        if (!one.detail.empty()) out += ": " + one.detail;
        out += "\n";
    }
    return out;
}

std::string status_line(const cluster_report& what, wall_time at)
{
    constexpr std::size_t kTimeBegins = 11, kTimeLength = 8;
    std::string out = to_wire_time(at).substr(kTimeBegins, kTimeLength) + " " + what.status +
                      "  epoch " + std::to_string(what.epoch) + "  active " +
                      (what.active.empty() ? "nobody" : what.active);
    for (const auto& one : what.members) {
        out += "  " + one.id + " " + one.state;
        if (one.lag > 0) out += " +" + std::to_string(one.lag);
    }
    if (!what.warnings.empty()) out += "  warnings " + std::to_string(what.warnings.size());
    return out;
}

std::string lag_text(const cluster_report& what)
{
    text_table out({"NODE", "STATE", "APPLIED", "LAG"});
    for (const auto& one : what.members)
        out.add({one.id, one.state, std::to_string(one.applied), std::to_string(one.lag)});
    return "position " + std::to_string(what.pos) + ", as seen by " + what.seen_by + "\n" +
           out.text();
}

std::string lag_json(const cluster_report& what, std::int64_t most)
{
    wire::json_object out;
    out.text("status", code_of_lag(what, most) == exit_code::well ? "pass" : "warn");
    out.integer("pos", what.pos).text("asSeenBy", what.seen_by);
    out.raw("members", wire::json_array(what.members, [](const member_report& one) {
                return wire::json_object()
                    .text("id", one.id)
                    .text("state", one.state)
                    .integer("applied", one.applied)
                    .integer("lag", one.lag)
                    .done();
            }));
    return out.done() + "\n";
}

std::string health_text(const std::vector<node_health>& all)
{
    std::string out;
    for (const auto& one : all) {
        if (!one.said) {
            out += "[-] " + one.id + " " + one.url + " does not answer: " + one.why + "\n";
            continue;
        }
        out += mark(one.said->status) + one.id + " " + one.said->role + ", " +
               (one.said->ready ? "ready" : "not ready") + ", " + one.said->version + ": " +
               one.said->summary + "\n";
    }
    return out;
}

std::string health_json(const std::vector<node_health>& all)
{
    const std::string nodes = wire::json_array(all, [](const node_health& one) {
        wire::json_object out;
        out.text("id", one.id).text("url", one.url).boolean("answers", one.said.has_value());
        if (one.said)
            out.raw("health", one.body);
        else
            out.text("why", one.why);
        return out.done();
    });
    return wire::json_object().raw("nodes", nodes).done() + "\n";
}

exit_code code_of(const cluster_report& what)
{
    return what.status == "pass" ? exit_code::well : exit_code::degraded;
}

exit_code code_of(const std::vector<node_health>& all)
{
    const bool none =
        std::none_of(all.begin(), all.end(), [](const auto& one) { return one.said.has_value(); });
    if (none) return exit_code::nobody;
    const bool well = std::all_of(all.begin(), all.end(), [](const auto& one) {
        return one.said && one.said->status == "pass" && one.said->ready;
    });
    return well ? exit_code::well : exit_code::degraded;
}

exit_code code_of_lag(const cluster_report& what, std::int64_t most)
{
    const bool well = std::all_of(what.members.begin(), what.members.end(), [&](const auto& one) {
        return one.lag <= most && is_well(one.state);
    });
    return well ? exit_code::well : exit_code::degraded;
}

}  // namespace kieng::cluster::ctl

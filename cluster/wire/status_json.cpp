#include "cluster/wire/status_json.hpp"

#include "cluster/wire/json_writer.hpp"

#include <algorithm>

namespace kieng::cluster::wire {
namespace {

using std::chrono::milliseconds;

double in_milliseconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

std::int64_t whole(std::chrono::nanoseconds time)
{
    return std::chrono::duration_cast<milliseconds>(time).count();
}

std::string words_json(const opinions& held)
{
    json_object out;
    for (const auto& [node, word] : held) out.text(node, name_of(word));
    return out.done();
}

std::string active_json(const cluster_snapshot& now, const status_frame& frame)
{
    if (now.active.empty()) return "null";
    json_object out;
    out.text("id", now.active);
    if (now.active_since)
        out.text("since", to_wire_time(wall_of(now, frame.at, *now.active_since)));
    else
        out.raw("since", "null");
    if (now.lease_left)
        out.integer("leaseMsLeft", std::max<std::int64_t>(whole(*now.lease_left), 0));
    else
        out.raw("leaseMsLeft", "null");
    out.text_or_null("keptBy", now.active_kept ? std::string_view("operator") : "");
    return out.done();
}

// "rttMs" and what else is measured on the way to a member; null where nothing is known.
void add_measures(json_object& out, const member_facts& member)
{
    if (member.round_trip_p50 && member.round_trip_p99)
        out.raw("rttMs", json_object()
                             .number("p50", in_milliseconds(*member.round_trip_p50))
                             .number("p99", in_milliseconds(*member.round_trip_p99))
                             .done());
    else
        out.raw("rttMs", "null");
    out.number("errorRate", member.error_rate).number("uptimePercent", member.uptime_percent);
    if (member.clock_offset)
        out.number("clockOffsetMs", in_milliseconds(*member.clock_offset));
    else
        out.raw("clockOffsetMs", "null");
}

std::string member_json(const member_facts& member, const cluster_snapshot& now,
                        const status_frame& frame)
{
    const auto time = [&](json_object& out, std::string_view name, std::optional<instant> when) {
        if (when)
            out.text(name, to_wire_time(wall_of(now, frame.at, *when)));
        else
            out.raw(name, "null");
    };
    json_object out;
    out.text("id", member.node.id).text("url", member.node.url);
    out.text_or_null("boot", member.node.boot).integer("priority", member.node.priority);
    out.text("role", name_of(member.role)).text("state", name_of(member.state));
    time(out, "since", member.since);
    out.integer("pos", member.pos).integer("applied", member.applied).integer("lag", member.lag);
    if (member.self)
        out.integer("ageMs", 0);
    else if (member.last_heard)
        out.integer("ageMs", whole(now.taken - *member.last_heard));
    else
        out.raw("ageMs", "null");
    time(out, "lastHeartbeatAt", member.last_heartbeat);
    add_measures(out, member);
    out.text("db", name_of(member.database)).text_or_null("version", member.node.version);
    out.text("detection", name_of(member.detection));
    out.integer("blips", member.blips).integer("restarts", member.restarts);
    if (member.certificate_expires)
        out.text("certificateExpires", to_wire_time(*member.certificate_expires));
    if (member.disk) {
        out.integer("diskFreeBytes", static_cast<std::int64_t>(member.disk->free));
        out.integer("diskTotalBytes", static_cast<std::int64_t>(member.disk->total));
    }
    if (frame.with_reasons) out.text("why", words_of(member.why));
    return out.done();
}

std::string phases_json(const takeover_phases& phases)
{
    json_object out;
    const auto add = [&out](std::string_view name, std::optional<instant> time) {
        if (time)
            out.number(name, in_milliseconds(*time));
        else
            out.raw(name, "null");
    };
    add("detect", phases.detect);
    add("decide", phases.decide);
    add("fence", phases.fence);
    add("announce", phases.announce);
    add("total", phases.total());
    return out.done();
}

std::string record_json(const takeover_record& record, const cluster_snapshot& now,
                        const status_frame& frame)
{
    json_object out;
    out.text("at", to_wire_time(wall_of(now, frame.at, record.at)));
    out.text("event", record.planned ? "handover" : "takeover");
    out.text_or_null("from", record.from).text_or_null("to", record.to);
    out.integer("epoch", record.epoch);
    out.text_or_null("reason", record.reason ? name_of(*record.reason) : std::string_view());
    return out.raw("ms", phases_json(record.phases)).done();
}

std::string warning_json(const cluster_warning& warning, bool with_reasons)
{
    json_object out;
    out.text("code", name_of(warning.code)).text("node", warning.node);
    out.boolean("serious", warning.serious);
    if (with_reasons) out.text("detail", warning.detail);
    return out.done();
}

std::string matrix_json(const std::map<node_id, opinions>& matrix)
{
    json_object out;
    for (const auto& [node, held] : matrix) out.raw(node, words_json(held));
    return out.done();
}

bool reaches_database(const member_facts& one) noexcept
{
    const bool here = one.state != member_state::down && one.state != member_state::unknown;
    return here && (one.database == database_state::well || one.database == database_state::slow);
}

}  // namespace

bool satisfies(const cluster_snapshot& now, requirement what) noexcept
{
    switch (what) {
    case requirement::none: return true;
    case requirement::ready: return !now.servers.panic;
    case requirement::active: return now.summary.has_active;
    case requirement::writes: return std::ranges::any_of(now.members, reaches_database);
    }
    return false;
}

std::string status_json(const cluster_snapshot& now, const status_frame& frame)
{
    json_object out;
    out.text("status", name_of(grade_of(now, view_of::cluster)));
    out.text("summary", summary_of(now, frame.in, view_of::cluster));
    out.text("cluster", frame.cluster).text("asSeenBy", now.self);
    out.text("at", to_wire_time(frame.at)).integer("incarnation", now.incarnation);
    out.integer("epoch", now.epoch).integer("view", now.view).integer("pos", now.pos);
    out.raw("active", active_json(now, frame));
    out.integer("toleratesFailures", now.summary.tolerates_failures);
    out.text("detection", name_of(now.detection)).text("db", name_of(now.database));
    const auto scope = now.scope == outage_scope::none ? std::string_view() : name_of(now.scope);
    out.text_or_null("scope", scope);
    out.raw("members", json_array(now.members, [&](const member_facts& one) {
                return member_json(one, now, frame);
            }));
    out.raw("matrix", matrix_json(now.matrix));
    out.raw(
        "disagreements", json_array(now.disagreements, [](const disagreement& one) {
            return json_object().text("about", one.about).raw("held", words_json(one.held)).done();
        }));
    out.raw("history", json_array(now.history, [&](const takeover_record& one) {
                return record_json(one, now, frame);
            }));
    out.raw("warnings", json_array(now.warnings, [&](const cluster_warning& one) {
                return warning_json(one, frame.with_reasons);
            }));
    return out.done();
}

}  // namespace kieng::cluster::wire

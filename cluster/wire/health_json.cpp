#include "cluster/wire/health_json.hpp"

#include "cluster/wire/json_writer.hpp"

#include <algorithm>

namespace kieng::cluster::wire {
namespace {

constexpr std::chrono::milliseconds kSlowLoop{250};
constexpr std::int64_t kLongLag = 1'000;  // positions
constexpr std::uint64_t kMiB = 1'024 * 1'024;

bool is_ready(const health_facts& facts, const cluster_snapshot& now) noexcept
{
    return facts.started && !now.draining && !now.stands_still;
}

// What a balancer or a person wants to know of the node as such.
std::string_view state_of(const health_facts& facts, const cluster_snapshot& now) noexcept
{
    if (now.draining) return "draining";
    if (!facts.started) return "starting";
    return now.stands_still ? "stuck" : "running";
}

bool has_database(const cluster_snapshot& now) noexcept
{
    return now.database == database_state::well || now.database == database_state::slow;
}

grade overall(const health_facts& facts, const cluster_snapshot& now) noexcept
{
    if (!is_ready(facts, now)) return grade::fail;
    if (facts.loop_delay >= kSlowLoop || !has_database(now)) return grade::warn;
    return grade_of(now, view_of::node);
}

std::string summary(const health_facts& facts, const cluster_snapshot& now, tongue in)
{
    const bool vi = in == tongue::vi;
    if (now.stands_still && !now.draining)
        return vi ? "Máy chủ này đang bị treo; hãy dùng máy khác."
                  : "This server stands still; use another one.";
    if (!facts.started && !now.draining)
        return vi ? "Máy chủ này đang khởi động." : "This server is starting.";
    if (!now.draining && now.scope == outage_scope::none && now.database == database_state::lost)
        return vi ? "Không kết nối được cơ sở dữ liệu; đang kiểm tra với các máy khác."
                  : "The database cannot be reached; the other servers are being asked.";
    if (!now.draining && facts.loop_delay >= kSlowLoop && has_database(now))
        return vi ? "Máy chủ này đang chậm." : "This server is slow.";
    return summary_of(now, in, view_of::node);
}

// The checks of the draft: by name, a list of what was observed.
class check_list {
public:
    check_list(wall_time at, bool with_reasons) : at_(to_wire_time(at)), reasons_(with_reasons) {}

    struct observation {
        grade status = grade::pass;
        std::string component = {};
        std::string value = {};  // JSON; empty: nothing observed
        std::string_view unit = {};
        std::string_view why = {};
    };

    [[nodiscard]] std::string write(const observation& what) const
    {
        json_object out;
        if (!what.component.empty()) out.text("componentId", what.component);
        out.text("status", name_of(what.status));
        if (!what.value.empty()) out.raw("observedValue", what.value);
        if (!what.value.empty() && !what.unit.empty()) out.text("observedUnit", what.unit);
        if (reasons_ && !what.why.empty()) out.text("output", what.why);
        return out.text("time", at_).done();
    }
    check_list& add(std::string_view name, const observation& what)
    {
        all_.raw(name, "[" + write(what) + "]");
        return *this;
    }
    check_list& add(std::string_view name, const std::vector<observation>& list)
    {
        all_.raw(name, json_array(list, [this](const observation& one) { return write(one); }));
        return *this;
    }
    [[nodiscard]] std::string done() const { return all_.done(); }

private:
    std::string at_;
    bool reasons_;
    json_object all_;
};

using observation = check_list::observation;

std::string milliseconds_of(std::chrono::nanoseconds time)
{
    return decimal(std::chrono::duration<double, std::milli>(time).count());
}

observation of_database(const health_facts& facts, const cluster_snapshot& now)
{
    observation out;
    out.status = now.database == database_state::well ? grade::pass : grade::warn;
    if (has_database(now) && now.database_time) out.value = milliseconds_of(*now.database_time);
    out.unit = "ms";
    if (!has_database(now)) out.why = facts.database_why;
    return out;
}

observation of_lease(const cluster_snapshot& now)
{
    observation out;
    out.status = !now.active.empty() && now.lease_left && now.lease_left->count() > 0 ? grade::pass
                                                                                      : grade::warn;
    out.component = now.active;
    const auto left = std::max(now.lease_left.value_or(instant{0}), instant{0});
    out.value = milliseconds_of(left);
    out.unit = "ms";
    return out;
}

observation of_lag(const cluster_snapshot& now)
{
    const auto lag = std::max<std::int64_t>(now.pos - now.applied, 0);
    return {lag < kLongLag ? grade::pass : grade::warn, {}, std::to_string(lag), "positions", {}};
}

std::vector<observation> of_peers(const cluster_snapshot& now)
{
    std::vector<observation> out;
    for (const auto& member : now.members) {
        if (member.self) continue;
        const bool here =
            member.state == member_state::alive || member.state == member_state::draining;
        observation one;
        one.status = here ? grade::pass : grade::warn;
        one.component = member.node.id;
        one.value = json_string(name_of(member.state));
        one.why = here ? std::string_view() : words_of(member.why);
        out.push_back(std::move(one));
    }
    return out;
}

std::string checks_json(const health_facts& facts, const cluster_snapshot& now,
                        const status_frame& frame)
{
    check_list out(frame.at, frame.with_reasons);
    const auto loop = facts.loop_delay < kSlowLoop ? grade::pass : grade::warn;
    out.add("postgres:responseTime", of_database(facts, now));
    out.add("lease:remaining", of_lease(now)).add("sync:lag", of_lag(now));
    out.add("loop:delay", {loop, {}, milliseconds_of(facts.loop_delay), "ms", {}});
    out.add("memory:rss", {grade::pass, {}, std::to_string(facts.resident_bytes), "bytes", {}});
    out.add("system:uptime", {grade::pass, {}, std::to_string(facts.uptime.count()), "s", {}});
    if (const auto peers = of_peers(now); !peers.empty()) out.add("peer:reachable", peers);
    return out.done();
}

std::string_view scope_of(const health_facts& facts, const cluster_snapshot& now) noexcept
{
    if (!is_ready(facts, now)) return "node";
    return now.scope == outage_scope::none ? std::string_view() : name_of(now.scope);
}

std::string accepts_json(const health_facts& facts, const cluster_snapshot& now)
{
    // Also while it drains: who still comes is served.
    const bool writes = facts.started && has_database(now);
    const std::string_view reads = writes                               ? "true"
                                   : facts.started && facts.stale_reads ? "\"stale\""
                                                                        : "false";
    return json_object().raw("reads", reads).boolean("writes", writes).done();
}

}  // namespace

bool satisfies(const health_facts& facts, const cluster_snapshot& now, requirement what) noexcept
{
    const bool ready = is_ready(facts, now);
    switch (what) {
    case requirement::none: return ready;
    case requirement::ready: return ready;
    case requirement::active: return ready && now.lease == lease_phase::active;
    case requirement::writes: return ready && has_database(now);
    }
    return false;
}

std::string health_json(const health_facts& facts, const cluster_snapshot& now,
                        const status_frame& frame)
{
    json_object out;
    out.text("status", name_of(overall(facts, now)));
    out.text("summary", summary(facts, now, frame.in));
    out.text("serverId", now.self).text("cluster", frame.cluster);
    out.text("role",
             name_of(now.lease == lease_phase::active ? node_role::active : node_role::standby));
    out.text("state", state_of(facts, now));
    out.boolean("ready", is_ready(facts, now)).integer("epoch", now.epoch);
    out.integer("view", now.view).integer("pos", now.pos).text("boot", now.boot);
    out.text("version", facts.version).integer("uptimeSeconds", facts.uptime.count());
    out.raw("accepts", accepts_json(facts, now)).text_or_null("scope", scope_of(facts, now));
    return out.raw("checks", checks_json(facts, now, frame)).done();
}

std::string health_text(const health_facts& facts, const cluster_snapshot& now,
                        const status_frame& frame)
{
    std::string out = std::string(sign_of(overall(facts, now))) + " " + now.self + ": " +
                      summary(facts, now, frame.in) + "\n" + database_line(now);
    if (frame.with_reasons && !has_database(now) && !facts.database_why.empty())
        out.insert(out.size() - 1, ": " + facts.database_why);
    const auto lag = of_lag(now);
    out += std::string(sign_of(lag.status)) + " sync " + lag.value + " positions behind\n";
    out += std::string(sign_of(facts.loop_delay < kSlowLoop ? grade::pass : grade::warn)) +
           " loop delay " + milliseconds_of(facts.loop_delay) + " ms\n";
    const auto lease = of_lease(now);
    out += std::string(sign_of(lease.status)) + " lease of " +
           (now.active.empty() ? "nobody" : now.active) + " " + lease.value + " ms left\n";
    out += "[+] memory " + std::to_string(facts.resident_bytes / kMiB) + " MiB\n";
    for (const auto& member : now.members)
        if (!member.self) out += member_line(member, now, frame);
    return out;
}

}  // namespace kieng::cluster::wire

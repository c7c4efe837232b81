#include "cluster/ctl/cluster_report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kieng::cluster::ctl {
namespace {

using nlohmann::json;

json parsed(std::string_view body)
{
    return json::parse(body, nullptr, false);
}

const json* find(const json& in, const char* name)
{
    if (!in.is_object()) return nullptr;
    const auto at = in.find(name);
    return at == in.end() ? nullptr : &*at;
}

std::string text(const json& in, const char* name)
{
    const json* const at = find(in, name);
    return at != nullptr && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<std::int64_t> integer(const json& in, const char* name)
{
    const json* const at = find(in, name);
    if (at == nullptr || !at->is_number_integer()) return std::nullopt;
    return at->get<std::int64_t>();
}

std::optional<double> number(const json& in, const char* name)
{
    const json* const at = find(in, name);
    if (at == nullptr || !at->is_number()) return std::nullopt;
    return at->get<double>();
}

std::optional<wall_time> time(const json& in, const char* name)
{
    return from_iso8601(text(in, name));
}

template <class Read>
void each(const json& in, const char* name, Read read)
{
    const json* const all = find(in, name);
    if (all == nullptr || !all->is_array()) return;
    for (const json& one : *all) read(one);
}

member_report member_of(const json& in)
{
    member_report out;
    out.id = text(in, "id");
    out.url = text(in, "url");
    out.role = text(in, "role");
    out.state = text(in, "state");
    out.db = text(in, "db");
    out.version = text(in, "version");
    out.why = text(in, "why");
    out.since = time(in, "since");
    out.applied = integer(in, "applied").value_or(0);
    out.lag = integer(in, "lag").value_or(0);
    out.age_ms = number(in, "ageMs");
    out.clock_offset_ms = number(in, "clockOffsetMs");
    if (const json* const rtt = find(in, "rttMs"); rtt != nullptr) {
        out.rtt_p50 = number(*rtt, "p50");
        out.rtt_p99 = number(*rtt, "p99");
    }
    out.error_rate = number(in, "errorRate").value_or(0);
    out.uptime_percent = number(in, "uptimePercent").value_or(0);
    return out;
}

role_change_report change_of(const json& in)
{
    role_change_report out;
    out.at = text(in, "at");
    out.event = text(in, "event");
    out.from = text(in, "from");
    out.to = text(in, "to");
    out.reason = text(in, "reason");
    out.epoch = integer(in, "epoch").value_or(0);
    if (const json* const ms = find(in, "ms"); ms != nullptr) {
        out.ms.detect = number(*ms, "detect");
        out.ms.decide = number(*ms, "decide");
        out.ms.fence = number(*ms, "fence");
        out.ms.announce = number(*ms, "announce");
        out.ms.total = number(*ms, "total");
    }
    return out;
}

void read_matrix(const json& in, cluster_report& out)
{
    const json* const rows = find(in, "matrix");
    if (rows == nullptr || !rows->is_object()) return;
    for (const auto& [who, held] : rows->items()) {
        if (!held.is_object()) continue;
        for (const auto& [about, word] : held.items()) {
            if (word.is_string()) out.matrix[who][about] = word.get<std::string>();
        }
    }
}

}  // namespace

const member_report* cluster_report::member(std::string_view id) const
{
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const member_report& one) { return one.id == id; });
    return at == members.end() ? nullptr : &*at;
}

std::optional<cluster_report> read_status(std::string_view body)
{
    const json in = parsed(body);
    if (find(in, "members") == nullptr || text(in, "status").empty()) return std::nullopt;
    cluster_report out;
    out.status = text(in, "status");
    out.summary = text(in, "summary");
    out.cluster = text(in, "cluster");
    out.seen_by = text(in, "asSeenBy");
    out.detection = text(in, "detection");
    out.db = text(in, "db");
    out.scope = text(in, "scope");
    out.incarnation = integer(in, "incarnation").value_or(0);
    out.epoch = integer(in, "epoch").value_or(0);
    out.view = integer(in, "view").value_or(0);
    out.pos = integer(in, "pos").value_or(0);
    out.tolerates_failures = integer(in, "toleratesFailures").value_or(0);
    if (const json* const active = find(in, "active"); active != nullptr) {
        out.active = text(*active, "id");
        out.kept_by = text(*active, "keptBy");
        out.active_since = time(*active, "since");
        out.lease_ms_left = integer(*active, "leaseMsLeft");
    }
    each(in, "members", [&](const json& one) { out.members.push_back(member_of(one)); });
    each(in, "history", [&](const json& one) { out.history.push_back(change_of(one)); });
    each(in, "warnings", [&](const json& one) {
        out.warnings.push_back({text(one, "code"), text(one, "node"), text(one, "detail")});
    });
    read_matrix(in, out);
    return out;
}

std::optional<std::vector<server_report>> read_servers(std::string_view body)
{
    const json in = parsed(body);
    std::vector<server_report> out;
    each(in, "servers", [&](const json& one) {
        out.push_back({text(one, "id"), text(one, "url"), text(one, "role"), text(one, "state")});
    });
    if (out.empty()) return std::nullopt;
    return out;
}

std::optional<health_report> read_health(std::string_view body)
{
    const json in = parsed(body);
    if (text(in, "status").empty()) return std::nullopt;
    health_report out;
    out.status = text(in, "status");
    out.summary = text(in, "summary");
    out.id = text(in, "serverId");
    out.role = text(in, "role");
    out.version = text(in, "version");
    const json* const ready = find(in, "ready");
    out.ready = ready != nullptr && ready->is_boolean() && ready->get<bool>();
    return out;
}

problem_report read_problem(std::string_view body)
{
    const json in = parsed(body);
    return {text(in, "code"), text(in, "title"), text(in, "detail")};
}

std::optional<std::string> read_text(std::string_view body, const char* name)
{
    std::string found = text(parsed(body), name);
    if (found.empty()) return std::nullopt;
    return found;
}

std::optional<std::int64_t> read_number(std::string_view body, const char* name)
{
    return integer(parsed(body), name);
}

std::optional<name_page> read_names(std::string_view body)
{
    const json in = parsed(body);
    if (find(in, "items") == nullptr) return std::nullopt;
    name_page out;
    each(in, "items", [&](const json& one) { out.names.push_back(text(one, "name")); });
    out.next = text(in, "nextCursor");
    return out;
}

}  // namespace kieng::cluster::ctl

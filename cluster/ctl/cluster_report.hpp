// What a node says of the cluster (GET /api/cluster/status, /api/cluster/healthy-servers), as kiengctl keeps it. Plain values, and pure
// readers; thread safe. What an answer does not have, or has in another type, reads as absent.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::ctl {

struct member_report {
    std::string id, url, role, state, db, version, why;
    std::optional<wall_time> since;  // of the state
    std::int64_t applied = 0;
    std::int64_t lag = 0;
    std::optional<double> age_ms, rtt_p50, rtt_p99, clock_offset_ms;
    double error_rate = 0;
    double uptime_percent = 0;
};

// How long each part of a change took.
struct phase_report {
    std::optional<double> detect, decide, fence, announce, total;  // milliseconds
};

struct role_change_report {
    std::string at, event, from, to, reason;
    std::int64_t epoch = 0;
    phase_report ms;
};

struct warning_report {
    std::string code, node, detail;
};

struct cluster_report {
    std::string status, summary, cluster, seen_by, detection, db, scope;
    std::int64_t incarnation = 0, epoch = 0, view = 0, pos = 0, tolerates_failures = 0;
    std::string active;   // id; empty when nobody is
    std::string kept_by;  // "operator": it does not fail back
    std::optional<wall_time> active_since;
    std::optional<std::int64_t> lease_ms_left;
    std::vector<member_report> members;
    std::map<std::string, std::map<std::string, std::string>> matrix;
    std::vector<role_change_report> history;
    std::vector<warning_report> warnings;

    [[nodiscard]] const member_report* member(std::string_view id) const;
};

struct server_report {
    std::string id, url, role, state;
};

struct health_report {
    std::string status, summary, id, role, version;
    bool ready = false;
};

struct problem_report {
    std::string code, title, detail;
};

// Nothing for what is no such answer.
[[nodiscard]] std::optional<cluster_report> read_status(std::string_view body);
[[nodiscard]] std::optional<std::vector<server_report>> read_servers(std::string_view body);
[[nodiscard]] std::optional<health_report> read_health(std::string_view body);
[[nodiscard]] problem_report read_problem(std::string_view body);
// One text or number of an object.
[[nodiscard]] std::optional<std::string> read_text(std::string_view body, const char* name);
[[nodiscard]] std::optional<std::int64_t> read_number(std::string_view body, const char* name);

// A page of names, and where the next one begins.
struct name_page {
    std::vector<std::string> names;
    std::string next;
};
[[nodiscard]] std::optional<name_page> read_names(std::string_view body);

}  // namespace kieng::cluster::ctl

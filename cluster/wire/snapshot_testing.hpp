// A cluster of three as server-a sees it, for the tests of what the endpoints show.
#pragma once

#include "base/json_reader.hpp"
#include "cluster/wire/health_json.hpp"
#include "cluster/wire/status_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace kieng::cluster::wire::testing {

using namespace std::chrono_literals;

inline const wall_time kNow = from_iso8601("2026-11-20T18:55:01Z").value();

inline member_facts a_member(const std::string& id, bool self = false)
{
    member_facts out;
    out.node = {id, "0190a0b0-0000-7000-8000-000000000001", "https://" + id + ".example", 0,
                "0.1.0"};
    out.self = self;
    out.state = member_state::alive;
    out.why = sighting::heard;
    out.since = instant(100s);
    out.pos = out.applied = 1'234;
    out.database = database_state::well;
    if (self) return out;
    out.last_heard = instant(999'900ms);
    out.last_heartbeat = instant(990s);
    out.round_trip_p50 = 400us;
    out.round_trip_p99 = 1'250us;
    out.clock_offset = -1'500us;
    return out;
}

inline cluster_snapshot a_snapshot()
{
    cluster_snapshot out;
    out.self = "server-a";
    out.boot = "0190a0b0-0000-7000-8000-000000000001";
    out.taken = instant(1'000s);
    out.incarnation = 7;
    out.epoch = 12;
    out.view = 9;
    out.pos = out.applied = 1'234;
    out.lease = lease_phase::active;
    out.active = "server-a";
    out.active_since = instant(400s);
    out.lease_left = 2'500ms;
    out.database = database_state::well;
    out.database_time = 600us;
    out.summary = {3, 3, 2, true, outage_scope::none};
    out.members = {a_member("server-a", true), a_member("server-b"), a_member("server-c")};
    out.members[0].role = node_role::active;
    out.matrix = {
        {"server-a", {{"server-b", member_state::alive}, {"server-c", member_state::alive}}}};
    out.servers = {
        9,
        12,
        "server-a",
        false,
        {{"server-a", "https://server-a.example", 0, node_role::active, member_state::alive},
         {"server-b", "https://server-b.example", 1, node_role::standby, member_state::alive}}};
    out.servers.incarnation = 7;
    return out;
}

inline cluster_snapshot without_c()
{
    auto out = a_snapshot();
    auto& c = out.members[2];
    c.state = member_state::down;
    c.why = sighting::refused;
    c.since = instant(970s);
    out.summary.well = 2;
    out.summary.tolerates_failures = 1;
    return out;
}

inline status_frame frame(tongue in = tongue::en, bool with_reasons = true)
{
    return {"kieng", kNow, in, with_reasons};
}

inline nlohmann::json parsed(const std::string& text)
{
    const auto value = parse_json(text);
    CAPTURE(text);
    REQUIRE(value.has_value());
    return *value;
}

inline health_facts facts()
{
    health_facts out;
    out.version = "0.1.0";
    out.uptime = 3'600s;
    out.started = true;
    out.loop_delay = 100us;
    out.resident_bytes = 73'400'320;
    return out;
}

}  // namespace kieng::cluster::wire::testing

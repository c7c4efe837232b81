#include "cluster/wire/status_json.hpp"

#include "cluster/wire/healthy_servers_json.hpp"
#include "cluster/wire/json_writer.hpp"
#include "cluster/wire/snapshot_testing.hpp"
#include "cluster/wire/stats_json.hpp"

using namespace kieng;
using namespace kieng::cluster;
using namespace kieng::cluster::wire;
using namespace kieng::cluster::wire::testing;
using namespace std::chrono_literals;

TEST_CASE("the status says all of the cluster in one answer")
{
    auto now = a_snapshot();
    now.disagreements = {
        {"server-c", {{"server-a", member_state::alive}, {"server-b", member_state::down}}}};
    takeover_record taken;
    taken.at = instant(400s);
    taken.from = "server-b";
    taken.to = "server-a";
    taken.epoch = 12;
    taken.reason = takeover_reason::crashed;
    taken.phases = {5ms, 10ms, 40ms, 2'500us};
    now.history = {taken};
    now.warnings = {{warning_code::clock_skew, "server-b", "5.2 s ahead"}};
    const auto got = parsed(status_json(now, frame()));
    CHECK(got["status"] == "warn");
    CHECK(got["cluster"] == "kieng");
    CHECK(got["asSeenBy"] == "server-a");
    CHECK(got["incarnation"] == 7);
    CHECK(got["epoch"] == 12);
    CHECK(got["view"] == 9);
    CHECK(got["pos"] == 1'234);
    CHECK(got["active"]["id"] == "server-a");
    CHECK(got["active"]["since"] == "2026-11-20T18:45:01.000Z");
    CHECK(got["active"]["leaseMsLeft"] == 2'500);
    CHECK(got["active"]["keptBy"].is_null());
    CHECK(got["toleratesFailures"] == 2);
    CHECK(got["detection"] == "stream");
    const auto& b = got["members"][1];
    CHECK(b["id"] == "server-b");
    CHECK(b["role"] == "standby");
    CHECK(b["state"] == "alive");
    CHECK(b["applied"] == 1'234);
    CHECK(b["lag"] == 0);
    CHECK(b["ageMs"] == 100);
    CHECK(b["lastHeartbeatAt"] == "2026-11-20T18:54:51.000Z");
    CHECK(b["rttMs"]["p50"] == 0.4);
    CHECK(b["rttMs"]["p99"] == 1.25);
    CHECK(b["clockOffsetMs"] == -1.5);
    CHECK(b["db"] == "well");
    CHECK(b["version"] == "0.1.0");
    CHECK(b["why"] == "beats come in");
    CHECK(got["matrix"]["server-a"]["server-b"] == "alive");
    CHECK(got["disagreements"][0]["about"] == "server-c");
    CHECK(got["disagreements"][0]["held"]["server-b"] == "down");
    CHECK(got["history"][0]["event"] == "takeover");
    CHECK(got["history"][0]["at"] == "2026-11-20T18:45:01.000Z");
    CHECK(got["history"][0]["reason"] == name_of(takeover_reason::crashed));
    CHECK(got["history"][0]["ms"]["total"] == 57.5);
    CHECK(got["warnings"][0]["node"] == "server-b");
    CHECK(got["warnings"][0]["detail"] == "5.2 s ahead");
}

TEST_CASE("what was not measured is null, and what an operator gave is noted")
{
    auto now = a_snapshot();
    now.active_kept = true;
    takeover_record told;
    told.at = instant(400s);
    told.from = "server-b";
    told.to = "server-a";
    told.epoch = 12;
    told.reason = takeover_reason::resigned;
    told.planned = true;
    now.history = {told};
    const auto got = parsed(status_json(now, frame()));
    CHECK(got["status"] == "pass");
    CHECK(got["active"]["keptBy"] == "operator");
    CHECK(got["history"][0]["event"] == "handover");
    CHECK(got["history"][0]["ms"]["total"].is_null());
    CHECK(status_text(now, frame()).find("active server-a (kept there by an operator), epoch 12") !=
          std::string::npos);
}

TEST_CASE("strangers read no reasons")
{
    auto now = without_c();
    now.warnings = {{warning_code::clock_skew, "server-b", "5.2 s ahead"}};
    const auto json = status_json(now, frame(tongue::en, false));
    CHECK(json.find("why") == json.npos);
    CHECK(json.find("detail") == json.npos);
    for (const auto& text : {status_text(now, frame(tongue::en, false)),
                             health_text(facts(), now, frame(tongue::en, false)),
                             health_json(facts(), now, frame(tongue::en, false))}) {
        CHECK(text.find("refused") == text.npos);
        CHECK(text.find("ahead") == text.npos);
    }
}

TEST_CASE("people read lines")
{
    CHECK(database_line(a_snapshot()) == "[+] postgres 0.6 ms\n");
    const auto now = without_c();
    CHECK(member_line(now.members[2], now, frame()) ==
          "[-] server-c DOWN since 18:54:31 (30 s): stream closed, connection refused\n");
    CHECK(status_text(now, frame()) ==
          "[!] kieng: Selling works; server-c does not answer.\n"
          "[+] server-a active, lag 0\n"
          "[+] server-b standby, lag 0, 0.4 ms\n"
          "[-] server-c DOWN since 18:54:31 (30 s): stream closed, connection refused\n"
          "[+] postgres 0.6 ms\n"
          "[+] active server-a, epoch 12, view 9, position 1234, as seen by server-a\n");
}

TEST_CASE("the summary is a sentence for the shop")
{
    const auto in_words = [](const cluster_snapshot& now, tongue in = tongue::en) {
        return summary_of(now, in, view_of::cluster);
    };
    CHECK(in_words(a_snapshot()) == "All is well: 3 servers, of which 2 may fail.");
    CHECK(in_words(a_snapshot(), tongue::vi) ==
          "Mọi thứ đều ổn: 3 máy chủ, hỏng 2 máy vẫn bán được.");
    CHECK(in_words(without_c(), tongue::vi) == "Vẫn bán hàng được; server-c không trả lời.");
    auto alone = without_c();
    alone.members[1].state = member_state::down;
    alone.summary.tolerates_failures = 0;
    CHECK(in_words(alone) ==
          "Selling works, but on one server alone; server-b and server-c do not answer.");
    auto leaderless = a_snapshot();
    leaderless.summary.has_active = false;
    CHECK(in_words(leaderless) == "Selling works; the servers are choosing which of them leads.");
    auto cut = a_snapshot();
    cut.scope = outage_scope::node;
    CHECK(in_words(cut) == "This server cannot reach the database; the other servers serve.");
    cut.scope = outage_scope::shared;
    CHECK(in_words(cut) == "The database cannot be reached; nothing can be sold right now.");
    CHECK(grade_of(cut, view_of::cluster) == grade::fail);
    CHECK(grade_of(cut, view_of::node) == grade::warn);
    auto single = a_snapshot();
    single.members.resize(1);
    single.summary = {1, 1, 0, true, outage_scope::none};
    CHECK(in_words(single) == "All is well.");
    CHECK(grade_of(single, view_of::cluster) == grade::pass);
    auto draining = a_snapshot();
    draining.draining = true;
    CHECK(summary_of(draining, tongue::en, view_of::node) ==
          "This server is draining; use another one.");
    CHECK(in_words(draining) == "All is well: 3 servers, of which 2 may fail.");
    draining.servers.panic = true;
    CHECK(in_words(draining) == "All servers are draining or away: take one into use again.");
    CHECK(grade_of(draining, view_of::cluster) == grade::fail);
    auto warned = a_snapshot();
    warned.warnings = {{warning_code::clock_skew, "server-b", ""}};
    CHECK(in_words(warned) == "Selling works; there are warnings for the operator.");
}

TEST_CASE("the list of healthy servers has its order, view and tag")
{
    auto now = a_snapshot();
    auto got = parsed(healthy_servers_json(now, "kieng", 30s));
    CHECK(got["cluster"] == "kieng");
    CHECK(got["incarnation"] == 7);
    CHECK(got["epoch"] == 12);
    CHECK(got["view"] == 9);
    CHECK(got["active"] == "server-a");
    CHECK(got["refreshSeconds"] == 30);
    CHECK_FALSE(got.contains("panic"));
    CHECK(got["servers"].size() == 2);
    CHECK(
        got["servers"][0] ==
        nlohmann::json::parse(
            R"({"id":"server-a","url":"https://server-a.example","priority":0,"role":"active","state":"alive"})"));
    CHECK(healthy_servers_etag(now) == "9");
    CHECK(healthy_servers_text(now) == "server-a https://server-a.example active alive\n"
                                       "server-b https://server-b.example standby alive\n");
    now.servers.panic = true;
    now.servers.active.clear();
    got = parsed(healthy_servers_json(now, "kieng", 30s));
    CHECK(got["panic"] == true);
    CHECK(got["active"].is_null());
}

TEST_CASE("a snapshot of nothing is written all the same")
{
    const cluster_snapshot nothing;
    parsed(status_json(nothing, frame()));
    parsed(health_json({}, nothing, frame(tongue::vi)));
    parsed(healthy_servers_json(nothing, "", 30s));
    CHECK(parsed(status_json(nothing, frame()))["active"].is_null());
    auto odd = a_snapshot();
    odd.warnings = {{warning_code::clock_skew, "server-b", "quote \" line \n end"}};
    CHECK(parsed(status_json(odd, frame()))["warnings"][0]["detail"] == "quote \" line \n end");
}

TEST_CASE("statistics come by window")
{
    cluster_statistics what;
    what.self = "server-a";
    what.observed = 7'200s;
    what.windows.push_back({3'600s,
                            {{"server-b", 14'400, 3, {14'397, 400us, 2ms, 9ms}}},
                            {10, 5ms, 50ms, 60ms},
                            {},
                            1,
                            2});
    const auto got = parsed(stats_json(what, "kieng"));
    const auto& hour = got["windows"][0];
    CHECK(hour["windowSeconds"] == 3'600);
    CHECK(hour["health"][0]["failures"] == 3);
    CHECK(hour["health"][0]["responseMs"]["p50"] == 0.4);
    CHECK(hour["syncMs"]["p99"] == 50);
    CHECK(hour["takeoverMs"]["p50"].is_null());
    CHECK(hour["failovers"] == 1);
    CHECK(hour["handovers"] == 2);
    CHECK(stats_text(what) == "last 60 min: 1 failovers, 2 handovers\n"
                              "  sync p50 5 ms, p99 50 ms\n"
                              "  [!] server-b 14400 checks, 3 failed, p50 0.4 ms, p99 2 ms\n");
}

TEST_CASE("numbers have no needless digits")
{
    CHECK(decimal(0.6) == "0.6");
    CHECK(decimal(12) == "12");
    CHECK(decimal(100) == "100");
    CHECK(decimal(-1.25) == "-1.25");
    CHECK(decimal(-0.0001) == "0");
    CHECK(decimal(1.0 / 0.0) == "0");
    CHECK(rough(119s) == "119 s");
    CHECK(rough(2h) == "2 h");
    CHECK(rough(72h) == "3 d");
}

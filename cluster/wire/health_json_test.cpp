#include "cluster/wire/health_json.hpp"

#include "cluster/wire/snapshot_testing.hpp"

using namespace kieng;
using namespace kieng::cluster;
using namespace kieng::cluster::wire;
using namespace kieng::cluster::wire::testing;
using namespace std::chrono_literals;

TEST_CASE("health tells the node and what it sees")
{
    const auto got = parsed(health_json(facts(), without_c(), frame()));
    CHECK(got["status"] == "warn");
    CHECK(got["serverId"] == "server-a");
    CHECK(got["role"] == "active");
    CHECK(got["ready"] == true);
    CHECK(got["epoch"] == 12);
    CHECK(got["accepts"] == nlohmann::json::parse(R"({"reads":true,"writes":true})"));
    CHECK(got["scope"].is_null());
    const auto& checks = got["checks"];
    CHECK(checks["postgres:responseTime"][0]["observedValue"] == 0.6);
    CHECK(checks["lease:remaining"][0]["observedValue"] == 2'500);
    CHECK(checks["sync:lag"][0]["observedValue"] == 0);
    CHECK(checks["memory:rss"][0]["observedUnit"] == "bytes");
    CHECK(checks["peer:reachable"].size() == 2);
    CHECK(checks["peer:reachable"][1]["componentId"] == "server-c");
    CHECK(checks["peer:reachable"][1]["status"] == "warn");
    CHECK(checks["peer:reachable"][1]["output"] == "stream closed, connection refused");
    CHECK(health_text(facts(), a_snapshot(), frame()) ==
          "[+] server-a: All is well: 3 servers, of which 2 may fail.\n"
          "[+] postgres 0.6 ms\n"
          "[+] sync 0 positions behind\n"
          "[+] loop delay 0.1 ms\n"
          "[+] lease of server-a 2500 ms left\n"
          "[+] memory 70 MiB\n"
          "[+] server-b standby, lag 0, 0.4 ms\n"
          "[+] server-c standby, lag 0, 0.4 ms\n");
}

TEST_CASE("a shared outage of the database keeps the node in the balancer, and says what works")
{
    auto now = a_snapshot();
    now.database = database_state::lost;
    now.scope = outage_scope::shared;
    auto node = facts();
    node.database_why = "connection refused";
    node.stale_reads = true;
    const auto got = parsed(health_json(node, now, frame()));
    CHECK(got["status"] == "warn");
    CHECK(got["scope"] == "shared");
    CHECK(got["accepts"] == nlohmann::json::parse(R"({"reads":"stale","writes":false})"));
    CHECK(got["checks"]["postgres:responseTime"][0]["output"] == "connection refused");
    CHECK_FALSE(got["checks"]["postgres:responseTime"][0].contains("observedValue"));
    CHECK(satisfies(node, now, requirement::none));
    CHECK_FALSE(satisfies(node, now, requirement::writes));
    CHECK(health_text(node, now, frame())
              .find("[-] postgres unreachable from every server: connection refused\n") !=
          std::string::npos);
}

TEST_CASE("what is required decides between 200 and 503")
{
    auto now = a_snapshot();
    auto node = facts();
    for (const auto what :
         {requirement::none, requirement::ready, requirement::active, requirement::writes})
        CHECK(satisfies(node, now, what));
    now.lease = lease_phase::lapsed;
    CHECK_FALSE(satisfies(node, now, requirement::active));
    CHECK(satisfies(node, now, requirement::writes));
    now.draining = true;
    CHECK_FALSE(satisfies(node, now, requirement::none));
    auto got = parsed(health_json(node, now, frame()));
    CHECK(got["status"] == "fail");
    CHECK(got["state"] == "draining");
    CHECK(got["summary"] == "This server is draining; use another one.");
    CHECK(got["accepts"] == nlohmann::json::parse(R"({"reads":true,"writes":true})"));
    CHECK(health_text(node, now, frame()).starts_with("[-] server-a: This server is draining"));
    now.draining = false;
    node.started = false;
    CHECK_FALSE(satisfies(node, now, requirement::ready));
    CHECK(parsed(health_json(node, now, frame()))["scope"] == "node");
    CHECK(parsed(health_json(node, now, frame()))["summary"] == "This server is starting.");
    CHECK(parsed(health_json(node, now, frame()))["state"] == "starting");
}

TEST_CASE("a node whose control thread stands still is not ready and has no role")
{
    auto picture = a_snapshot();
    picture.duty_deadline = picture.taken + 2s;
    CHECK(parsed(health_json(facts(), picture, frame()))["state"] == "running");
    auto now = as_of(picture, picture.taken + 1'200ms);
    CHECK_FALSE(satisfies(facts(), now, requirement::ready));
    CHECK_FALSE(satisfies(facts(), now, requirement::active));
    auto got = parsed(health_json(facts(), now, frame()));
    CHECK(got["status"] == "fail");
    CHECK(got["state"] == "stuck");
    CHECK(got["ready"] == false);
    CHECK(got["summary"] == "This server stands still; use another one.");
    CHECK(got["accepts"]["writes"] == false);
    now = as_of(picture, picture.taken + 2s);
    CHECK(parsed(health_json(facts(), now, frame()))["role"] == "standby");
    got = parsed(status_json(now, frame()));
    CHECK(got["active"].is_null());
    CHECK(got["members"][0]["role"] == "standby");
    CHECK(got["warnings"][0]["code"] == "own_loops_stuck");
}

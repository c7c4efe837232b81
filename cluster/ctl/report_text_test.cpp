#include "cluster/ctl/report_text.hpp"

#include "cluster/ctl/text_table.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace kieng::cluster::ctl {
namespace {

constexpr const char* kStatus =
    R"({"status":"warn","summary":"One node is away.","cluster":"shop","asSeenBy":"server-b",
"at":"2026-11-20T18:54:31.000Z","incarnation":7,"epoch":4,"view":9,"pos":120,
"active":{"id":"server-b","since":"2026-11-20T18:54:00.250Z","leaseMsLeft":2100},"toleratesFailures":1,"detection":"stream","db":"well","scope":null,
"members":[
{"id":"server-a","url":"http://a:4000","role":"standby","state":"down","since":"2026-11-20T18:54:00.003Z","applied":100,"lag":20,"ageMs":null,"rttMs":null,
 "errorRate":0.25,"uptimePercent":99,"clockOffsetMs":null,"db":"unknown","version":"0.1.0"},
{"id":"server-b","url":"http://b:4000","role":"active","state":"alive","since":null,"applied":120,"lag":0,"ageMs":0,"rttMs":{"p50":0.4,"p99":1.5},
 "errorRate":0,"uptimePercent":100,"clockOffsetMs":0.1,"db":"well","version":"0.1.0","why":"heard"}],
"matrix":{"server-b":{"server-a":"down"}},"disagreements":[],
"history":[{"at":"2026-11-20T18:54:00.250Z","event":"takeover","from":"server-a","to":"server-b","epoch":4,"reason":"crashed",
 "ms":{"detect":3,"decide":20,"fence":4.5,"announce":null,"total":27.5}}],
"warnings":[{"code":"clock_skew","node":"server-a","detail":"6 s"}]})";

}  // namespace

TEST_CASE("a status is read with what it has; what it has not is absent")
{
    const auto got = read_status(kStatus);
    REQUIRE(got.has_value());
    CHECK(got->active == "server-b");
    CHECK(got->lease_ms_left == 2100);
    CHECK(got->scope.empty());
    CHECK(got->member("server-a")->since == from_iso8601("2026-11-20T18:54:00.003Z"));
    CHECK(!got->member("server-a")->rtt_p50.has_value());
    CHECK(got->member("server-x") == nullptr);
    CHECK(got->matrix.at("server-b").at("server-a") == "down");
    CHECK(got->history[0].ms.fence == 4.5);
    CHECK(!got->history[0].ms.announce.has_value());
    for (const char* const wrong : {"", "[]", "{}", "{\"status\":1}", "null", "{\"members\":[]}"})
        CHECK(!read_status(wrong).has_value());
    const auto odd = read_status(
        R"({"status":"pass","members":[{"id":5}],"active":7,"matrix":[],"history":{},"epoch":"4"})");
    REQUIRE(odd.has_value());
    CHECK(odd->members[0].id.empty());
    CHECK(odd->epoch == 0);
}

TEST_CASE("a status shows the nodes, the opinions that differ, the latest changes and the warnings")
{
    const std::string text = status_text(*read_status(kStatus));
    CHECK(text.find("[!] One node is away.") == 0);
    CHECK(text.find("active server-b since 2026-11-20T18:54:00.250Z") != std::string::npos);
    CHECK(text.find("tolerates 1 failure;") != std::string::npos);
    CHECK(text.find("server-a  standby  down   unknown  20") != std::string::npos);
    CHECK(text.find("SEEN BY") != std::string::npos);
    CHECK(text.find("server-a -> server-b  epoch 4  crashed") != std::string::npos);
    CHECK(text.find("[!] clock_skew server-a: 6 s") != std::string::npos);
    CHECK(text.find("kept there") == std::string::npos);
    auto kept = *read_status(kStatus);
    kept.kept_by = "operator";
    kept.history[0].ms = {};
    CHECK(status_text(kept).find("active server-b (kept there by an operator) since") !=
          std::string::npos);
    CHECK(status_text(kept).find("epoch 4  crashed  - ms\n") != std::string::npos);
    auto well = *read_status(kStatus);
    well.matrix["server-b"]["server-a"] = "alive";
    CHECK(status_text(well).find("SEEN BY") == std::string::npos);
}

TEST_CASE("a look of watch is one line")
{
    const auto at = *from_iso8601("2026-11-20T18:54:31Z");
    CHECK(status_line(*read_status(kStatus), at) ==
          "18:54:31 warn  epoch 4  active server-b  server-a down +20  server-b alive  warnings 1");
}

TEST_CASE("the exit code tells scripts how it is")
{
    auto what = *read_status(kStatus);
    CHECK(code_of(what) == exit_code::degraded);
    what.status = "pass";
    CHECK(code_of(what) == exit_code::well);
    CHECK(code_of_lag(what, 100) == exit_code::degraded);  // one is down
    what.members[0].state = "alive";
    CHECK(code_of_lag(what, 20) == exit_code::well);
    CHECK(code_of_lag(what, 19) == exit_code::degraded);
    CHECK(nlohmann::json::parse(lag_json(what, 19))["members"][0]["lag"] == 20);

    std::vector<node_health> nodes(2);
    nodes[0].id = "server-a";
    nodes[0].why = "unreachable";
    nodes[1] = nodes[0];
    CHECK(code_of(nodes) == exit_code::nobody);
    nodes[1].body =
        R"({"status":"pass","summary":"All is well.","serverId":"server-b","role":"active","ready":true,"version":"0.1.0"})";
    nodes[1].said = read_health(nodes[1].body);
    CHECK(code_of(nodes) == exit_code::degraded);
    CHECK(health_text(nodes).find("[-] server-a  does not answer: unreachable") == 0);
    CHECK(nlohmann::json::parse(health_json(nodes))["nodes"][1]["health"]["ready"] == true);
    nodes.erase(nodes.begin());
    CHECK(code_of(nodes) == exit_code::well);
}

TEST_CASE("a table is as wide as its words, in characters")
{
    text_table table({"A", "B"});
    table.add({"kiềng", "1"});
    table.add({"xx", ""});
    CHECK(table.text() == "A      B\nkiềng  1\nxx\n");
    CHECK(short_number(0.44) == "0.4");
    CHECK(short_number(1250.4) == "1250");
}

}  // namespace kieng::cluster::ctl

// Runs vectors.json, which every failover client must pass:
//
//   kieng_cluster_client_test               all cases, and the tests of their coverage
//   kieng_cluster_client_test --case 17     one, and says what it found
//   kieng_cluster_client_test --list        their names
#define DOCTEST_CONFIG_IMPLEMENT
#include "base/errc.hpp"
#include "cluster/client/testing.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iostream>
#include <set>

namespace kieng::cluster::client::testing {
namespace {

int only_case = 0;

json all_cases()
{
    std::ifstream file(KIENG_VECTORS);
    return json::parse(file);
}

std::string title(const json& one)
{
    return std::to_string(one["n"].get<int>()) + " " + one["level"].get<std::string>() + " / " +
           one["rule"].get<std::string>() + ": " + one["about"].get<std::string>();
}

complaints run(const json& one)
{
    try {
        return one["level"] == "rules" ? run_rules_case(one) : run_wire_case(one);
    } catch (const std::exception& broken) {
        return {std::string("threw: ") + broken.what()};
    }
}

}  // namespace

settings settings_of(const json& given)
{
    settings out;
    const json in = given.value("settings", json::object());
    std::map<std::string, milliseconds*> times{{"deadlineMs", &out.deadline},
                                               {"waitCapMs", &out.wait_cap},
                                               {"attemptUnknownMs", &out.attempt_unknown},
                                               {"attemptMinMs", &out.attempt_min},
                                               {"bodyStallMs", &out.body_stall},
                                               {"probeEveryMs", &out.probe_every},
                                               {"failBackStableMs", &out.fail_back_stable},
                                               {"hedgeMinMs", &out.hedge_min}};
    std::map<std::string, int*> counts{{"retries", &out.retries},
                                       {"breakerInRow", &out.breaker_in_row},
                                       {"breakerCalls", &out.breaker_calls}};
    std::map<std::string, double*> parts{{"budget", &out.budget}, {"hedgeShare", &out.hedge_share}};
    for (const auto& [name, value] : in.items()) {
        if (times.contains(name))
            *times[name] = milliseconds(value.get<int>());
        else if (counts.contains(name))
            *counts[name] = value;
        else if (parts.contains(name))
            *parts[name] = value;
        else
            throw std::invalid_argument("no setting is called " + name);
    }
    return out;
}

std::function<double()> jitter_of(const json& given)
{
    auto draws = given.value("jitter", std::vector<double>{0.0});
    return [draws, next = std::size_t{0}]() mutable { return draws[next++ % draws.size()]; };
}

void compare(const std::string& where, const json& wanted, const json& found, complaints& out)
{
    for (const auto& [name, value] : wanted.items()) {
        if (!found.contains(name) || found[name] != value) {
            out.push_back(where + ": " + name + " should be " + value.dump() + " in " +
                          found.dump());
        }
    }
}

std::string_view name_of(service_state state)
{
    switch (state) {
    case service_state::ok: return "ok";
    case service_state::degraded: return "degraded";
    case service_state::offline: return "offline";
    }
    return "offline";
}

json json_of(const event& one)
{
    switch (one.kind) {
    case event_kind::state: return {{"kind", "state"}, {"state", name_of(one.state)}};
    case event_kind::server:
        return {{"kind", "server"}, {"server", one.server}, {"from", one.from}, {"why", one.why}};
    case event_kind::history_changed: break;
    }
    return {{"kind", "history_changed"}};
}

TEST_CASE("every case of vectors.json holds")
{
    int ran = 0;
    for (const json& one : all_cases()) {
        if (only_case != 0 && one["n"] != only_case) continue;
        ++ran;
        const complaints wrong = run(one);
        if (only_case != 0)
            std::cout << title(one) << (wrong.empty() ? ": holds\n" : ": does not hold\n");
        for (const std::string& what : wrong) FAIL_CHECK(title(one) << "\n    " << what);
    }
    CHECK(ran > 0);
}

TEST_CASE("there are at least 200 cases, numbered from 1, and every error code is in them")
{
    const json cases = all_cases();
    CHECK(cases.size() >= 200);
    std::set<std::string> codes;
    int number = 0;
    for (const json& one : cases) {
        CHECK(one["n"] == ++number);
        if (one["level"] != "wire") continue;
        for (const auto& [server, scripts] : one["servers"].items()) {
            if (!scripts.is_array()) continue;
            for (const json& script : scripts) {
                if (script.contains("json") && script["json"].contains("code"))
                    codes.insert(script["json"]["code"]);
            }
        }
    }
    for (int code = 1; code <= static_cast<int>(kLastErrc); ++code) {
        CHECK_MESSAGE(codes.contains(std::string(kieng::name_of(static_cast<errc>(code)))),
                      kieng::name_of(static_cast<errc>(code)));
    }
}

}  // namespace kieng::cluster::client::testing

int main(int count, char** words)
{
    using namespace kieng::cluster::client::testing;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--case" && i + 1 < count) only_case = std::stoi(words[i + 1]);
        if (word == "--list") {
            for (const json& one : all_cases()) std::cout << title(one) << "\n";
            return 0;
        }
    }
    doctest::Context context(count, words);
    if (only_case != 0) context.setOption("test-case", "every case of vectors.json holds");
    return context.run();
}

#include "node/health.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::node;

namespace {

health_figures well()
{
    health_figures now;
    now.server_id = "server-a";
    now.started = true;
    now.database = true;
    now.database_time = std::chrono::microseconds(600);
    return now;
}

}  // namespace

TEST_CASE("a well node passes and says so in the caller's language")
{
    const auto json = nlohmann::json::parse(health_json(well(), http::language::vi, false));
    CHECK(json.at("status") == "pass");
    CHECK(json.at("summary") == "Mọi thứ đều ổn.");
    CHECK(json.at("scope").is_null());
    CHECK(json.at("checks").at("postgres:responseTime").at(0).at("observedValue") == 0.6);
    CHECK(satisfies(well(), requirement::writes));
}

TEST_CASE("a database that is away is a warning that all share, and stays 200")
{
    auto now = well();
    now.database = false;
    now.database_why = "connection refused at 10.0.0.9";
    const auto json = nlohmann::json::parse(health_json(now, http::language::en, false));
    CHECK(json.at("status") == "warn");
    CHECK(json.at("scope") == "shared");
    CHECK(json.at("accepts").at("writes") == false);
    CHECK(satisfies(now, requirement::none));
    CHECK(satisfies(now, requirement::ready));
    CHECK(!satisfies(now, requirement::writes));
}

TEST_CASE("reasons are for signed-in callers only")
{
    auto now = well();
    now.database = false;
    now.database_why = "connection refused at 10.0.0.9";
    CHECK(health_json(now, http::language::en, false).find("10.0.0.9") == std::string::npos);
    CHECK(health_text(now, http::language::en, false).find("10.0.0.9") == std::string::npos);
    CHECK(health_text(now, http::language::en, true)
              .find("[-] postgres unreachable: connection refused") != std::string::npos);
}

TEST_CASE("a node that starts or stops is not ready")
{
    auto now = well();
    now.started = false;
    CHECK(!satisfies(now, requirement::none));
    now = well();
    now.draining = true;
    CHECK(!satisfies(now, requirement::ready));
    CHECK(nlohmann::json::parse(health_json(now, http::language::en, false)).at("scope") == "node");
}

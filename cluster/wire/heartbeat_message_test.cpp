#include "cluster/wire/heartbeat_message.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::cluster;
using namespace kieng::cluster::wire;

namespace {

heartbeat_message a_heartbeat()
{
    heartbeat_message out;
    auto& [node, state, incarnation, house, marks, lost] = out.state;
    node = {"server-a", "0190a0b0-0000-7000-8000-000000000001", "https://shop.example:4000", 2,
            "0.1.0"};
    state.epoch = 12;
    state.pos = 100'000;
    state.applied = 99'999;
    state.view = 9;
    state.database = database_state::slow;
    state.database_age = std::chrono::milliseconds(600);
    state.loops_age = std::chrono::milliseconds(7);
    state.active = state.draining = true;
    state.held =
        opinions{{"server-b", member_state::suspect}, {"server-c", member_state::draining}};
    incarnation = 1'790'000'000'000;
    house.settings_hash = "00ff";
    house.certificate_expires = wall_time(std::chrono::seconds(1'800'000'000));
    house.disk = disk_space{123'456'789, 200'000'000'000};
    lost = history_loss{incarnation, "PostgreSQL is another server",
                        wall_time(std::chrono::seconds(1'790'000'000))};
    marks = {{98'000, 1}, {99'000, 0xFEDC'BA98'7654'3210}};
    out.sent_at = wall_time(std::chrono::microseconds(1'790'000'000'123'456));
    out.uptime = std::chrono::seconds(77);
    return out;
}

nlohmann::json a_body()
{
    return nlohmann::json::parse(write_heartbeat(a_heartbeat()));
}

}  // namespace

TEST_CASE("a heartbeat is read as it was written")
{
    const auto sent = a_heartbeat();
    const auto text = write_heartbeat(sent);
    const auto got = read_heartbeat(text);
    REQUIRE(got.has_value());
    CHECK(write_heartbeat(*got) == text);
    CHECK(got->state.node == sent.state.node);
    CHECK(got->state.marks == sent.state.marks);
    CHECK(got->state.incarnation == sent.state.incarnation);
    CHECK(got->state.condition.certificate_expires == sent.state.condition.certificate_expires);
    CHECK(got->state.lost == sent.state.lost);
    CHECK(got->state.condition.disk == sent.state.condition.disk);
    CHECK(got->state.state.held == sent.state.state.held);
    CHECK(got->state.state.database_age == sent.state.state.database_age);
    CHECK(got->state.state.loops_age == sent.state.state.loops_age);
    CHECK(got->state.state.active);
    CHECK(got->state.state.draining);
    CHECK_FALSE(got->state.state.resigned);
    CHECK(got->sent_at == sent.sent_at);
    CHECK(got->uptime == sent.uptime);
}

TEST_CASE("a heartbeat of a node that has just begun leaves out what it does not know")
{
    heartbeat_message sent;
    sent.state.node = {"d", "0190a0b0-0000-7000-8000-000000000001", "http://127.0.0.1:4000", 0,
                       "1"};
    const auto text = write_heartbeat(sent);
    for (const char* name : {"certificate", "diskFree", "opinions", "ageMs"})
        CHECK(text.find(name) == text.npos);
    const auto got = read_heartbeat(text);
    REQUIRE(got.has_value());
    CHECK(write_heartbeat(*got) == text);
    CHECK_FALSE(got->state.state.held.has_value());
    CHECK_FALSE(got->state.state.database_age.has_value());
}

TEST_CASE("an answer to a heartbeat is read as it was written")
{
    const heartbeat_answer sent{a_heartbeat(), wall_time(std::chrono::seconds(1'790'000'001))};
    const auto text = write_heartbeat_answer(sent);
    const auto got = read_heartbeat_answer(text);
    REQUIRE(got.has_value());
    CHECK(write_heartbeat_answer(*got) == text);
    CHECK(got->received_at == sent.received_at);
    for (const char* bad : {"", "{}", "[]", R"({"state":1,"receivedAt":"2026-11-20T09:00:00Z"})",
                            R"({"state":{},"receivedAt":"2026-11-20T09:00:00Z"})"})
        CHECK(read_heartbeat_answer(bad).has_error());
}

TEST_CASE("what a newer node says in a heartbeat does not make it unreadable")
{
    auto body = a_body();
    body["mood"] = "good";
    body["database"]["replica"] = true;
    body["opinions"]["server-b"] = "asleep";
    body["database"]["state"] = "dreaming";
    const auto got = read_heartbeat(body.dump());
    REQUIRE(got.has_value());
    CHECK(got->state.state.held.value().at("server-b") == member_state::unknown);
    CHECK(got->state.state.database == database_state::unknown);
}

TEST_CASE("a heartbeat with a fault is refused with its place")
{
    const std::vector<std::pair<std::string, nlohmann::json>> faults{
        {"/node", "server a"},
        {"/node", std::string(33, 'a')},
        {"/node", nullptr},
        {"/url", "ftp://x.example"},
        {"/url", "http://x y"},
        {"/url", "http://" + std::string(300, 'x')},
        {"/boot", "x"},
        {"/priority", -1},
        {"/priority", 1.5},
        {"/version", ""},
        {"/settingsHash", "XY"},
        {"/settingsHash", std::string(65, 'a')},
        {"/incarnation", -1},
        {"/epoch", "12"},
        {"/role", "leader"},
        {"/view", nullptr},
        {"/pos", -5},
        {"/applied", 1e300},
        {"/marks", 5},
        {"/marks/0", 5},
        {"/marks/1/value", "12"},
        {"/marks/1/value", "ABCDEF0123456789"},
        {"/marks/0/pos", -1},
        {"/database", "well"},
        {"/database/state", ""},
        {"/database/ageMs", -1},
        {"/loopsAgeMs", -1},
        {"/selfBlame", 1},
        {"/resigned", nullptr},
        {"/sentAt", "now"},
        {"/uptimeSeconds", -1},
        {"/certificateExpires", "never"},
        {"/diskFreeBytes", -1},
        {"/opinions", nlohmann::json::array()},
        {"/draining", "no"}};
    for (const auto& [pointer, value] : faults) {
        CAPTURE(pointer);
        CAPTURE(value.dump());
        auto body = a_body();
        body[nlohmann::json::json_pointer(pointer)] = value;
        const auto got = read_heartbeat(body.dump());
        REQUIRE(got.has_error());
        CHECK(got.error().fields.at(0).pointer == pointer);
    }
    auto body = a_body();
    body["opinions"] = {{"server b", "alive"}};
    CHECK(read_heartbeat(body.dump()).has_error());
    body["opinions"] = {{"server-b", 1}};
    CHECK(read_heartbeat(body.dump()).has_error());
    for (int i = 0; i < 65; ++i) body["opinions"]["n" + std::to_string(i)] = "alive";
    CHECK(read_heartbeat(body.dump()).has_error());
}

TEST_CASE("each member a heartbeat needs is missed when it is not there")
{
    for (const char* name :
         {"node", "url", "boot", "priority", "version", "settingsHash", "incarnation", "epoch",
          "role", "view", "pos", "applied", "database", "sentAt", "uptimeSeconds", "draining"}) {
        CAPTURE(name);
        auto body = a_body();
        body.erase(name);
        CHECK(read_heartbeat(body.dump()).has_error());
    }
}

TEST_CASE("a heartbeat longer than its limit is refused unread")
{
    CHECK(read_heartbeat(std::string(kLongestHeartbeat + 1, ' ')).error().code ==
          errc::payload_too_large);
}

#include "cluster/wire/heartbeat_message.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::cluster::wire;

namespace {

heartbeat_message a_heartbeat()
{
    heartbeat_message out;
    out.node = "server-a";
    out.url = "https://shop.example:4000";
    out.boot = "0190a0b0-0000-7000-8000-000000000001";
    out.priority = 2;
    out.version = "0.1.0";
    out.settings_hash = "00ff";
    out.incarnation = 1'790'000'000'000;
    out.epoch = 12;
    out.role = role_word::active;
    out.view = 9;
    out.pos = 100'000;
    out.applied = 99'999;
    out.rolling = rolling_mark{99'000, 0xFEDC'BA98'7654'3210};
    out.database = database_word::slow;
    out.database_time = std::chrono::microseconds(600);
    out.sent_at = wall_time(std::chrono::microseconds(1'790'000'000'123'456));
    out.uptime = std::chrono::seconds(77);
    out.certificate_expires = wall_time(std::chrono::seconds(1'800'000'000));
    out.disk_free_bytes = 123'456'789;
    out.peers = {{"server-b", opinion::suspect}, {"server-c", opinion::draining}};
    out.draining = true;
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
    const auto got = read_heartbeat(write_heartbeat(sent));
    REQUIRE(got.has_value());
    CHECK(*got == sent);
}

TEST_CASE("a heartbeat of a node that has just begun leaves out what it does not know")
{
    heartbeat_message sent;
    sent.node = "d";
    sent.url = "http://127.0.0.1:4000";
    sent.boot = "0190a0b0-0000-7000-8000-000000000001";
    sent.version = "1";
    const auto text = write_heartbeat(sent);
    CHECK(text.find("rolling") == text.npos);
    CHECK(text.find("certificate") == text.npos);
    const auto got = read_heartbeat(text);
    REQUIRE(got.has_value());
    CHECK(*got == sent);
}

TEST_CASE("an answer to a heartbeat is read as it was written")
{
    const heartbeat_answer sent{a_heartbeat(), wall_time(std::chrono::seconds(1'790'000'001))};
    const auto got = read_heartbeat_answer(write_heartbeat_answer(sent));
    REQUIRE(got.has_value());
    CHECK(*got == sent);
    for (const char* text : {"", "{}", "[]", R"({"state":1,"receivedAt":"2026-11-20T09:00:00Z"})",
                             R"({"state":{},"receivedAt":"2026-11-20T09:00:00Z"})"})
        CHECK(read_heartbeat_answer(text).has_error());
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
    CHECK(got->peers.at("server-b") == opinion::unknown);
    CHECK(got->database == database_word::unknown);
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
        {"/rolling", 5},
        {"/rolling/value", "12"},
        {"/rolling/value", "ABCDEF0123456789"},
        {"/rolling/pos", -1},
        {"/database", "well"},
        {"/database/state", ""},
        {"/database/microseconds", -1},
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
    for (const char* name : {"node", "url", "boot", "priority", "version", "settingsHash",
                             "incarnation", "epoch", "role", "view", "pos", "applied", "database",
                             "sentAt", "uptimeSeconds", "opinions", "draining"}) {
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

TEST_CASE("four times tell how far the other clock is ahead")
{
    const auto at = [](int ms) {
        return wall_time(std::chrono::milliseconds(1'790'000'000'000 + ms));
    };
    // The other clock is 3,000 ms ahead; 10 ms there, 5 ms of work, 20 ms back.
    const auto reading = compare_clocks(at(0), at(3'010), at(3'015), at(35));
    CHECK(reading.offset == std::chrono::milliseconds(2'995));
    CHECK(reading.round_trip == std::chrono::milliseconds(30));
}

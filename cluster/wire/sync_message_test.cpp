#include "cluster/wire/sync_message.hpp"

#include "cluster/wire/sync_packer.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::cluster::wire;

namespace {

sync_event an_event(std::string data = R"({"name":"Cà phê"})")
{
    sync_event out;
    out.type = "ProductUpdatedEvent";
    out.entity = "product";
    out.entity_id = "0190a0b0-0000-7000-8000-000000000001";
    out.version = 3;
    out.tags = {"product:0190a0b0-0000-7000-8000-000000000001", "slug:cà-phê", "list:products"};
    out.at = wall_time(std::chrono::microseconds(1'790'000'000'123'456));
    out.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    out.data = std::move(data);
    return out;
}

sync_position a_position(std::int64_t pos, std::size_t events = 1)
{
    return {pos, std::vector<sync_event>(events, an_event()), false};
}

std::string message_of(const std::string& positions)
{
    return R"({"incarnation":7,"from":"server-a","positions":[)" + positions + "]}";
}

// An event in JSON, with `changed` in place of the member of the same name.
std::string event_json(const std::string& name = {}, const std::string& changed = {})
{
    std::vector<std::pair<std::string, std::string>> members{
        {"seq", "1"},
        {"type", R"("T")"},
        {"entity", R"("e")"},
        {"entityId", R"("0190a0b0-0000-7000-8000-000000000001")"},
        {"version", "1"},
        {"tags", R"(["a"])"},
        {"at", R"("2026-11-20T09:00:00Z")"},
        {"trace", R"("00")"},
        {"data", "{}"}};
    std::string out = "{";
    for (const auto& [member, value] : members) {
        const auto& text = member == name ? changed : value;
        if (text.empty()) continue;
        if (out.size() > 1) out += ',';
        out += "\"" + member + "\":" + text;
    }
    return out + "}";
}

std::string with_event(const std::string& event)
{
    return message_of(R"({"pos":5,"events":[)" + event + "]}");
}

}  // namespace

TEST_CASE("positions that were packed are read the same")
{
    sync_packer packer("server-a");
    const std::vector<sync_position> sent{a_position(12, 3), a_position(11), {13, {}, true}};
    for (const auto& one : sent) packer.add(pack(one, 7));
    const auto push = packer.next();
    REQUIRE(push.has_value());
    CHECK(push->positions == 3);
    CHECK(push->events == 4);
    CHECK(push->highest == 13);
    CHECK_FALSE(packer.next().has_value());
    const auto got = read_sync_message(push->body);
    REQUIRE(got.has_value());
    CHECK(got->incarnation == 7);
    CHECK(got->from == "server-a");
    CHECK(got->positions == sent);
}

TEST_CASE("an event without entity id, trace and tags is read the same")
{
    sync_position sent = a_position(1);
    sent.events[0].entity_id.clear();
    sent.events[0].trace.clear();
    sent.events[0].tags.clear();
    sync_packer packer("server-a");
    packer.add(pack(sent, 7));
    const auto got = read_sync_message(packer.next()->body);
    REQUIRE(got.has_value());
    CHECK(got->positions.at(0) == sent);
}

TEST_CASE("a message is filled to its limits and never splits a position")
{
    sync_packer packer("server-a");
    for (int pos = 1; pos <= 10; ++pos) packer.add(pack(a_position(pos, 120), 7));
    std::vector<std::int64_t> seen;
    while (const auto push = packer.next()) {
        CHECK(push->body.size() <= sync_limits::kBytes);
        const auto got = read_sync_message(push->body);
        REQUIRE(got.has_value());
        for (const auto& one : got->positions) {
            CHECK(one.events.size() == 120);
            seen.push_back(one.pos);
        }
        CHECK(push->positions == (seen.size() <= 8 ? 4 : 2));
    }
    CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(packer.waiting_bytes() == 0);
}

TEST_CASE("a message of many bytes keeps under the limit of bytes")
{
    sync_packer packer("server-a");
    const std::string data = R"({"x":")" + std::string(100'000, 'x') + "\"}";
    for (int pos = 1; pos <= 5; ++pos) packer.add(pack({pos, {an_event(data)}, false}, 7));
    std::size_t positions = 0;
    while (const auto push = packer.next()) {
        CHECK(push->body.size() <= sync_limits::kBytes);
        CHECK(read_sync_message(push->body).has_value());
        positions += push->positions;
    }
    CHECK(positions == 5);
}

TEST_CASE("a position a receiver would refuse is announced for fetching")
{
    std::vector<sync_position> refused(9, a_position(4));
    refused[0] = a_position(4, sync_limits::kEvents + 1);
    refused[1].events[0].data = R"({"x":")" + std::string(sync_limits::kBytes, 'x') + "\"}";
    refused[2].events[0].tags.assign(sync_limits::kTags + 1, "t");
    refused[3].events[0].tags = {std::string(sync_limits::kTag + 1, 't')};
    refused[4].events[0].data = R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}";
    refused[5].events[0].type.clear();
    refused[6].events[0].tags = {"a\x01"};
    refused[7].events[0].entity_id = "not-a-uuid";
    refused[8].events[0].type = "\xFF";
    for (std::size_t i = 0; i < refused.size(); ++i) {
        CAPTURE(i);
        CHECK(pack(refused[i], 7)->json == R"({"pos":4,"fetch":true})");
    }
    CHECK(pack({4, {}, false}, 7)->json == R"({"pos":4,"fetch":true})");
}

TEST_CASE("the largest position that fits is read")
{
    sync_position sent = a_position(9'000'000'000'000'000'000, sync_limits::kEvents);
    CHECK(pack(sent, 7)->events == sync_limits::kEvents);
    const auto frame = pack({1, {an_event("{\"x\":\"\"}")}, false}, 7)->json.size();
    for (std::size_t spare = 100; spare < 160; ++spare) {
        sync_packer packer(std::string(32, 'a'));
        const std::string data =
            "{\"x\":\"" + std::string(sync_limits::kBytes - frame - spare, 'x') + "\"}";
        packer.add(pack({1, {an_event(data)}, false}, INT64_MAX));
        const auto push = packer.next();
        REQUIRE(push.has_value());
        CHECK(push->body.size() <= sync_limits::kBytes);
        CHECK(read_sync_message(push->body).has_value());
    }
}

TEST_CASE("braces in strings of the data are no depth")
{
    const auto event = an_event(R"({"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[[["})");
    CHECK(pack({1, {event}, false}, 7)->events == 1);
}

TEST_CASE("positions of two histories never share a message")
{
    sync_packer packer("server-a");
    packer.add(pack(a_position(5), 7));
    packer.add(pack(a_position(1), 8));
    CHECK(packer.next()->incarnation == 7);
    CHECK(packer.next()->incarnation == 8);
    CHECK_FALSE(packer.next().has_value());
}

TEST_CASE("a queue that grows beyond its limits forgets the oldest and says so")
{
    sync_packer packer("server-a");
    const auto one = pack({1, {}, true}, 7);
    for (std::size_t i = 0; i < sync_packer::kMostPositions + 3; ++i) packer.add(one);
    CHECK(packer.waiting() == sync_packer::kMostPositions);
    CHECK(packer.forgotten() == 3);
    packer.clear();
    CHECK(packer.waiting() == 0);
    CHECK(packer.waiting_bytes() == 0);
    CHECK(packer.forgotten() == sync_packer::kMostPositions + 3);
    const auto large =
        pack({1, {an_event(R"({"x":")" + std::string(200'000, 'x') + "\"}")}, false}, 7);
    for (int i = 0; i < 60; ++i) packer.add(large);
    CHECK(packer.waiting_bytes() <= sync_packer::kMostBytes);
}

TEST_CASE("members of a newer version are passed over")
{
    const auto got = read_sync_message(
        R"({"incarnation":7,"from":"server-a","later":1,"positions":[{"pos":5,"more":[],"events":[)" +
        event_json("trace", R"("00","colour":"red")") + "]}]}");
    CHECK(got.has_value());
}

TEST_CASE("a malformed push is refused with the place of the fault")
{
    struct bad {
        std::string body, pointer;
    };
    const std::string long_text(101, 'x');
    const std::vector<bad> cases{
        {"[]", ""},
        {R"({"from":"a","positions":[{"pos":1,"fetch":true}]})", "/incarnation"},
        {R"({"incarnation":0,"from":"a","positions":[{"pos":1,"fetch":true}]})", "/incarnation"},
        {R"({"incarnation":1,"from":"a b","positions":[{"pos":1,"fetch":true}]})", "/from"},
        {R"({"incarnation":1,"from":"","positions":[{"pos":1,"fetch":true}]})", "/from"},
        {R"({"incarnation":1,"from":"a"})", "/positions"},
        {R"({"incarnation":1,"from":"a","positions":{}})", "/positions"},
        {message_of(""), "/positions"},
        {message_of("1"), "/positions/0"},
        {message_of(R"({"fetch":true})"), "/positions/0/pos"},
        {message_of(R"({"pos":0,"fetch":true})"), "/positions/0/pos"},
        {message_of(R"({"pos":-1,"fetch":true})"), "/positions/0/pos"},
        {message_of(R"({"pos":1.5,"fetch":true})"), "/positions/0/pos"},
        {message_of(R"({"pos":9223372036854775808,"fetch":true})"), "/positions/0/pos"},
        {message_of(R"({"pos":1,"fetch":"yes"})"), "/positions/0/fetch"},
        {message_of(R"({"pos":1,"fetch":true,"events":[]})"), "/positions/0/events"},
        {message_of(R"({"pos":1})"), "/positions/0/events"},
        {message_of(R"({"pos":1,"events":[]})"), "/positions/0/events"},
        {message_of(R"({"pos":1,"events":[[]]})"), "/positions/0/events/0"},
        {with_event(event_json("seq", "2")), "/positions/0/events/0/seq"},
        {with_event(event_json("seq", "0")), "/positions/0/events/0/seq"},
        {with_event(event_json() + "," + event_json()), "/positions/0/events/1/seq"},
        {with_event(event_json("type", "\"\"")), "/positions/0/events/0/type"},
        {with_event(event_json("type", "\"" + long_text + "\"")), "/positions/0/events/0/type"},
        {with_event(event_json("entity", "null")), "/positions/0/events/0/entity"},
        {with_event(event_json("entityId", "\"x\"")), "/positions/0/events/0/entityId"},
        {with_event(event_json("version", "-1")), "/positions/0/events/0/version"},
        {with_event(event_json("version", "\"1\"")), "/positions/0/events/0/version"},
        {with_event(event_json("tags", "\"a\"")), "/positions/0/events/0/tags"},
        {with_event(event_json("tags", "[1]")), "/positions/0/events/0/tags/0"},
        {with_event(event_json("tags", "[\"\"]")), "/positions/0/events/0/tags/0"},
        {with_event(event_json("at", "\"yesterday\"")), "/positions/0/events/0/at"},
        {with_event(event_json("at", "1")), "/positions/0/events/0/at"},
        {with_event(event_json("trace", "\"a\\nb\"")), "/positions/0/events/0/trace"},
        {with_event(event_json("data", "[]")), "/positions/0/events/0/data"},
        {with_event(event_json("data", "")), "/positions/0/events/0/data"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.body);
        const auto got = read_sync_message(one.body);
        REQUIRE(got.has_error());
        CHECK(got.error().code == errc::validation_failed);
        REQUIRE_FALSE(got.error().fields.empty());
        CHECK(got.error().fields.at(0).pointer == one.pointer);
    }
}

TEST_CASE("a push that is not JSON, too long or too full is refused")
{
    const auto code = [](const std::string& body) { return read_sync_message(body).error().code; };
    CHECK(code("") == errc::malformed_json);
    CHECK(code(message_of(R"({"pos":1,"pos":2,"fetch":true})")) == errc::malformed_json);
    CHECK(code(message_of(R"({"pos":1,"fetch":true})") + "x") == errc::malformed_json);
    CHECK(code(std::string(sync_limits::kBytes + 1, ' ')) == errc::payload_too_large);
    std::string many, events;
    for (std::size_t i = 0; i <= sync_limits::kPositions; ++i)
        many += std::string(i ? "," : "") + R"({"pos":1,"fetch":true})";
    CHECK(code(message_of(many)) == errc::validation_failed);
    for (std::size_t i = 0; i < 251; ++i)
        events += (i ? "," : "") + event_json("seq", std::to_string(i + 1));
    const std::string half = R"({"pos":1,"events":[)" + events + "]}";
    CHECK(read_sync_message(message_of(half)).has_value());
    CHECK(code(message_of(half + "," + half)) == errc::validation_failed);
}

TEST_CASE("the answer to a push is read as it was written")
{
    CHECK(read_sync_answer(write_sync_answer(42)).value() == 42);
    for (const char* text : {"", "{}", "{\"applied\":-1}", "{\"applied\":\"1\"}", "[]", "null"}) {
        CAPTURE(text);
        CHECK(read_sync_answer(text).has_error());
    }
}

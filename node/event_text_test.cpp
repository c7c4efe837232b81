#include "node/event_text.hpp"

#include "node/identity/permissions.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::node;

namespace {

http::caller caller_of(std::string_view role, std::string user = {}, std::string session = {})
{
    http::caller out;
    out.role = role;
    out.user_id = std::move(user);
    out.session_id = std::move(session);
    out.permissions = *identity::permissions_of(role);
    return out;
}

store::position sample()
{
    store::position out;
    out.pos = 7;
    out.events.push_back({"ProductUpdatedEvent", "product", "p1", 3, {}, "{\"price\":\r\n1}"});
    out.events.push_back({"SessionEndedEvent", "session", "s1", 0, {"user:u1"}, "{}"});
    out.events.push_back({"CategoryUpdatedEvent", "category", "", 2, {}, ""});
    return out;
}

std::string text_for(const http::caller& who)
{
    std::string out;
    append_blocks(out, *show(sample(), 5, "5.7.ff"), who);
    return out;
}

}  // namespace

TEST_CASE("the id comes with the last block of a position that the caller sees")
{
    CHECK(text_for(caller_of("anonymous")) ==
          "event: ProductUpdatedEvent\n"
          "data: {\"pos\":7,\"seq\":0,\"type\":\"ProductUpdatedEvent\",\"entity\":\"product\","
          "\"entityId\":\"p1\",\"version\":3,\"data\":{}}\n"
          "\n"
          "event: CategoryUpdatedEvent\n"
          "data: {\"pos\":7,\"seq\":2,\"type\":\"CategoryUpdatedEvent\",\"entity\":\"category\","
          "\"entityId\":null,\"version\":2,\"data\":{}}\n"
          "id: 5.7.ff\n"
          "\n");
}

TEST_CASE("data is one line whatever it held")
{
    const auto text = text_for(caller_of("cashier", "u2"));
    CHECK(text.find("\"data\":{\"price\":  1}}\n") != std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("of a position that holds nothing for the caller nothing is written")
{
    auto what = sample();
    what.events.erase(what.events.begin());
    what.events.pop_back();
    std::string out;
    CHECK_FALSE(append_blocks(out, *show(what, 5, "5.7.ff"), caller_of("customer", "u2")));
    CHECK(out.empty());
    CHECK(append_blocks(out, *show(what, 5, "5.7.ff"), caller_of("customer", "u1")));
}

TEST_CASE("a stream ends with its own session or rights and with no others")
{
    auto what = sample();
    const auto shown = show(what, 5, "5.7.ff");
    CHECK(ends_stream(*shown, caller_of("customer", "u1", "s1")));
    CHECK_FALSE(ends_stream(*shown, caller_of("customer", "u1", "s2")));
    CHECK_FALSE(ends_stream(*shown, caller_of("anonymous")));
    what.events = {{"UserRightsChangedEvent", "user", "u1", 2, {}, "{}"}};
    CHECK(ends_stream(*show(what, 5, "t"), caller_of("customer", "u1", "s2")));
    CHECK_FALSE(ends_stream(*show(what, 5, "t"), caller_of("customer", "u2", "s1")));
    what.events = {{"UserUpdatedEvent", "user", "u1", 2, {}, "{}"}};
    CHECK_FALSE(ends_stream(*show(what, 5, "t"), caller_of("customer", "u1", "s1")));
}

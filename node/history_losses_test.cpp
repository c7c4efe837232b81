#include "node/history_losses.hpp"

#include "node/condition_watch.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using node::history_losses;

TEST_CASE("each history is reported lost once, however often it is proven")
{
    history_losses seen(system_clock());
    CHECK(seen.take().empty());
    seen.token_ahead(7);
    seen.token_ahead(7);
    const auto first = seen.take();
    REQUIRE(first.size() == 1);
    CHECK(first[0].incarnation == 7);
    CHECK(first[0].how == "a caller's token is ahead of PostgreSQL");
    seen.token_ahead(7);
    CHECK(seen.take().empty());
    seen.server_changed(8);
    seen.token_ahead(7);
    const auto second = seen.take();
    REQUIRE(second.size() == 1);
    CHECK(second[0].incarnation == 8);
    CHECK(seen.counts().by_token == 4);
    CHECK(seen.counts().by_server == 1);
}

TEST_CASE("the end of a certificate is read from its file, and nothing from what is none")
{
    // Of no authority and no use: made to be read here.
    constexpr std::string_view pem = R"(-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUJ4BY/HlLw00FcVxklzZVZMupZkgwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjExMjEwNDU3MjhaFw0yNjExMjQwNDU3
MjhaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAScYC/7G+Q1ZyRXzVhOP1mUsPo7A9nTOkwm9toRYkcLB2P/DskbIw2IE3yHK0yS
ekavhwicDZX6ODxsocybDk7bo1MwUTAdBgNVHQ4EFgQU9P1Tir9QjmtB9Swjrecf
HaJ/YpEwHwYDVR0jBBgwFoAU9P1Tir9QjmtB9SwjrecfHaJ/YpEwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA4FqrvOAVq6zOf3g3M8XgjpwKeFRE
WXizjDB9aP/X+uACICbw8hIsvIb5c5wLV9dyNKXRouW/FhgJ0PTpkrmeBuX3
-----END CERTIFICATE-----
)";
    const auto ends = node::certificate_end(pem);
    REQUIRE(ends.has_value());
    CHECK(ends->time_since_epoch() == std::chrono::seconds(1'795'496'248));
    CHECK_FALSE(node::certificate_end("").has_value());
    CHECK_FALSE(node::certificate_end("-----BEGIN CERTIFICATE-----\nAAAA\n").has_value());
}

TEST_CASE("the disk of a log is that of its folder, and of no folder there is nothing to say")
{
    const auto here = node::space_for_log("");
    REQUIRE(here.has_value());
    CHECK(here->total > 0);
    CHECK(here->free <= here->total);
    CHECK_FALSE(node::space_for_log("/there/is/no/such/folder/kieng.log").has_value());
}

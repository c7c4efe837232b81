#include "node/identity/testing.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

using http::verb;
using testing::answered;
using testing::call;
using testing::json;
using testing::shop;

constexpr const char* kEmail = "lan@example.vn";
constexpr const char* kPassword = "muoi hai con giap";

call login_as(const std::string& email, const std::string& password,
              const std::string& address = "192.0.2.1")
{
    call out{verb::post, "/auth/login", json{{"email", email}, {"password", password}}.dump()};
    out.address = address;
    return out;
}

call renew(const std::string& token)
{
    return {verb::post, "/auth/refresh", json{{"refreshToken", token}}.dump()};
}

call me(const std::string& token)
{
    return {verb::get, "/auth/me", "", token};
}

std::string access(const json& signed_in)
{
    return signed_in.at("accessToken");
}

std::string renewal(const json& signed_in)
{
    return signed_in.at("refreshToken");
}

TEST_CASE("who signs in gets the account, an access token and a refresh token")
{
    shop s;
    s.sign_up(kEmail);
    const auto in = s.b.ask(login_as("  LAN@Example.VN ", kPassword));
    REQUIRE(in.status == 200);
    CHECK(in.body.size() == 4);
    CHECK(in.body["user"]["email"] == kEmail);
    CHECK(in.body["user"]["role"] == "customer");
    CHECK(in.body["expiresIn"] == 900);
    CHECK(s.a.ask(me(access(in.body))).body == in.body["user"]);
}

TEST_CASE("a refresh token is good once and its successor goes on, on any node")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    const auto second = s.b.ask(renew(renewal(first)));
    REQUIRE(second.status == 200);
    CHECK(renewal(second.body) != renewal(first));
    CHECK(s.a.ask(me(access(second.body))).status == 200);
    const auto third = s.a.ask(renew(renewal(second.body)));
    CHECK(third.status == 200);
    CHECK(s.sql("SELECT count(*) FROM sessions") == "1");
}

TEST_CASE("a spent refresh token yields a sibling while its successor is unused")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    const auto lost = s.a.ask(renew(renewal(first)));
    const auto again = s.b.ask(renew(renewal(first)));
    REQUIRE(again.status == 200);
    CHECK(renewal(again.body) != renewal(lost.body));
    CHECK(s.a.ask(renew(renewal(again.body))).status == 200);
    // Now a successor was used: the first token in anybody's hand ends the session, everywhere.
    const auto thief = s.a.ask(renew(renewal(first)));
    CHECK(thief.status == 401);
    CHECK(thief.code() == "token_reused");
    CHECK(s.b.ask(me(access(again.body))).code() == "session_ended");
    CHECK(s.b.ask(renew(renewal(lost.body))).code() == "session_ended");
    CHECK(s.sql("SELECT count(*) FROM audit_log WHERE action = 'session.reuse'") == "1");
}

TEST_CASE("after a minute a spent refresh token ends the session")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    const auto second = s.a.ask(renew(renewal(first)));
    s.sql(
        "UPDATE refresh_tokens SET used_at = used_at - interval '61 seconds' WHERE used_at IS NOT NULL");
    CHECK(s.b.ask(renew(renewal(first))).code() == "token_reused");
    CHECK(s.a.ask(renew(renewal(second.body))).code() == "session_ended");
    CHECK(s.a.ask(me(access(second.body))).code() == "session_ended");
}

TEST_CASE("two tabs that renew at once both go on")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    for (int round = 0; round < 5; ++round) {
        s.sql("DELETE FROM refresh_tokens WHERE parent IS NOT NULL");
        s.sql("UPDATE refresh_tokens SET used_at = NULL");
        auto one = s.a.start(renew(renewal(first)));
        auto two = s.b.start(renew(renewal(first)));
        const auto left = testing::read(one.get());
        const auto right = testing::read(two.get());
        CHECK(left.status == 200);
        CHECK(right.status == 200);
        CHECK(s.a.ask(renew(renewal(left.body))).status == 200);
        CHECK(s.b.ask(renew(renewal(right.body))).status == 200);
    }
}

TEST_CASE("an expired, unknown or misshapen refresh token renews nothing")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    CHECK(s.a.ask(renew("kr1.nonsense")).code() == "token_invalid");
    CHECK(s.a.ask(renew(access(first))).code() == "token_invalid");
    CHECK(s.a.ask(renew("kr1." + system_random().text(32))).code() == "token_invalid");
    s.sql("UPDATE refresh_tokens SET expires_at = now() - interval '1 second'");
    CHECK(s.a.ask(renew(renewal(first))).code() == "session_ended");
}

TEST_CASE("signing out ends this session on every node and no other")
{
    shop s;
    s.sign_up(kEmail);
    const auto here = s.sign_in(kEmail);
    const auto there = s.sign_in(kEmail);
    CHECK(s.a.ask({verb::post, "/auth/logout", "", access(here)}).status == 204);
    CHECK(s.a.ask(me(access(here))).code() == "session_ended");
    CHECK(s.b.ask(me(access(here))).code() == "session_ended");
    CHECK(s.b.ask(renew(renewal(here))).code() == "session_ended");
    CHECK(s.b.ask(me(access(there))).status == 200);
}

TEST_CASE("signing out everywhere ends all sessions of the account")
{
    shop s;
    const auto other = s.sign_up("minh@example.vn");
    const auto one = s.sign_up(kEmail);
    const auto two = s.sign_in(kEmail);
    const json body{{"refreshToken", renewal(one)}, {"everywhere", true}};
    CHECK(s.a.ask({verb::post, "/auth/logout", body.dump()}).status == 204);
    for (const auto& in : {one, two}) {
        CHECK(s.b.ask(me(access(in))).code() == "session_ended");
        CHECK(s.b.ask(renew(renewal(in))).code() == "session_ended");
    }
    CHECK(s.b.ask(me(access(other))).status == 200);
}

TEST_CASE("signing out works with an old access token in hand and says so when it is all there is")
{
    shop s;
    const auto in = s.sign_up(kEmail);
    const json body{{"refreshToken", renewal(in)}};
    CHECK(s.a.ask({verb::post, "/auth/logout", body.dump(), "nonsense"}).status == 204);
    CHECK(s.a.ask({verb::post, "/auth/logout", body.dump(), "nonsense"}).status == 204);
    CHECK(s.a.ask({verb::post, "/auth/logout", "", "nonsense"}).code() == "token_invalid");
    CHECK(s.a.ask({verb::post, "/auth/logout", "", access(in)}).code() == "session_ended");
    CHECK(s.a.ask({verb::post, "/auth/logout"}).code() == "unauthenticated");
    CHECK(s.a.ask({verb::post, "/auth/logout", R"({"refreshToken":"whatever"})"}).status == 204);
    CHECK(s.a.ask({verb::post, "/auth/login",
                   json{{"email", kEmail}, {"password", kPassword}}.dump(), access(in)})
              .status == 200);
}

TEST_CASE("a new password ends the other sessions, and this one goes on with new tokens")
{
    shop s;
    const auto other = s.sign_up(kEmail);
    const auto in = s.sign_in(kEmail);
    const auto change = [&](const std::string& from, const std::string& to) {
        const json body{{"currentPassword", from}, {"newPassword", to}};
        return s.a.ask({verb::post, "/auth/password", body.dump(), access(in)});
    };
    CHECK(change("muoi hai con meo", "kieng ba chan vung").code() == "wrong_password");
    CHECK(change(kPassword, "short").code() == "weak_password");
    CHECK(change(kPassword, kEmail).code() == "weak_password");
    CHECK(change(kPassword, std::string(73, 'x')).code() == "password_too_long");
    const auto changed = change(kPassword, "kieng ba chan vung");
    REQUIRE(changed.status == 200);
    CHECK(s.b.ask(me(access(changed.body))).status == 200);
    CHECK(s.b.ask(renew(renewal(changed.body))).status == 200);
    CHECK(s.b.ask(me(access(in))).code() == "token_expired");
    CHECK(s.b.ask(renew(renewal(in))).code() == "token_invalid");
    CHECK(s.b.ask(me(access(other))).code() == "session_ended");
    CHECK(s.b.ask(renew(renewal(other))).code() == "session_ended");
    CHECK(s.a.ask(login_as(kEmail, kPassword)).code() == "invalid_credentials");
    CHECK(s.a.ask(login_as(kEmail, "kieng ba chan vung")).status == 200);
}

TEST_CASE("own sessions are listed and ended one by one; those of others are not there")
{
    shop s;
    s.sign_up(kEmail);
    const auto in = s.sign_in(kEmail);
    const auto stranger = s.sign_up("minh@example.vn");
    const auto list = s.a.ask({verb::get, "/auth/me/sessions", "", access(in)});
    REQUIRE(list.status == 200);
    REQUIRE(list.body["items"].size() == 2);
    CHECK(list.body["items"][0]["current"] == true);
    CHECK(list.body["items"][0]["userAgent"] == "test");
    CHECK(list.body["items"][0]["address"] == "192.0.2.1");
    const std::string other = list.body["items"][1]["id"];
    const auto end = [&](const json& as, const std::string& id) {
        return s.a.ask({verb::del, "/auth/me/sessions/" + id, "", access(as)}).status;
    };
    CHECK(end(stranger, other) == 404);
    CHECK(end(in, "no-uuid") == 404);
    CHECK(end(in, other) == 204);
    CHECK(end(in, other) == 404);
    CHECK(s.a.ask({verb::get, "/auth/me/sessions", "", access(in)}).body["items"].size() == 1);
}

TEST_CASE("an account keeps at most a hundred sessions, those used longest ago go")
{
    shop s;
    const auto first = s.sign_up(kEmail);
    const std::string id = first["user"]["id"];
    s.sql("INSERT INTO sessions (id, user_id, expires_at) SELECT gen_random_uuid(), '" + id +
          "', now() + interval '1 day' FROM generate_series(1, 99)");
    s.sql("UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE user_agent = 'test'");
    const auto in = s.sign_in(kEmail);
    CHECK(s.b.ask(me(access(first))).code() == "session_ended");
    CHECK(s.sql("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == "100");
    CHECK(s.b.ask(me(access(in))).status == 200);
}

TEST_CASE("a node that starts later knows which tokens were revoked before")
{
    shop s;
    const auto in = s.sign_up(kEmail);
    s.a.ask({verb::post, "/auth/logout", "", access(in)});
    testing::node later(
        s.where(), [](const store::position&) {}, shop::options());
    CHECK(later.ask(me(access(in))).status == 200);
    const auto loaded =
        later.io().wait([&]() -> task<result<void>> { return later.parts().load(); });
    CHECK(loaded.has_value());
    CHECK(later.ask(me(access(in))).code() == "session_ended");
}

TEST_CASE("no password and no token is stored in readable form")
{
    shop s;
    const auto in = s.sign_up(kEmail);
    s.a.ask(login_as(kEmail, kPassword));
    for (const auto* table : {"users", "credentials", "sessions", "refresh_tokens", "audit_log",
                              "requests", "login_attempts", "outbox"}) {
        CAPTURE(table);
        const auto found = [&](const std::string& text) {
            return s.sql("SELECT count(*) FROM " + std::string(table) + " t WHERE t::text LIKE '%" +
                         text + "%'");
        };
        CHECK(found(kPassword) == "0");
        CHECK(found(renewal(in).substr(4)) == "0");
        CHECK(found(access(in)) == "0");
    }
}

TEST_CASE("a sign-in takes no position; the end of a session does")
{
    shop s;
    s.sign_up(kEmail);
    const auto before = s.sql("SELECT pos FROM cluster_head");
    const auto in = s.sign_in(kEmail);
    s.a.ask(renew(renewal(in)));
    CHECK(s.sql("SELECT pos FROM cluster_head") == before);
    s.a.ask({verb::post, "/auth/logout", "", access(in)});
    CHECK(s.sql("SELECT pos FROM cluster_head") != before);
}

}  // namespace
}  // namespace kieng::identity

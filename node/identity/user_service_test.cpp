#include "node/identity/testing.hpp"
#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>

#include <set>

namespace kieng::identity {
namespace {

using http::verb;
using testing::answered;
using testing::call;
using testing::json;
using testing::shop;

constexpr const char* kEmail = "lan@example.vn";

std::string access(const json& signed_in)
{
    return signed_in.at("accessToken");
}

std::string id_of(const json& signed_in)
{
    return signed_in.at("user").at("id");
}

answered edit(testing::node& at, const json& as, const std::string& id, const json& body)
{
    return at.ask({verb::patch, "/users/" + id, body.dump(), access(as)});
}

std::vector<std::pair<std::string, std::string>> key(const std::string& text)
{
    return {{"idempotency-key", text}};
}

TEST_CASE("only the owner manages accounts and reads the log")
{
    shop s;
    const auto owner = s.owner();
    const auto customer = s.sign_up(kEmail);
    const std::vector<call> calls{
        {verb::get, "/users"},
        {verb::post, "/users", R"({"email":"x@y.vn","role":"owner"})"},
        {verb::get, "/users/" + id_of(owner)},
        {verb::patch, "/users/" + id_of(customer), R"({"version":1,"role":"owner"})"},
        {verb::del, "/users/" + id_of(owner)},
        {verb::get, "/audit"}};
    for (const auto* role : {"customer", "cashier", "warehouse", "manager"}) {
        CAPTURE(role);
        s.sql("UPDATE users SET role = '" + std::string(role) + "' WHERE email = '" + kEmail + "'");
        const auto in = s.sign_in(kEmail);
        for (auto what : calls) {
            CAPTURE(what.target);
            what.token = access(in);
            CHECK(s.a.ask(what).code() == "forbidden");
            what.token = "";
            CHECK(s.a.ask(what).code() == "unauthenticated");
        }
    }
    CHECK(s.sql("SELECT count(*) FROM users") == "2");
}

TEST_CASE("the owner makes accounts; a password the server made is shown once")
{
    shop s;
    const auto owner = s.owner();
    call request{verb::post, "/users",
                 R"({"email":"thu.ngan@example.vn","role":"cashier","firstName":"Minh"})",
                 access(owner)};
    request.headers = key("0193a1b2-8c9d-7e0f");
    const auto made = s.a.ask(request);
    REQUIRE(made.status == 201);
    CHECK(made.headers.at("Location") == "/users/" + made.at("id"));
    const auto in = s.sign_in("thu.ngan@example.vn", made.at("initialPassword"));
    CHECK(in["user"]["role"] == "cashier");
    const auto again = s.b.ask(request);
    CHECK(again.status == 201);
    CHECK(again.headers.at("Idempotency-Replayed") == "true");
    CHECK(again.body["id"] == made.body["id"]);
    CHECK(!again.body.contains("initialPassword"));
    request.headers.clear();
    CHECK(s.b.ask(request).code() == "email_taken");
}

TEST_CASE("a new role counts at once: older tokens must be renewed and then carry it")
{
    shop s;
    const auto owner = s.owner();
    const auto cashier = s.sign_up(kEmail);
    REQUIRE(edit(s.a, owner, id_of(cashier), {{"version", 1}, {"role", "manager"}}).status == 200);
    const auto old = s.b.ask({verb::get, "/auth/me", "", access(cashier)});
    CHECK(old.code() == "token_expired");
    const json body{{"refreshToken", cashier["refreshToken"]}};
    const auto renewed = s.b.ask({verb::post, "/auth/refresh", body.dump()});
    REQUIRE(renewed.status == 200);
    CHECK(renewed.body["user"]["role"] == "manager");
    const auto caller = s.a.parts().authenticator().authenticate(access(renewed.body));
    REQUIRE(caller.has_value());
    CHECK(caller->role == "manager");
}

TEST_CASE("a disabled account is out everywhere and comes back when it is enabled")
{
    shop s;
    const auto owner = s.owner();
    const auto lan = s.sign_up(kEmail);
    const auto remove = [&] {
        return s.a.ask({verb::del, "/users/" + id_of(lan), "", access(owner)}).status;
    };
    CHECK(remove() == 204);
    CHECK(remove() == 204);
    CHECK(s.b.ask({verb::get, "/auth/me", "", access(lan)}).code() == "session_ended");
    const json renew{{"refreshToken", lan["refreshToken"]}};
    CHECK(s.b.ask({verb::post, "/auth/refresh", renew.dump()}).code() == "session_ended");
    const json login{{"email", kEmail}, {"password", "muoi hai con giap"}};
    CHECK(s.b.ask({verb::post, "/auth/login", login.dump()}).code() == "account_disabled");
    const json wrong{{"email", kEmail}, {"password", "muoi hai con meo"}};
    CHECK(s.b.ask({verb::post, "/auth/login", wrong.dump()}).code() == "invalid_credentials");
    CHECK(edit(s.a, owner, id_of(lan), {{"version", 2}, {"status", "active"}}).status == 200);
    CHECK(s.b.ask({verb::post, "/auth/login", login.dump()}).status == 200);
}

TEST_CASE("a password set by the owner ends the account's sessions")
{
    shop s;
    const auto owner = s.owner();
    const auto lan = s.sign_up(kEmail);
    CHECK(edit(s.a, owner, id_of(lan), {{"version", 1}, {"password", kEmail}}).code() ==
          "weak_password");
    const auto set =
        edit(s.a, owner, id_of(lan), {{"version", 1}, {"password", "kieng ba chan vung"}});
    CHECK(set.status == 200);
    CHECK(set.body["version"] == 1);
    CHECK(s.b.ask({verb::get, "/auth/me", "", access(lan)}).code() == "session_ended");
    CHECK(s.sign_in(kEmail, "kieng ba chan vung")["user"]["id"] == id_of(lan));
}

TEST_CASE("the last owner stays")
{
    shop s;
    const auto owner = s.owner();
    CHECK(edit(s.a, owner, id_of(owner), {{"version", 1}, {"role", "manager"}}).code() ==
          "last_owner");
    CHECK(edit(s.a, owner, id_of(owner), {{"version", 1}, {"status", "disabled"}}).code() ==
          "last_owner");
    CHECK(s.a.ask({verb::del, "/users/" + id_of(owner), "", access(owner)}).code() == "last_owner");
    CHECK(edit(s.a, owner, id_of(owner), {{"version", 1}, {"firstName", "Lan"}}).status == 200);
}

TEST_CASE("two owners who demote each other at once leave one")
{
    shop s;
    const auto one = s.owner();
    s.sign_up(kEmail);
    for (int round = 0; round < 5; ++round) {
        s.sql("UPDATE users SET role = 'owner', status = 'active'");
        const auto first = s.sign_in("owner@example.vn");
        const auto second = s.sign_in(kEmail);
        auto left = s.a.start({verb::del, "/users/" + id_of(second), "", access(first)});
        auto right = s.b.start({verb::del, "/users/" + id_of(first), "", access(second)});
        left.wait();
        right.wait();
        CHECK(s.sql("SELECT count(*) FROM users WHERE role = 'owner' AND status = 'active'") ==
              "1");
    }
}

TEST_CASE("accounts are listed newest first, filtered, in pages, and counted on request")
{
    shop s;
    const auto owner = s.owner();
    for (int i = 0; i < 7; ++i) s.sign_up("khach" + std::to_string(i) + "@example.vn");
    s.sql(
        "UPDATE users SET first_name = 'Đặng', last_name = 'Thị Ánh' WHERE email = 'khach3@example.vn'");
    const auto get = [&](const std::string& target) {
        return s.b.ask({verb::get, target, "", access(owner)});
    };
    std::set<std::string> seen;
    std::string next = "/users?role=customer&limit=3";
    int pages = 0;
    for (; !next.empty(); ++pages) {
        const auto page = get(next);
        REQUIRE(page.status == 200);
        for (const auto& item : page.body["items"]) seen.insert(item["id"]);
        const auto cursor = page.body.value("nextCursor", "");
        next = cursor.empty() ? "" : "/users?role=customer&limit=3&cursor=" + cursor;
    }
    CHECK(pages == 3);
    CHECK(seen.size() == 7);
    for (const auto* words : {"dang+thi+anh", "thi+anh+dang", "KHACH3", "3%40exam"}) {
        CAPTURE(words);
        CHECK(get("/users?q=" + std::string(words)).body["items"].size() == 1);
    }
    CHECK(get("/users?q=%25").body["items"].size() == 0);
    CHECK(get("/users?total=true").body["total"] == 8);
    CHECK(get("/users?status=disabled&total=true").body["total"] == 0);
    const std::string cursor = get("/users?limit=1").body["nextCursor"];
    CHECK(get("/users?limit=2&cursor=" + cursor).status == 200);
    CHECK(get("/users?role=owner&cursor=" + cursor).code() == "cursor_invalid");
    CHECK(get("/users?cursor=AAAA").code() == "cursor_invalid");
    for (const auto* bad : {"limit=0", "limit=201", "limit=x", "role=admin", "status=gone",
                            "page=2", "q=", "total=1", "q=a&q=b", "q=+"}) {
        CAPTURE(bad);
        CHECK(get("/users?" + std::string(bad)).code() == "invalid_parameter");
    }
    CHECK(get("/users/" + id_of(owner)).body["email"] == "owner@example.vn");
    CHECK(get("/users/0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718").code() == "not_found");
    CHECK(get("/users/me").code() == "not_found");
}

TEST_CASE("the log says who did what, on which node, and shows no secret")
{
    shop s;
    const auto owner = s.owner();
    const auto lan = s.sign_up(kEmail);
    edit(s.a, owner, id_of(lan), {{"version", 1}, {"role", "cashier"}});
    const auto get = [&](const std::string& query) {
        return s.b.ask({verb::get, "/audit?" + query, "", access(owner)});
    };
    const auto changes = get("action=user.update&entityId=" + id_of(lan));
    REQUIRE(changes.body["items"].size() == 1);
    const auto& line = changes.body["items"][0];
    CHECK(line["actorId"] == id_of(owner));
    CHECK(line["actorEmail"] == "owner@example.vn");
    CHECK(line["node"] == "test");
    CHECK(line["address"] == "192.0.2.1");
    CHECK(line["details"] == json::parse(R"({"role":{"from":"customer","to":"cashier"}})"));
    CHECK(get("action=user").body["items"].size() == 3);
    CHECK(get("action=use").body["items"].size() == 0);
    CHECK(get("actor=" + id_of(lan)).body["items"].size() == 1);
    CHECK(get("entity=session").body["items"].size() == 1);
    CHECK(get("to=2020-01-01T00:00:00Z").body["items"].size() == 0);
    const auto page = get("limit=2");
    CHECK(page.body["items"].size() == 2);
    CHECK(get("limit=2&cursor=" + page.at("nextCursor")).body["items"].size() == 2);
    for (const auto* bad :
         {"actor=x", "action=User", "action=.", "entity=a.b", "from=yesterday", "foo=1"}) {
        CAPTURE(bad);
        CHECK(get(bad).code() == "invalid_parameter");
    }
}

}  // namespace
}  // namespace kieng::identity

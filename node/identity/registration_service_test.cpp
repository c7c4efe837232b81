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

std::vector<std::pair<std::string, std::string>> key(const std::string& text)
{
    return {{"idempotency-key", text}};
}

TEST_CASE("a registration makes a customer, whatever else it asks for is refused")
{
    shop s;
    const auto made = s.sign_up(kEmail);
    CHECK(made["user"]["role"] == "customer");
    CHECK(made["user"]["preferences"]["language"] == "en");
    const auto wanted =
        s.a.ask({verb::post, "/auth/register",
                 R"({"email":"x@y.vn","password":"muoi hai con giap","role":"owner"})"});
    CHECK(wanted.status == 422);
    CHECK(s.sql("SELECT count(*) FROM users") == "1");
}

TEST_CASE("an email is one account's, however it is written")
{
    shop s;
    s.sign_up("lần@example.vn");
    for (const auto* same : {"lần@example.vn", "LẦN@example.VN", "la\xCC\x82\xCC\x80n@example.vn",
                             "  lần@example.vn  "}) {
        const json body{{"email", same}, {"password", "muoi hai con giap"}};
        CHECK(s.b.ask({verb::post, "/auth/register", body.dump()}).code() == "email_taken");
    }
}

TEST_CASE("of many registrations of one email at once, one wins")
{
    shop s;
    const json body{{"email", kEmail}, {"password", "muoi hai con giap"}};
    std::vector<std::future<http::response>> waiting;
    for (int i = 0; i < 10; ++i)
        waiting.push_back(
            (i % 2 == 0 ? s.a : s.b).start({verb::post, "/auth/register", body.dump()}));
    int made = 0;
    for (auto& one : waiting) made += one.get().status == 201 ? 1 : 0;
    CHECK(made == 1);
    CHECK(s.sql("SELECT count(*) FROM users") == "1");
    CHECK(s.sql("SELECT count(*) FROM sessions") == "1");
}

TEST_CASE("a repeated registration is the same account with tokens of its own")
{
    shop s;
    call request{verb::post, "/auth/register",
                 R"({"email":"lan@example.vn","password":"muoi hai con giap"})"};
    request.headers = key("0193a1b2-8c9d-7e0f");
    const auto first = s.a.ask(request);
    const auto again = s.b.ask(request);
    REQUIRE(first.status == 201);
    REQUIRE(again.status == 201);
    CHECK(again.body["user"] == first.body["user"]);
    CHECK(again.body["refreshToken"] != first.body["refreshToken"]);
    CHECK(again.headers.at("Idempotency-Replayed") == "true");
    CHECK(first.headers.count("Idempotency-Replayed") == 0);
    CHECK(s.b.ask({verb::get, "/auth/me", "", access(again.body)}).status == 200);
    CHECK(s.sql("SELECT count(*) FROM users") == "1");

    auto other = request;
    other.body = R"({"email":"lan@example.vn","password":"muoi hai con meo"})";
    CHECK(s.a.ask(other).code() == "idempotency_key_reused");
    // The stored fingerprint is no plain hash that a password could be guessed from.
    CHECK(s.sql("SELECT count(*) FROM requests WHERE fingerprint = sha256('" + request.body +
                "')") == "0");

    const json change{{"currentPassword", "muoi hai con giap"},
                      {"newPassword", "kieng ba chan vung"}};
    CHECK(s.a.ask({verb::post, "/auth/password", change.dump(), access(first.body)}).status == 200);
    CHECK(s.a.ask(request).code() == "email_taken");
}

TEST_CASE("the first owner is made once, on however many nodes at once")
{
    shop s;
    const auto ensure = [](testing::node& at) {
        return at.io().start([&at]() -> task<result<bool>> {
            std::string email = "owner@example.vn";
            std::string password = "muoi hai con giap";
            return at.parts().ensure_first_owner(std::move(email), std::move(password));
        });
    };
    auto one = ensure(s.a);
    auto two = ensure(s.b);
    CHECK(*one.get() + *two.get() == 1);
    CHECK(*ensure(s.a).get() == false);
    CHECK(s.sql("SELECT string_agg(role, ',') FROM users") == "owner");
    CHECK(s.sign_in("owner@example.vn")["user"]["role"] == "owner");
}

TEST_CASE("a weak first password makes no owner")
{
    shop s;
    const auto made = s.a.io().wait([&]() -> task<result<bool>> {
        std::string email = "owner@example.vn";
        std::string password = "password123";
        return s.a.parts().ensure_first_owner(std::move(email), std::move(password));
    });
    REQUIRE(made.has_error());
    CHECK(made.error().code == errc::weak_password);
}

}  // namespace
}  // namespace kieng::identity

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

answered edit_me(testing::node& at, const json& as, const json& body)
{
    return at.ask({verb::patch, "/auth/me", body.dump(), access(as)});
}

std::vector<std::pair<std::string, std::string>> key(const std::string& text)
{
    return {{"idempotency-key", text}};
}

TEST_CASE("edits of one profile from two tabs merge or collide field by field")
{
    shop s;
    const auto lan = s.sign_up(kEmail);
    CHECK(edit_me(s.a, lan, {{"firstName", "Lan"}}).code() == "version_required");
    CHECK(edit_me(s.a, lan, {{"firstName", "Lan"}}).body["currentVersion"] == 1);
    const auto first = edit_me(s.a, lan, {{"version", 1}, {"firstName", "Lan"}});
    CHECK(first.body["version"] == 2);
    const auto second = edit_me(s.b, lan, {{"version", 1}, {"lastName", "Nguyễn"}});
    REQUIRE(second.status == 200);
    CHECK(second.body["version"] == 3);
    CHECK(second.body["firstName"] == "Lan");
    CHECK(second.body["merged"] == json::array({"firstName"}));
    const auto third = edit_me(s.b, lan, {{"version", 1}, {"firstName", "Minh"}});
    CHECK(third.code() == "version_conflict");
    CHECK(third.body["currentVersion"] == 3);
    CHECK(third.body["conflicts"] ==
          json::parse(R"([{"field":"firstName","theirs":"Lan","yours":"Minh"}])"));
    CHECK(edit_me(s.b, lan, {{"version", 99}, {"firstName", "Minh"}}).code() == "version_conflict");
    const auto same = edit_me(s.b, lan, {{"version", 3}, {"lastName", "Nguye\xCC\x82\xCC\x83n"}});
    CHECK(same.body["version"] == 3);
    CHECK(s.sql("SELECT count(*) FROM audit_log WHERE action = 'user.update'") == "2");
}

TEST_CASE("the version may stand in If-Match")
{
    shop s;
    const auto lan = s.sign_up(kEmail);
    const auto with = [&](const std::string& tag, const std::string& body) {
        return s.a.ask({verb::patch, "/auth/me", body, access(lan), {{"if-match", tag}}});
    };
    CHECK(with("\"1\"", R"({"firstName":"Lan"})").status == 200);
    CHECK(with("\"2.abc\"", R"({"firstName":"Minh"})").status == 200);
    CHECK(with("\"3\"", R"({"version":2,"firstName":"An"})").code() == "version_ambiguous");
    CHECK(with("\"3\"", R"({"version":3,"firstName":"An"})").status == 200);
    for (const auto* bad : {"*", "W/\"1\"", "1", "\"\"", "\"0\"", "\"01\"", "\"x\"", "\"1\", \"2\"",
                            "\"-1\"", "\"99999999999999999\""}) {
        CAPTURE(bad);
        CHECK(with(bad, R"({"firstName":"Lan"})").code() == "invalid_parameter");
    }
}

TEST_CASE("the same edit with the same key is done once")
{
    shop s;
    const auto lan = s.sign_up(kEmail);
    call request{verb::patch, "/auth/me", R"({"version":1,"firstName":"Lan"})", access(lan),
                 key("0193a1b2-8c9d-7e0f")};
    const auto first = s.a.ask(request);
    const auto again = s.b.ask(request);
    CHECK(first.status == 200);
    CHECK(again.raw == first.raw);
    CHECK(again.headers.at("Idempotency-Replayed") == "true");
}

}  // namespace
}  // namespace kieng::identity

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

TEST_CASE(
    "a wrong password and an unknown account are told in the same bytes and leave the same marks")
{
    shop s;
    s.sign_up(kEmail);
    const auto lines = [&s] {
        return std::stoi(s.sql("SELECT count(*) FROM audit_log WHERE action = 'session.refuse'"));
    };
    const auto wrong = s.a.ask(login_as(kEmail, "muoi hai con meo"));
    CHECK(lines() == 1);
    const auto unknown = s.a.ask(login_as("nobody@example.vn", "muoi hai con meo"));
    CHECK(lines() == 2);
    CHECK(wrong.status == 401);
    CHECK(wrong.code() == "invalid_credentials");
    CHECK(wrong.raw == unknown.raw);
    CHECK(wrong.headers == unknown.headers);
    CHECK(s.sql("SELECT count(*) FROM login_attempts WHERE kind = 'account' AND attempts = 1") ==
          "2");
}

TEST_CASE("five wrong passwords make the account wait on every node, known or not")
{
    shop s;
    s.sign_up(kEmail);
    for (const std::string email : {kEmail, "nobody@example.vn"}) {
        CAPTURE(email);
        for (int i = 0; i < 5; ++i)
            CHECK(s.a.ask(login_as(email, "muoi hai con meo")).code() == "invalid_credentials");
        const auto waits = s.b.ask(login_as(email, kPassword, "198.51.100.1"));
        CHECK(waits.status == 429);
        CHECK(waits.code() == "too_many_attempts");
        CHECK(waits.body["retry"]["afterMs"].get<int>() > 20'000);
    }
    s.sql("UPDATE login_attempts SET last_at = last_at - interval '31 seconds'");
    CHECK(s.b.ask(login_as(kEmail, kPassword)).status == 200);
    CHECK(s.sql("SELECT count(*) FROM login_attempts WHERE kind = 'account'") == "1");
}

TEST_CASE("no way of spelling an email gets around the count")
{
    shop s;
    s.sign_up("lần@example.vn");
    for (const auto* email : {"lần@example.vn", "LẦN@EXAMPLE.VN", "la\xCC\x82\xCC\x80n@example.vn",
                              "Lần@example.vn", " lần@example.vn"}) {
        CHECK(s.a.ask(login_as(email, "muoi hai con meo")).code() == "invalid_credentials");
    }
    CHECK(s.a.ask(login_as("lẦn@example.vn", kPassword)).code() == "too_many_attempts");
}

TEST_CASE("many attempts at once get no further than one by one")
{
    shop s;
    s.sign_up(kEmail);
    std::vector<std::future<http::response>> waiting;
    for (int i = 0; i < 40; ++i) {
        auto& at = i % 2 == 0 ? s.a : s.b;
        waiting.push_back(
            at.start(login_as(kEmail, "muoi hai con meo", "192.0.2." + std::to_string(i + 10))));
    }
    int tried = 0;
    for (auto& one : waiting) tried += one.get().status == 401 ? 1 : 0;
    CHECK(tried == 5);
}

TEST_CASE("an address that tries many accounts waits, and right passwords cost it nothing")
{
    shop s;
    s.sign_up(kEmail);
    for (int i = 0; i < 25; ++i) CHECK(s.a.ask(login_as(kEmail, kPassword)).status == 200);
    int tried = 0;
    for (int i = 0; i < 25; ++i) {
        const auto got =
            s.a.ask(login_as("nobody" + std::to_string(i) + "@example.vn", "muoi hai con meo"));
        tried += got.status == 401 ? 1 : 0;
    }
    CHECK(tried == 20);
    CHECK(s.b.ask(login_as(kEmail, kPassword)).code() == "too_many_attempts");
    CHECK(s.b.ask(login_as(kEmail, kPassword, "198.51.100.1")).status == 200);
}

TEST_CASE("a full hashing queue is said at once, with nothing written")
{
    auto with = shop::options();
    with.hashing.queue = 0;
    with.hashing.cost = 10;
    shop s(with);
    std::vector<std::future<http::response>> waiting;
    for (int i = 0; i < 6; ++i)
        waiting.push_back(
            s.a.start(login_as("nobody" + std::to_string(i) + "@example.vn", kPassword)));
    int busy = 0;
    for (auto& one : waiting) {
        const auto got = testing::read(one.get());
        if (got.code() != "hashing_busy") continue;
        ++busy;
        CHECK(got.status == 429);
        CHECK(got.body["scope"] == "node");
    }
    CHECK(busy > 0);
    CHECK(std::stoi(s.sql("SELECT count(*) FROM login_attempts WHERE kind = 'account'")) ==
          6 - busy);
}

TEST_CASE("a password is hashed anew at sign-in when the cost has risen")
{
    shop cheap;
    cheap.sign_up(kEmail);
    auto dear = shop::options();
    dear.hashing.cost = testing::kTestCost + 1;
    testing::node later(
        cheap.where(), [](const store::position&) {}, dear);
    CHECK(later.ask(login_as(kEmail, kPassword)).status == 200);
    CHECK(cheap.sql("SELECT substr(password_hash, 1, 7) FROM credentials") == "$2b$05$");
    CHECK(cheap.a.ask(login_as(kEmail, kPassword)).status == 200);
}

}  // namespace
}  // namespace kieng::identity

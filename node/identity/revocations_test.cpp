#include "node/identity/revocations.hpp"

#include "node/identity/permissions.hpp"
#include "node/identity/token_authenticator.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

constexpr std::string_view kSecret = "a secret of thirty-two bytes or more";
const access_claims kClaims{"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718",
                            "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60719", "cashier", 3};

store::position session_end(const std::string& id)
{
    return {1, {{"SessionEndedEvent", "session", id, 0, {"session:" + id}, "{}"}}};
}

store::position rights_change(const std::string& user_id, std::int64_t version)
{
    return {2, {{"UserRightsChangedEvent", "user", user_id, version, {"user:" + user_id}, "{}"}}};
}

TEST_CASE("the tokens of an ended session stop counting at once")
{
    manual_clock clock;
    revocations revoked(clock);
    CHECK(revoked.check(kClaims).has_value());
    revoked.on_event(session_end("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60700"));
    CHECK(revoked.check(kClaims).has_value());
    revoked.on_event(session_end(kClaims.session_id));
    CHECK(revoked.check(kClaims).error().code == errc::session_ended);
}

TEST_CASE("tokens from before a change of rights must be renewed, newer ones count")
{
    manual_clock clock;
    revocations revoked(clock);
    revoked.on_event(rights_change(kClaims.user_id, 4));
    CHECK(revoked.check(kClaims).error().code == errc::token_expired);
    auto renewed = kClaims;
    renewed.rights = 4;
    CHECK(revoked.check(renewed).has_value());
    // Heard again, late and out of order.
    revoked.on_event(rights_change(kClaims.user_id, 2));
    CHECK(revoked.check(kClaims).error().code == errc::token_expired);
    CHECK(revoked.check(renewed).has_value());
}

TEST_CASE("other events are none of its business")
{
    manual_clock clock;
    revocations revoked(clock);
    revoked.on_event({3,
                      {{"UserUpdatedEvent", "user", kClaims.user_id, 9, {}, "{}"},
                       {"ProductUpdatedEvent", "product", "x", 1, {}, "{}"}}});
    CHECK(revoked.size() == 0);
}

TEST_CASE("marks are forgotten when the tokens have expired anyway, and not before")
{
    manual_clock clock;
    revocations revoked(clock);
    revoked.on_event(session_end(kClaims.session_id));
    clock.advance(kAccessLifetime + 2 * kClockLeeway);
    revoked.on_event(session_end("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60700"));
    CHECK(revoked.check(kClaims).has_error());
    clock.advance(kRevocationMemory);
    revoked.on_event(session_end("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60701"));
    CHECK(revoked.size() == 1);
}

TEST_CASE("a mark heard again lasts from then on")
{
    manual_clock clock;
    revocations revoked(clock);
    revoked.on_event(session_end(kClaims.session_id));
    clock.advance(kRevocationMemory - std::chrono::seconds(1));
    revoked.on_event(session_end(kClaims.session_id));
    clock.advance(std::chrono::seconds(2));
    revoked.on_event(session_end("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60701"));
    CHECK(revoked.check(kClaims).has_error());
}

TEST_CASE("a node that starts learns what was revoked lately")
{
    manual_clock clock;
    revocations revoked(clock);
    revoked.add({{kClaims.session_id}, {{kClaims.user_id, 4}}});
    CHECK(revoked.check(kClaims).error().code == errc::session_ended);
    CHECK(revoked.size() == 2);
}

TEST_CASE("a bearer becomes a caller with its role's permissions")
{
    manual_clock clock;
    revocations revoked(clock);
    const token_signer tokens(kSecret);
    const token_authenticator who(tokens, revoked, clock);
    const auto caller = who.authenticate(tokens.sign(kClaims, clock.wall()));
    REQUIRE(caller.has_value());
    CHECK(caller->user_id == kClaims.user_id);
    CHECK(caller->session_id == kClaims.session_id);
    CHECK(caller->role == "cashier");
    CHECK(caller->permissions == *permissions_of("cashier"));
    CHECK(caller->expires == clock.wall() + kAccessLifetime + kClockLeeway);
    CHECK(who.authenticate("nonsense").error().code == errc::token_invalid);
    CHECK(!who.nobody().signed_in());
    CHECK(who.nobody().permissions == *permissions_of("anonymous"));
    CHECK(!who.nobody().expires);
}

TEST_CASE("a token seen before is judged anew each time")
{
    manual_clock clock;
    revocations revoked(clock);
    const token_signer tokens(kSecret);
    const token_authenticator who(tokens, revoked, clock);
    const auto code_of = [&](std::string_view token) {
        const auto got = who.authenticate(token);
        return got.has_value() ? errc{} : got.error().code;
    };
    auto second = kClaims;
    second.session_id.back() = '0';
    second.rights = 4;
    const auto first_token = tokens.sign(kClaims, clock.wall());
    const auto second_token = tokens.sign(second, clock.wall());
    CHECK(code_of(first_token) == errc{});
    CHECK(code_of(first_token) == errc{});
    CHECK(code_of(second_token) == errc{});
    revoked.on_event(session_end(kClaims.session_id));
    CHECK(code_of(first_token) == errc::session_ended);
    CHECK(code_of(second_token) == errc{});
    revoked.on_event(rights_change(kClaims.user_id, 5));
    CHECK(code_of(second_token) == errc::token_expired);
    second.rights = 5;
    const auto third_token = tokens.sign(second, clock.wall());
    CHECK(code_of(third_token) == errc{});
    clock.advance(kAccessLifetime + 2 * kClockLeeway);
    CHECK(code_of(third_token) == errc::token_expired);
}

TEST_CASE("nothing but the token itself is taken for a token seen before")
{
    manual_clock clock;
    revocations revoked(clock);
    const token_signer tokens(kSecret);
    const token_authenticator who(tokens, revoked, clock);
    const auto token = tokens.sign(kClaims, clock.wall());
    REQUIRE(who.authenticate(token).has_value());
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto other = token;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        if (other == token) continue;
        CHECK(who.authenticate(other).has_error());
    }
    CHECK(who.authenticate(token.substr(1)).has_error());
    CHECK(who.authenticate(token + "A").has_error());
    // As many others as there are places, and more: each is still itself.
    for (std::size_t i = 0; i < 2 * verified_tokens::kPlaces; ++i) {
        auto claims = kClaims;
        claims.rights = static_cast<std::int64_t>(i + 3);
        if (i % 2 == 0) claims.role = "manager";
        const auto other = tokens.sign(claims, clock.wall());
        const auto first = who.authenticate(other);
        const auto again = who.authenticate(other);
        REQUIRE(first.has_value());
        REQUIRE(again.has_value());
        REQUIRE(first->role == claims.role);
        REQUIRE(again->role == claims.role);
    }
    CHECK(who.authenticate(token)->role == kClaims.role);
}

TEST_CASE("a role that does not exist, or is nobody's, is no token of ours")
{
    manual_clock clock;
    revocations revoked(clock);
    const token_signer tokens(kSecret);
    const token_authenticator who(tokens, revoked, clock);
    for (const auto* role : {"admin", "anonymous", "root"}) {
        auto claims = kClaims;
        claims.role = role;
        CHECK(who.authenticate(tokens.sign(claims, clock.wall())).error().code ==
              errc::token_invalid);
    }
}

}  // namespace
}  // namespace kieng::identity

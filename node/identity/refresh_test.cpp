#include "node/identity/refresh.hpp"

#include <doctest/doctest.h>

#include <set>

namespace kieng::identity {
namespace {

using namespace std::chrono_literals;

refresh_state fresh(const manual_clock& at)
{
    refresh_state out;
    out.now = at.wall();
    out.expires = at.wall() + kRefreshLifetime;
    out.session_live = true;
    return out;
}

// A token spent at `at`, coming again now.
refresh_state spent(const manual_clock& at, wall_time now)
{
    auto out = fresh(at);
    out.used = at.wall();
    out.successors = 1;
    out.now = now;
    return out;
}

TEST_CASE("a fresh token renews until it expires")
{
    manual_clock clock;
    auto state = fresh(clock);
    CHECK(decide(state) == refresh_outcome::renew);
    state.now = state.expires - 1us;
    CHECK(decide(state) == refresh_outcome::renew);
    state.now = state.expires;
    CHECK(decide(state) == refresh_outcome::ended);
}

TEST_CASE("a spent token yields a sibling for sixty seconds, then ends the session")
{
    manual_clock clock;
    CHECK(decide(spent(clock, clock.wall())) == refresh_outcome::sibling);
    CHECK(decide(spent(clock, clock.wall() + kSiblingGrace - 1us)) == refresh_outcome::sibling);
    CHECK(decide(spent(clock, clock.wall() + kSiblingGrace)) == refresh_outcome::reused);
    CHECK(decide(spent(clock, clock.wall() + 24h)) == refresh_outcome::reused);
}

TEST_CASE("a spent token whose successor was used is a theft even within the grace")
{
    manual_clock clock;
    auto state = spent(clock, clock.wall() + 1s);
    state.successor_used = true;
    CHECK(decide(state) == refresh_outcome::reused);
}

TEST_CASE("nobody gets more than sixteen successors from one token")
{
    manual_clock clock;
    auto state = spent(clock, clock.wall() + 1s);
    state.successors = kMaxSuccessors - 1;
    CHECK(decide(state) == refresh_outcome::sibling);
    state.successors = kMaxSuccessors;
    CHECK(decide(state) == refresh_outcome::reused);
}

TEST_CASE("an ended session stays ended whatever token comes")
{
    manual_clock clock;
    for (auto state : {fresh(clock), spent(clock, clock.wall()), spent(clock, clock.wall() + 2h)}) {
        state.session_live = false;
        CHECK(decide(state) == refresh_outcome::ended);
    }
}

TEST_CASE("a token spent in the future of the database's clock still yields a sibling")
{
    manual_clock clock;
    CHECK(decide(spent(clock, clock.wall() - 1s)) == refresh_outcome::sibling);
}

TEST_CASE("refresh tokens are all different and only their hash is stored")
{
    seeded_random bits(7);
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto token = make_refresh_token(bits);
        const auto hash = refresh_token_hash(token);
        REQUIRE(hash.has_value());
        CHECK(hash->size() == 64);
        CHECK(hash->find(token) == std::string::npos);
        seen.insert(token);
        seen.insert(*hash);
    }
    CHECK(seen.size() == 200);
}

TEST_CASE("what cannot be a refresh token is not looked up")
{
    seeded_random bits(7);
    const auto good = make_refresh_token(bits);
    for (const auto& bad : {std::string(), std::string("kr1."), good + "A", good.substr(1),
                            good.substr(0, good.size() - 1), "kr2." + good.substr(4), good + "=",
                            "kr1.!" + good.substr(5), std::string(500, 'a')}) {
        CAPTURE(bad);
        CHECK(!refresh_token_hash(bad).has_value());
    }
}

}  // namespace
}  // namespace kieng::identity

#include "cluster/wire/nonce_store.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

namespace {

const steady_time kStart{1h};

nonce_bytes nonce(std::uint64_t number)
{
    return {number, 7};
}

}  // namespace

TEST_CASE("a nonce counts once, per peer")
{
    nonce_store store;
    CHECK(store.record("a", nonce(1), kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce(1), kStart) == nonce_verdict::seen);
    CHECK(store.record("a", nonce(1), kStart + 65s) == nonce_verdict::seen);
    CHECK(store.record("b", nonce(1), kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce(2), kStart) == nonce_verdict::fresh);
    CHECK(store.size() == 3);
}

TEST_CASE("a nonce is forgotten after 65 s, when no signature with it can count")
{
    nonce_store store;
    CHECK(store.record("a", nonce(1), kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce(1), kStart + 65s + 1ns) == nonce_verdict::fresh);
    CHECK(store.size() == 1);
}

TEST_CASE("a full store refuses and forgets nothing")
{
    nonce_store store({.per_peer = 3, .total = 5, .kept = 65s});
    for (std::uint64_t i = 1; i <= 3; ++i)
        CHECK(store.record("a", nonce(i), kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce(4), kStart + 30s) == nonce_verdict::full);
    CHECK(store.record("a", nonce(1), kStart + 30s) == nonce_verdict::seen);
    // The other peers have their room.
    CHECK(store.record("b", nonce(1), kStart + 30s) == nonce_verdict::fresh);
    CHECK(store.record("c", nonce(1), kStart + 30s) == nonce_verdict::fresh);
    CHECK(store.record("d", nonce(1), kStart + 30s) == nonce_verdict::full);
    // What has become worthless makes room, whoever sent it.
    CHECK(store.record("d", nonce(1), kStart + 66s) == nonce_verdict::fresh);
    CHECK(store.size() == 3);
    CHECK(store.record("a", nonce(4), kStart + 66s) == nonce_verdict::fresh);
}

TEST_CASE("nonces that share their first half are told apart")
{
    nonce_store store;
    CHECK(store.record("a", nonce_bytes{1, 1}, kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce_bytes{1, 2}, kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", nonce_bytes{1, 1}, kStart) == nonce_verdict::seen);
}

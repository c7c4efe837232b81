#include "cluster/wire/nonce_store.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

namespace {

const steady_time kStart{1h};

}  // namespace

TEST_CASE("a nonce counts once, per peer")
{
    nonce_store store;
    CHECK(store.record("a", "n1", kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", "n1", kStart) == nonce_verdict::seen);
    CHECK(store.record("a", "n1", kStart + 65s) == nonce_verdict::seen);
    CHECK(store.record("b", "n1", kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", "n2", kStart) == nonce_verdict::fresh);
    CHECK(store.size() == 3);
}

TEST_CASE("a nonce is forgotten after 65 s, when no signature with it can count")
{
    nonce_store store;
    CHECK(store.record("a", "n1", kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", "n1", kStart + 65s + 1ns) == nonce_verdict::fresh);
    CHECK(store.size() == 1);
}

TEST_CASE("a full store refuses and forgets nothing")
{
    nonce_store store({.per_peer = 3, .total = 5, .kept = 65s});
    for (const char* nonce : {"1", "2", "3"})
        CHECK(store.record("a", nonce, kStart) == nonce_verdict::fresh);
    CHECK(store.record("a", "4", kStart + 30s) == nonce_verdict::full);
    CHECK(store.record("a", "1", kStart + 30s) == nonce_verdict::seen);
    // The other peers have their room.
    CHECK(store.record("b", "1", kStart + 30s) == nonce_verdict::fresh);
    CHECK(store.record("c", "1", kStart + 30s) == nonce_verdict::fresh);
    CHECK(store.record("d", "1", kStart + 30s) == nonce_verdict::full);
    // What has become worthless makes room, whoever sent it.
    CHECK(store.record("d", "1", kStart + 66s) == nonce_verdict::fresh);
    CHECK(store.size() == 3);
    CHECK(store.record("a", "4", kStart + 66s) == nonce_verdict::fresh);
}

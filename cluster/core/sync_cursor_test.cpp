#include "cluster/core/sync_cursor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using kieng::cluster::sync_cursor;

TEST_CASE("a position that comes early waits for the ones before it")
{
    sync_cursor cursor(10);
    CHECK(!cursor.arrived(12));
    CHECK(cursor.has_hole());
    CHECK(cursor.applied() == 10);
    CHECK(cursor.arrived(11));
    CHECK(cursor.applied() == 12);
    CHECK(!cursor.has_hole());
}

TEST_CASE("duplicates change nothing")
{
    sync_cursor cursor(3);
    CHECK(!cursor.arrived(2));
    CHECK(!cursor.arrived(5));
    CHECK(!cursor.arrived(5));
    CHECK(cursor.seen(5));
    CHECK(!cursor.seen(4));
    CHECK(cursor.arrived(4));
    CHECK(cursor.applied() == 5);
}

TEST_CASE("any order of arrival ends at the same place")
{
    for (unsigned seed = 1; seed <= 200; ++seed) {
        std::vector<std::int64_t> order(100);
        std::iota(order.begin(), order.end(), 1);
        std::mt19937 engine(seed);
        std::shuffle(order.begin(), order.end(), engine);
        sync_cursor cursor;
        std::int64_t before = 0;
        for (const auto pos : order) {
            cursor.arrived(pos);
            CHECK(cursor.applied() >= before);
            before = cursor.applied();
        }
        CHECK(cursor.applied() == 100);
        CHECK(!cursor.has_hole());
    }
}

TEST_CASE("a reset forgets what lies below and keeps what lies above")
{
    sync_cursor cursor;
    cursor.arrived(5);
    cursor.arrived(8);
    cursor.reset(7);
    CHECK(cursor.applied() == 8);
    CHECK(!cursor.has_hole());
}

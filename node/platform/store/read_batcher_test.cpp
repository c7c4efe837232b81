#include "node/platform/store/read_batcher.hpp"

#include "node/platform/store/testing.hpp"
#include "node/platform/store/tx.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace kieng;
using namespace kieng::store;
using testing::io_runner;
using testing::test_database;

namespace {

using numbers = read_batcher<int, std::string>;

constexpr statement kLoad{"test_load", R"sql(
    SELECT h.pos, n.id, n.name FROM cluster_head h LEFT JOIN numbers n ON n.id = ANY ($1::int[]))sql"};

loaded<std::string> load(tx& on, const std::vector<int>& keys)
{
    std::vector<std::string> texts;
    for (const int key : keys) texts.push_back(std::to_string(key));
    std::map<int, std::string> found;
    loaded<std::string> out;
    for (const auto& row : on.exec(kLoad, array_literal(texts))) {
        out.pos = row[0].as<std::int64_t>();
        if (!row[1].is_null()) found[row[1].as<int>()] = row[2].as<std::string>();
    }
    for (const int key : keys) {
        const auto at = found.find(key);
        out.values.push_back(at == found.end() ? std::nullopt : std::optional(at->second));
    }
    return out;
}

struct table {
    test_database base;
    database db{base.options()};
    table()
    {
        base.sql(
            "CREATE TABLE numbers AS SELECT id, 'n' || id AS name FROM generate_series(1, 500) AS id; "
            "UPDATE cluster_head SET pos = 42");
        db.start();
    }
    ~table() { db.stop(); }
};

}  // namespace

TEST_CASE("concurrent loads from several threads share statements and get each its own answer")
{
    table at;
    io_runner first, second;
    std::atomic<int> statements{0};
    numbers batcher(at.db, [&](tx& on, const std::vector<int>& keys) {
        ++statements;
        CHECK(keys.size() <= numbers::kLargest);
        return load(on, keys);
    });
    std::vector<std::future<numbers::answer>> all;
    for (int i = 0; i < 2000; ++i) {
        auto& io = i % 2 == 0 ? first : second;
        all.push_back(io.start([&batcher, i]() { return batcher.load(i % 600 + 1); }));
    }
    for (int i = 0; i < 2000; ++i) {
        const auto got = all[static_cast<std::size_t>(i)].get();
        REQUIRE(got.has_value());
        CHECK(got->pos == 42);
        const int key = i % 600 + 1;
        if (key > 500)
            CHECK_FALSE(got->value.has_value());
        else
            CHECK(got->value == "n" + std::to_string(key));
    }
    CHECK(statements < 2000);
}

TEST_CASE("a failing batch fails its own callers only")
{
    table at;
    io_runner io;
    std::atomic<bool> broken{true};
    numbers batcher(at.db, [&](tx& on, const std::vector<int>& keys) {
        if (broken) throw std::domain_error("a bug");
        return load(on, keys);
    });
    CHECK_THROWS_AS((void)io.wait([&]() { return batcher.load(1); }), std::domain_error);
    broken = false;
    const auto good = io.wait([&]() { return batcher.load(1); });
    REQUIRE(good.has_value());
    CHECK(good->value == "n1");
    at.db.stop();
    std::vector<std::future<numbers::answer>> all;
    for (int i = 0; i < 300; ++i) all.push_back(io.start([&batcher]() { return batcher.load(1); }));
    for (auto& one : all) {
        const auto got = one.get();
        REQUIRE(got.has_error());
        CHECK(got.error().code == errc::database_unavailable);
    }
}

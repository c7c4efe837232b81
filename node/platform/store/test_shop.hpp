// What the tests of batches share: a shop that adds things, alone or many at once, and a stranger who holds locks against it.
#pragma once

#include "node/platform/store/group_commit.hpp"
#include "node/platform/store/ledger.hpp"
#include "node/platform/store/session.hpp"
#include "node/platform/store/testing.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace kieng::store::testing {

// A thing to add, and what becomes of it.
struct thing {
    enum class fate : std::uint8_t { added = 1, quietly, refused, unwell, bad_sql, bug };
    std::string name;
    fate end = fate::added;
};

// Adds all things in one statement: those that are refused leave no trace. The name of a thing is locked first, so that a test can
// make it wait. "added" announces two events, "quietly" none.
[[nodiscard]] std::vector<unit_done> add_things(tx& on, const std::vector<const thing*>& all);

// One request of one caller: the same key and the same thing make the same request.
[[nodiscard]] write_key key_for(const std::string& key, const std::string& request);

// One node of a shop: a pool, a unit of work, what it heard of its own commits.
class test_node {
public:
    explicit test_node(database_options how);
    ~test_node() { db.stop(); }

    // Runs the things in one batch; the key of a thing is its name, unless `keys` says otherwise ("": none).
    [[nodiscard]] std::vector<unit_end> batch(std::vector<thing> things,
                                              std::vector<std::string> keys = {});
    // The same without waiting. ends() waits until at least `count` units were told.
    void start_batch(std::vector<thing> things, std::vector<std::string> keys = {});
    [[nodiscard]] std::vector<std::optional<unit_end>> ends(std::size_t count);

    [[nodiscard]] result<written> alone(const thing& what);
    [[nodiscard]] std::vector<std::int64_t> heard();

    io_runner io;
    store::database db;
    unit_of_work work;
    std::atomic<int> runs{0};            // of the business
    std::optional<batch_report> report;  // of the last batch, after ends()

private:
    std::mutex mutex_;
    std::condition_variable told_;
    std::vector<std::optional<unit_end>> ends_;  // guarded
    std::size_t count_ = 0;                      // guarded
    std::vector<std::int64_t> heard_;            // guarded
};

// A session that holds what it locked until it lets go; never ended for being idle.
class stranger {
public:
    stranger(const database_options& how, const std::string& lock);
    void let_go() { on_.reset(); }

private:
    std::unique_ptr<pqxx::connection> on_;
};

// The schema of things, in a fresh database.
class things_database : public test_database {
public:
    things_database()
    {
        sql("CREATE TABLE things (name text NOT NULL); CREATE TABLE hooks (name text PRIMARY KEY)");
    }
    [[nodiscard]] std::string things() const
    {
        return sql("SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') FROM things");
    }
    [[nodiscard]] std::string keys() const
    {
        return sql(
            "SELECT coalesce(string_agg(key, ' ' ORDER BY key), '') FROM requests WHERE status IS NOT NULL");
    }
    // Empty when every thing was added once, under one key, and every position told of once, densely.
    [[nodiscard]] std::string faults() const;
};

}  // namespace kieng::store::testing

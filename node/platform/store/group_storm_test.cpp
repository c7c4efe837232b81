// Three nodes, the same keys on all of them, refusals at random, sessions that are ended under their hands: what was
// acknowledged is there once, what was refused is not, and the ledger tells of exactly what happened.
#include "base/random.hpp"
#include "node/platform/store/test_shop.hpp"
#include "node/platform/store/tx.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace kieng;
using namespace kieng::store;
using namespace kieng::store::testing;
using fate = thing::fate;

namespace {

constexpr int kUnits = 2000;  // over all nodes
constexpr int kKeys = 1400;   // so that many are asked for twice and more, often at once
constexpr int kAtOnce = 40;   // per node
constexpr int kKillEach = 50;

database_options named(const things_database& base, int number)
{
    auto out = base.options();
    out.server_id = "node-" + std::to_string(number);
    out.connections = 4;
    return out;
}

// What all that was heard of a key allows to be true.
struct known {
    bool yes = false, unknown = false;
    std::map<std::int64_t, int> positions;
    int originals = 0;
};

struct storm_node {
    explicit storm_node(database_options how) : node(std::move(how)) {}

    test_node node;
    group_commit<thing> queue{node.work, &add_things};
};

struct storm {
    things_database base;
    std::vector<std::unique_ptr<storm_node>> nodes;
    std::atomic<int> next{0}, done{0}, acknowledged{0};
    std::vector<std::pair<int, bool>> plan;  // which key, whether it is refused
    std::mutex mutex;
    std::map<std::string, known> heard;  // guarded

    storm()
    {
        for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<storm_node>(named(base, i)));
        for (int i = 0; i < kUnits; ++i)
            plan.emplace_back(static_cast<int>(system_random().below(kKeys)),
                              system_random().below(10) == 0);
    }

    void note(const std::string& name, const result<written>& got)
    {
        const std::lock_guard lock(mutex);
        auto& all = heard[name];
        if (got) {
            all.yes = true;
            ++acknowledged;
            if (got->pos) ++all.positions[*got->pos];
            if (!got->replayed) ++all.originals;
        } else if (got.error().code == errc::outcome_unknown) {
            all.unknown = true;
        }
        ++done;
    }
    void kill_some()
    {
        (void)base.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
            "datname = current_database() AND application_name LIKE 'kieng/node-%' ORDER BY random() LIMIT 2) x");
    }
};

// One of those who send; takes the next of the plan until it is done.
task<void> send_all(storm& all, storm_node& to)
{
    for (;;) {
        const int at = all.next++;
        if (at >= kUnits) co_return;
        const auto [number, refused] = all.plan[static_cast<std::size_t>(at)];
        thing what{"thing-" + std::to_string(number), refused ? fate::refused : fate::added};
        auto who = key_for(what.name, what.name);
        const std::string name = what.name;
        const auto got = co_await to.queue.run(std::move(who), std::move(what));
        all.note(name, got);
        // Who finds no database does not use the plan up while there is none. Nobody else's thread waits here.
        if (!got && got.error().code != errc::sku_taken)
            (void)eventually([&to] { return to.node.db.health().reachable; });
    }
}

}  // namespace

TEST_CASE("two thousand units over three nodes, with refusals and sessions ended at random")
{
    storm all;
    std::vector<std::future<void>> senders;
    for (auto& one : all.nodes) {
        for (int i = 0; i < kAtOnce; ++i)
            senders.push_back(
                one->node.io.start([&all, to = one.get()]() { return send_all(all, *to); }));
    }
    for (int kill = 1; kill * kKillEach < kUnits; ++kill) {
        REQUIRE(eventually([&] { return all.done >= kill * kKillEach; }));
        all.kill_some();
    }
    for (auto& one : senders) one.get();

    CHECK(all.acknowledged > kUnits / 2);
    const auto faults = all.base.faults();
    CHECK(faults == "");
    int batched = 0;
    for (auto& one : all.nodes) batched += static_cast<int>(one->queue.figures().batches);
    CHECK(batched > 0);
    const auto things = " " + all.base.things() + " ";
    for (const auto& [name, known] : all.heard) {
        CAPTURE(name);
        const bool there = things.find(" " + name + " ") != std::string::npos;
        if (known.yes) CHECK(there);
        if (!known.yes && !known.unknown) CHECK_FALSE(there);
        CHECK(known.positions.size() <= 1);
        CHECK(known.originals <= 1);
    }
}

// The state of one simulated run. One class for the run; network, database, nodes, fate and checks are files of their own.
#pragma once

#include "cluster/core/cluster_machine.hpp"
#include "cluster/core/rolling_hash.hpp"
#include "cluster/core/simulation/simulation.hpp"
#include "cluster/core/sync_cursor.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kieng::cluster::simulation {

using namespace std::chrono_literals;

inline constexpr int kMostNodes = 5;

class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL) {}
    std::uint64_t next()
    {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
    bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < p; }
    instant between(instant from, instant to)
    {
        const auto span = static_cast<std::uint64_t>((to - from).count() + 1);
        return from + instant{static_cast<std::int64_t>(next() % span)};
    }

private:
    std::uint64_t state_;
};

using deed = std::function<void()>;

struct event {
    instant at{0};
    std::uint64_t order = 0;
    int node = -1;  // whose process does it; -1: the world
    int life = 0;
    deed run;
};

struct duty {
    bool open = false;
    std::int64_t epoch = 0;
    int serial = 0;
};

struct sim_node {
    node_identity who;
    int life = 0;
    bool running = false;
    bool paused = false;
    bool host_lost = false;
    std::unique_ptr<cluster_machine> machine;
    sync_cursor cursor;
    rolling_hash hash;
    std::vector<deed> deferred;
    instant wake_at{0};
    bool connected = false;             // to PostgreSQL
    std::array<int, kMostNodes> out{};  // ids of the streams this node opened
    std::array<int, kMostNodes> in{};
    instant started{0};
    instant undisturbed_since{0};  // started or resumed
    instant database_fine_since{0};
    bool duties_started = false;
    std::int64_t duties_epoch = 0;
    duty open;
    std::int64_t view_seen = 0;
    std::int64_t epoch_seen = 0;
};

struct sim_lease {
    std::int64_t epoch = 0;
    node_id holder;
    boot_id boot;
    std::optional<instant> expires;
};

class world {
public:
    explicit world(const options& how);
    outcome run();

private:
    // world.cpp
    void at(instant when, deed what, int node = -1);
    void run_until(instant end);
    void say(const char* format, ...) __attribute__((format(printf, 2, 3)));
    void violate(std::string what);

    // nodes.cpp
    void start(int i);
    void crash(int i, bool host);
    void pause(int i);
    void resume(int i);
    void feed(int i, const cluster_input& what);
    void arm(int i);
    void tick(int i);
    void perform(int i, const cluster_action& what);
    void begin_duty(int i);
    void commit_duty(int i, int serial);
    void write_something(int i);
    void commit_position(int i);
    void receive(int i, std::int64_t pos);
    void catch_up(int i);
    void follow_head(int i);

    // network.cpp
    void send(int from, int to, const deed& what, bool may_drop = true);
    void send_on_stream(int from, int to, std::function<cluster_input()> what);
    void open_stream(int from, int to);
    void end_stream(int from, int to, bool tell_from, bool tell_to);
    void cut(int from, int to);
    void heal_link(int from, int to);
    [[nodiscard]] bool open_way(int a, int b) const { return !cut_[a][b] && !cut_[b][a]; }
    void exchange_heartbeats(int from, int to);
    [[nodiscard]] heartbeat heartbeat_of(int i) const;

    // database.cpp
    void connect(int i, const std::function<void(bool)>& then);
    void submit(int i, statement_id id, const std::function<void(instant sent)>& at_server);
    void answer(int i, int life, input::lease_answered what);
    void lose_statement(int i, int life, statement_id id, instant sent);
    void read_lease(int i, statement_id id);
    void renew(int i, const action::send_renewal& ask);
    void take_over(int i, const action::send_takeover& ask);
    void try_takeover(int i, int life, const action::send_takeover& ask, instant sent,
                      instant give_up);
    void resign(int i, const action::send_resign& ask);
    void check_lock(int i, const action::check_lock& ask);
    void freeze(instant until);
    void stop_database(instant until);
    void restart_sessions();
    void cut_database(int i, bool away);
    [[nodiscard]] bool reachable(int i) const
    {
        return !database_cut_[i] && now_ >= down_until_ && now_ >= frozen_until_;
    }
    [[nodiscard]] wall_time database_clock() const;
    [[nodiscard]] lease_row row() const;
    [[nodiscard]] bool row_locked() const;
    void note_database_trouble();

    // fate.cpp
    void play(scenario what);
    void play_chaos();
    void one_bad_thing();
    void play_database(scenario what, int a, std::int64_t before);
    void heal();
    [[nodiscard]] int active() const;
    [[nodiscard]] int standby();
    void settle();

    // checks.cpp
    void check_belief(int i);
    void check_opinion(int i, const action::peer_changed& what);
    void check_started(int i, std::int64_t epoch);
    void check_end(scenario what);
    void expect_takeover(instant within);
    void expect_epoch(std::int64_t before, const char* why);

    options how_;
    dice dice_;
    cluster_settings settings_;
    outcome result_;
    instant now_{0};
    std::uint64_t order_ = 0;
    std::vector<event> queue_;
    int count_ = 3;
    std::array<sim_node, kMostNodes> nodes_;

    std::array<std::array<bool, kMostNodes>, kMostNodes> cut_{};
    std::array<std::array<instant, kMostNodes>, kMostNodes> link_fine_since_{};
    double drop_ = 0;
    double twice_ = 0;
    instant slowest_ = 2ms;
    int streams_ = 0;
    bool quiet_network_ = true;  // nothing was ever dropped or slow

    std::array<bool, kMostNodes> database_cut_{};
    instant down_until_{0};
    instant frozen_until_{0};
    instant database_slowest_ = 1ms;
    sim_lease lease_;
    std::array<boot_id, kMostNodes> locks_;
    std::vector<deed> frozen_work_;
    std::int64_t head_ = 0;
    std::int64_t newest_epoch_ = 0;
    instant database_trouble_{0};

    std::optional<instant> fault_at_;
    std::int64_t fault_epoch_ = 0;
};

}  // namespace kieng::cluster::simulation

#include "cluster/core/simulation/world.hpp"

namespace kieng::cluster::simulation {
namespace {

constexpr instant kCrashBound = 500ms;
constexpr instant kHangBound = 2500ms;
constexpr instant kCutBound = 6s;

}  // namespace

int world::active() const
{
    for (int i = 0; i < count_; ++i) {
        const auto& node = nodes_[i];
        if (node.running && !node.paused && node.machine->may_run_duties(now_)) return i;
    }
    return -1;
}

int world::standby()
{
    const int first = active();
    const int other = dice_.below(count_ - 1);
    return other >= first ? other + 1 : other;
}

// Long enough for the first takeover and for failing back to the best node.
void world::settle()
{
    run_until(now_ + dice_.between(6s, 7s));
    if (active() != 0) violate("the best node is not active after the start");
}

void world::play(scenario what)
{
    settle();
    if (!result_.violations.empty()) return;
    const int a = active();
    const auto before = lease_.epoch;
    fault_at_ = now_;
    fault_epoch_ = before;
    switch (what) {
    case scenario::chaos: play_chaos(); break;
    case scenario::crash_active:
    case scenario::lose_host:
        crash(a, what == scenario::lose_host);
        run_until(now_ + 4s);
        expect_takeover(what == scenario::lose_host ? kHangBound : kCrashBound);
        start(a);
        break;
    case scenario::hang_active:
        pause(a);
        run_until(now_ + dice_.between(3s, 5s));
        expect_takeover(kHangBound);
        break;
    case scenario::cut_pair: {
        const int b = dice_.below(count_);
        const int c = (b + 1 + dice_.below(count_ - 1)) % count_;
        cut(b, c);
        if (dice_.chance(0.5)) cut(c, b);
        run_until(now_ + dice_.between(3s, 6s));
        expect_epoch(before, "two nodes were cut from each other");
        break;
    }
    case scenario::isolate_active:
        for (int i = 0; i < count_; ++i) {
            if (i == a) continue;
            cut(a, i);
            cut(i, a);
        }
        run_until(now_ + dice_.between(3s, 6s));
        expect_epoch(before, "the active node was cut from its peers alone");
        break;
    case scenario::lose_messages:
        quiet_network_ = false;
        drop_ = 0.099;
        twice_ = 0.05;
        slowest_ = dice_.between(2ms, 60ms);
        run_until(now_ + 8s);
        expect_epoch(before, "less than 10 % of the messages were lost");
        break;
    case scenario::pause_standby:
        pause(standby());
        run_until(now_ + dice_.between(400ms, 4s));
        expect_epoch(before, "a standby stood still");
        break;
    case scenario::outage:
    case scenario::restart_database:
    case scenario::database_cut:
    case scenario::drain_active: play_database(what, a, before); break;
    }
    if (!result_.violations.empty()) return;
    heal();
    check_end(what);
}

void world::play_database(scenario what, int a, std::int64_t before)
{
    if (what != scenario::database_cut) fault_at_.reset();
    if (what == scenario::drain_active) {
        feed(a, input::drain{});
        run_until(now_ + 3s);
        if (active() == a) violate("a draining node is still active");
        feed(a, input::undrain{});
    } else if (what == scenario::database_cut) {
        cut_database(a, true);
        run_until(now_ + 7s);
        expect_takeover(kCutBound);
    } else {
        const instant away =
            what == scenario::outage ? dice_.between(2s, 7s) : dice_.between(100ms, 1s);
        const bool frozen = what == scenario::outage && dice_.chance(0.5);
        frozen ? freeze(now_ + away) : stop_database(now_ + away);
        run_until(now_ + away + 5s);
        expect_epoch(before, "PostgreSQL was away for everybody");
    }
}

void world::play_chaos()
{
    fault_at_.reset();
    const instant end = now_ + dice_.between(4s, 10s);
    while (now_ < end && result_.violations.empty()) {
        one_bad_thing();
        run_until(now_ + dice_.between(50ms, 1200ms));
    }
}

void world::one_bad_thing()
{
    const int i = dice_.below(count_);
    const int j = (i + 1 + dice_.below(count_ - 1)) % count_;
    switch (dice_.below(16)) {
    case 0: crash(i, dice_.chance(0.3)); break;
    case 1:
        if (active() >= 0) crash(active(), false);
        break;
    case 2:
    case 3: start(i); break;
    case 4: pause(i); break;
    case 5:
        if (active() >= 0) pause(active());
        break;
    case 6:
    case 7: resume(i); break;
    case 8: cut(i, j); break;
    case 9:
        cut(i, j);
        cut(j, i);
        break;
    case 10:
        for (int k = 0; k < count_; ++k) heal_link(i, k), heal_link(k, i);
        break;
    case 11: cut_database(i, !database_cut_[i]); break;
    case 12: freeze(now_ + dice_.between(100ms, 4s)); break;
    case 13: stop_database(now_ + dice_.between(50ms, 3s)); break;
    case 14:
        quiet_network_ = false;
        drop_ = dice_.chance(0.5) ? 0 : 0.3;
        twice_ = dice_.chance(0.5) ? 0 : 0.2;
        slowest_ = dice_.between(1ms, 300ms);
        break;
    case 15: database_slowest_ = dice_.chance(0.6) ? instant{1ms} : instant{400ms}; break;
    }
}

void world::heal()
{
    say("all is healed");
    for (int i = 0; i < count_; ++i) {
        for (int j = 0; j < count_; ++j) {
            if (i != j) heal_link(i, j);
        }
        cut_database(i, false);
        start(i);
        resume(i);
    }
    drop_ = twice_ = 0;
    slowest_ = 2ms;
    database_slowest_ = 1ms;
    const instant database_back = std::max({frozen_until_, down_until_, now_});
    run_until(database_back);
}

}  // namespace kieng::cluster::simulation

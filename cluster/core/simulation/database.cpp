#include "cluster/core/simulation/world.hpp"

#include <algorithm>

namespace kieng::cluster::simulation {
namespace {

constexpr instant kClientGivesUp = 2500ms;
constexpr instant kConnectGivesUp = 1s;
constexpr instant kLockTimeout = 200ms;
constexpr wall_time kDatabaseEpoch{std::chrono::microseconds{1'790'000'000'000'000}};

wall_time as_database_time(instant at)
{
    return kDatabaseEpoch + std::chrono::duration_cast<std::chrono::microseconds>(at);
}

}  // namespace

wall_time world::database_clock() const
{
    return as_database_time(now_);
}

lease_row world::row() const
{
    lease_row seen;
    seen.incarnation = 1;
    seen.epoch = lease_.epoch;
    seen.holder = lease_.holder;
    seen.boot = lease_.boot;
    if (lease_.expires) seen.expires_at = as_database_time(*lease_.expires);
    seen.database_time = database_clock();
    return seen;
}

bool world::row_locked() const
{
    if (how_.fault == planted::fence_removed) return false;
    return std::ranges::any_of(
        nodes_, [&](const sim_node& n) { return n.open.open && n.open.epoch == lease_.epoch; });
}

void world::note_database_trouble()
{
    database_trouble_ = now_;
}

// Statements

void world::connect(int i, const std::function<void(bool)>& then)
{
    if (nodes_[i].connected) {
        then(true);
        return;
    }
    const bool refused = now_ < down_until_ && !database_cut_[i];
    if (refused || !reachable(i)) {
        at(
            now_ + (refused ? instant{1ms} : kConnectGivesUp), [then] { then(false); }, i);
        return;
    }
    at(
        now_ + 2ms,
        [this, i, then] {
            nodes_[i].connected = true;
            locks_[i] = nodes_[i].who.boot;
            feed(i, input::lock_session{true});
            then(true);
        },
        i);
}

void world::submit(int i, statement_id id, const std::function<void(instant)>& at_server)
{
    const instant asked = now_;
    connect(i, [this, i, id, asked, at_server](bool connected) {
        if (!connected) {
            feed(i, input::lease_answered{id, input::statement_outcome::failed, asked, {}});
            return;
        }
        const instant sent = now_;
        if (database_cut_[i]) {
            lose_statement(i, nodes_[i].life, id, sent);
            return;
        }
        const int life = nodes_[i].life;
        at(now_ + dice_.between(100us, database_slowest_), [this, i, id, life, sent, at_server] {
            if (database_cut_[i] || now_ < down_until_) {
                lose_statement(i, life, id, sent);
            } else if (now_ < frozen_until_) {
                frozen_work_.push_back([at_server, sent] { at_server(sent); });
                lose_statement(i, life, id, sent);
            } else {
                at_server(sent);
            }
        });
    });
}

// The client gives up on it, or learns of a reset at once. An answer that comes first wins.
void world::lose_statement(int i, int life, statement_id id, instant sent)
{
    const bool reset = now_ < down_until_ && !database_cut_[i];
    const instant when = reset ? now_ + 1ms : sent + kClientGivesUp;
    at(when, [this, i, life, id, sent] {
        if (nodes_[i].life != life || !nodes_[i].running) return;
        at(
            now_,
            [this, i, id, sent] {
                nodes_[i].connected = false;
                feed(i, input::lease_answered{id, input::statement_outcome::unknown, sent, {}});
            },
            i);
    });
}

void world::answer(int i, int life, input::lease_answered what)
{
    if (nodes_[i].life != life || !nodes_[i].running) return;
    if (database_cut_[i]) {
        lose_statement(i, life, what.id, what.sent);
        return;
    }
    at(
        now_ + dice_.between(100us, database_slowest_),
        [this, i, what = std::move(what)] { feed(i, what); }, i);
}

void world::read_lease(int i, statement_id id)
{
    const int life = nodes_[i].life;
    submit(i, id, [this, i, life, id](instant sent) {
        answer(i, life, {id, input::statement_outcome::done, sent, row()});
    });
}

void world::renew(int i, const action::send_renewal& ask)
{
    const int life = nodes_[i].life;
    const auto boot = nodes_[i].who.boot;
    submit(i, ask.id, [this, i, life, boot, ask](instant sent) {
        const bool ours = lease_.epoch == ask.epoch && lease_.boot == boot;
        if (ours) lease_.expires = now_ + settings_.lease_ttl;
        using enum input::statement_outcome;
        answer(i, life, {ask.id, ours ? done : refused, sent, row()});
    });
}

void world::resign(int i, const action::send_resign& ask)
{
    const int life = nodes_[i].life;
    const auto boot = nodes_[i].who.boot;
    submit(i, ask.id, [this, i, life, boot, ask](instant sent) {
        const bool ours = lease_.epoch == ask.epoch && lease_.boot == boot;
        if (ours) {
            lease_.holder.clear();
            lease_.boot.clear();
            lease_.expires = now_;
            say("%s resigned epoch %lld", boot.c_str(), static_cast<long long>(ask.epoch));
        }
        using enum input::statement_outcome;
        answer(i, life, {ask.id, ours ? done : refused, sent, row()});
    });
}

void world::take_over(int i, const action::send_takeover& ask)
{
    const int life = nodes_[i].life;
    submit(i, ask.id, [this, i, life, ask](instant sent) {
        try_takeover(i, life, ask, sent, now_ + kLockTimeout);
    });
}

void world::try_takeover(int i, int life, const action::send_takeover& ask, instant sent,
                         instant give_up)
{
    using enum input::statement_outcome;
    const bool checked = how_.fault != planted::expires_at_ignored;
    const auto window =
        std::chrono::duration_cast<std::chrono::microseconds>(settings_.statement_window);
    bool may = lease_.epoch == ask.observed_epoch && database_clock() < ask.sent_at + window;
    if (ask.reason == takeover_reason::expired && checked)
        may = may && (!lease_.expires || *lease_.expires < now_);
    if (ask.reason == takeover_reason::silent && checked)
        may = may && row().expires_at == ask.unmoved_expires_at;
    if (!may) {
        answer(i, life, {ask.id, refused, sent, row()});
        return;
    }
    if (row_locked()) {
        if (now_ >= give_up) {
            answer(i, life, {ask.id, lock_timeout, sent, {}});
        } else {
            at(now_ + 5ms, [=, this] { try_takeover(i, life, ask, sent, give_up); });
        }
        return;
    }
    // A statement whose client died meanwhile still commits.
    lease_.epoch = ask.observed_epoch + 1;
    lease_.holder = nodes_[i].who.id;
    lease_.boot = nodes_[i].who.id + "/" + std::to_string(life);
    lease_.expires = now_ + settings_.lease_ttl;
    newest_epoch_ = lease_.epoch;
    ++result_.takeovers;
    say("%s takes epoch %lld: %s", lease_.boot.c_str(), static_cast<long long>(lease_.epoch),
        std::string(kieng::cluster::name_of(ask.reason)).c_str());
    answer(i, life, {ask.id, done, sent, row()});
}

void world::check_lock(int i, const action::check_lock& ask)
{
    const auto tell = [this, i, ask](input::lock_state state) {
        at(
            now_ + 1ms,
            [this, i, ask, state] {
                feed(i, input::lock_checked{ask.peer, ask.boot, state});
            },
            i);
    };
    if (!nodes_[i].connected || !reachable(i)) {
        tell(input::lock_state::unknown);
        return;
    }
    const int peer = ask.peer.back() - 'a';
    tell(locks_[peer] == ask.boot ? input::lock_state::held : input::lock_state::free);
}

// What befalls it

void world::freeze(instant until)
{
    note_database_trouble();
    frozen_until_ = std::max(frozen_until_, until);
    say("PostgreSQL freezes");
    at(until, [this] {
        if (now_ < frozen_until_) return;
        say("PostgreSQL goes on");
        note_database_trouble();
        auto work = std::move(frozen_work_);
        frozen_work_.clear();
        for (auto& run : work) run();
    });
}

void world::stop_database(instant until)
{
    note_database_trouble();
    down_until_ = std::max(down_until_, until);
    say("PostgreSQL stops");
    restart_sessions();
    at(until, [this] {
        if (now_ < down_until_) return;
        say("PostgreSQL is back");
        note_database_trouble();
    });
}

// All sessions end at once, and with them their locks and transactions.
void world::restart_sessions()
{
    frozen_work_.clear();
    for (int i = 0; i < count_; ++i) {
        locks_[i].clear();
        nodes_[i].open.open = false;
        if (database_cut_[i] || !nodes_[i].connected) continue;
        nodes_[i].connected = false;
        at(
            now_ + 1ms, [this, i] { feed(i, input::lock_session{false}); }, i);
    }
    if (how_.fault != planted::lock_accuses_alone) return;
    // The planted rule: a lock that is free is a crash.
    for (int i = 0; i < count_; ++i) {
        for (int j = 0; j < count_; ++j) {
            if (i == j) continue;
            at(
                now_ + 1200ms,
                [this, i, j] {
                    using namespace input;
                    const auto& peer = nodes_[j].who;
                    feed(i, stream_closed{peer.id, peer.boot, link::ours});
                    feed(i, stream_closed{peer.id, peer.boot, link::theirs});
                    feed(i, reconnected{peer.id, reconnect_outcome::refused});
                    feed(i, lock_checked{peer.id, peer.boot, lock_state::free});
                },
                i);
        }
    }
}

void world::cut_database(int i, bool away)
{
    if (database_cut_[i] == away) return;
    database_cut_[i] = away;
    nodes_[i].database_fine_since = away ? instant::max() : now_;
    say("%s %s PostgreSQL", nodes_[i].who.id.c_str(), away ? "is cut from" : "reaches");
    if (!away) return;
    // Keepalives: the server notices after 4 s.
    at(now_ + 4s, [this, i, boot = nodes_[i].who.boot] {
        if (!database_cut_[i]) return;
        if (locks_[i] == boot) locks_[i].clear();
        nodes_[i].open.open = false;
    });
}

}  // namespace kieng::cluster::simulation

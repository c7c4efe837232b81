// What the tests of the decisions share: a machine with its own time, and a way to look into what it wants done.
#pragma once

#include "cluster/core/cluster_machine.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kieng::cluster::testing {

template <class Action>
[[nodiscard]] std::vector<Action> all_of(const cluster_actions& actions)
{
    std::vector<Action> found;
    for (const auto& action : actions) {
        if (const auto* one = std::get_if<Action>(&action)) found.push_back(*one);
    }
    return found;
}

template <class Action>
[[nodiscard]] bool has(const cluster_actions& actions)
{
    return !all_of<Action>(actions).empty();
}

[[nodiscard]] inline node_identity node(char letter, int life = 1)
{
    const std::string id = std::string("server-") + letter;
    return {id, id + "/" + std::to_string(life), "http://" + id, letter - 'a', "1"};
}

// One machine among three, and the rest of the world played by the test: peers that beat, a lease row that answers.
class bench {
public:
    explicit bench(char self, cluster_settings settings = {})
        : settings_(settings),
          machine_(std::make_unique<cluster_machine>(
              settings, node(self), std::vector<node_identity>{node('a'), node('b'), node('c')},
              now_)),
          self_(node(self))
    {}

    cluster_actions feed(const cluster_input& what)
    {
        auto done = machine_->on(what, now_);
        seen_.insert(seen_.end(), done.begin(), done.end());
        return done;
    }
    // Both streams to a peer are open.
    void connect(char peer, int life = 1)
    {
        const auto who = node(peer, life);
        feed(input::stream_opened{who.id, who.boot, link::ours});
        feed(input::stream_opened{who.id, who.boot, link::theirs});
        feed(input::reconnected{who.id, input::reconnect_outcome::accepted});
        beat_of(peer, life);
    }
    void beat_of(char peer, int life = 1)
    {
        beat said;
        said.epoch = row_.epoch;
        said.database = database_state::well;
        said.database_age = instant{0};
        const auto who = node(peer, life);
        feed(input::heard{who.id, who.boot, said});
    }
    // Time goes on in ticks; the listed peers beat, statements are answered from the row unless `mute`.
    void pass(instant span, const std::string& beating)
    {
        const instant end = now_ + span;
        while (now_ < end) {
            now_ += settings_.tick;
            feed(input::tick{});
            if ((now_ / settings_.tick) % 5 == 0) {
                for (const char peer : beating) beat_of(peer);
            }
            answer_all();
        }
    }
    void answer_all()
    {
        if (renewing && !row_.holder.empty() && row_.boot != self_.boot)
            expires_ = std::max(expires_, now_ + settings_.lease_ttl - instant{1s});
        for (; answered_ < seen_.size() && !mute; ++answered_) {
            const auto action = seen_[answered_];
            using enum input::statement_outcome;
            if (const auto* read = std::get_if<action::read_lease>(&action)) answer(*read, done);
            if (const auto* ask = std::get_if<action::send_renewal>(&action)) renew(*ask);
            if (const auto* ask = std::get_if<action::send_takeover>(&action)) take(*ask);
            if (const auto* ask = std::get_if<action::send_resign>(&action)) {
                row_.holder.clear();
                row_.boot.clear();
                answer(*ask, done);
            }
        }
    }
    // Drops what was wanted so far, answered or not.
    void forget()
    {
        seen_.clear();
        answered_ = 0;
    }

    [[nodiscard]] const cluster_actions& seen() const { return seen_; }
    [[nodiscard]] cluster_machine& machine() { return *machine_; }
    [[nodiscard]] instant now() const { return now_; }
    [[nodiscard]] member_state held(char peer) const
    {
        return machine_->detector().find(node(peer).id)->shown;
    }
    void holds(char holder, int life, std::int64_t epoch)
    {
        row_ = {1, epoch, node(holder, life).id, node(holder, life).boot, {}, {}};
        expires_ = now_ + settings_.lease_ttl;
    }
    void move_time(instant by) { now_ += by; }

    bool mute = false;     // PostgreSQL answers nothing
    bool renewing = true;  // the holder of the row, if it is another one, renews
    lease_row row_;
    instant expires_{0};
    std::vector<action::send_takeover> takeovers;

private:
    static constexpr wall_time kBase{std::chrono::microseconds{1'790'000'000'000'000}};
    static wall_time database_time(instant at)
    {
        return kBase + std::chrono::duration_cast<std::chrono::microseconds>(at);
    }
    [[nodiscard]] lease_row row_now() const
    {
        auto row = row_;
        row.incarnation = 1;
        row.expires_at = database_time(expires_);
        row.database_time = database_time(now_);
        return row;
    }
    void renew(const action::send_renewal& ask)
    {
        using enum input::statement_outcome;
        const bool ours = row_.epoch == ask.epoch && row_.boot == self_.boot;
        if (ours) expires_ = now_ + settings_.lease_ttl;
        answer(ask, ours ? done : refused);
    }
    void take(const action::send_takeover& ask)
    {
        takeovers.push_back(ask);
        using enum input::statement_outcome;
        const bool may =
            row_.epoch == ask.observed_epoch &&
            (!ask.unmoved_expires_at || *ask.unmoved_expires_at == database_time(expires_));
        if (may) {
            row_ = {1, ask.observed_epoch + 1, self_.id, self_.boot, {}, {}};
            expires_ = now_ + settings_.lease_ttl;
        }
        answer(ask, may ? done : refused);
    }
    template <class Statement>
    void answer(const Statement& what, input::statement_outcome outcome)
    {
        feed(input::lease_answered{what.id, outcome, now_, row_now()});
    }

    cluster_settings settings_;
    instant now_{1h};
    std::unique_ptr<cluster_machine> machine_;
    node_identity self_;
    cluster_actions seen_;
    std::size_t answered_ = 0;
};

}  // namespace kieng::cluster::testing

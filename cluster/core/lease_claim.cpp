#include "cluster/core/lease.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

// A row read longer ago says nothing about now.
constexpr instant kRowForgets = 1s;
constexpr instant kAfterRefusal = 250ms;

instant between(wall_time from, wall_time to)
{
    return std::chrono::duration_cast<instant>(to - from);
}

std::uint64_t mixed(std::uint64_t& state)
{
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace

std::optional<lease::evidence> lease::find_evidence(const surroundings& around, instant now) const
{
    if (!row_ || row_sent_ < read_after_) return std::nullopt;
    std::optional<evidence> found;
    using kind = holder_sight::kind;
    if (holder_.empty()) {
        const bool said = resigned_epoch_ == epoch_;
        found = said ? evidence{takeover_reason::resigned, resigned_at_}
                     : evidence{takeover_reason::vacant, since_.value_or(now)};
    } else if (resigned_epoch_ == epoch_) {
        found = evidence{takeover_reason::resigned, resigned_at_};
    } else if (holder_ == self_ && holder_boot_ != boot_) {
        found = evidence{takeover_reason::restarted, started_};
    } else if (around.holder.is == kind::restarted) {
        found = evidence{takeover_reason::restarted, around.holder.first_sign};
    } else if (around.holder.is == kind::crashed) {
        found = evidence{takeover_reason::crashed, around.holder.first_sign};
    } else if (around.holder.is == kind::silent) {
        found = silence(around, now);
    }
    if (around.blames_itself) found.reset();
    return found ? found : expiry(around, now);
}

// Beats are lost and the others agree: the renewals must have stopped too, by a row that was read after the beats ended.
std::optional<lease::evidence> lease::silence(const surroundings& around, instant now) const
{
    const auto database_now = database_.database_time(now);
    if (!row_is_current() || !row_->expires_at || !database_now) return std::nullopt;
    if (row_sent_ <= around.holder.first_sign || now - row_sent_ > kRowForgets) return std::nullopt;
    const instant renewed_ago = between(*row_->expires_at, *database_now) + settings_.lease_ttl;
    if (renewed_ago <= settings_.renewal_overdue) return std::nullopt;
    return evidence{takeover_reason::silent, around.holder.first_sign};
}

std::optional<lease::evidence> lease::expiry(const surroundings& around, instant now) const
{
    const auto database_now = database_.database_time(now);
    const auto answering = database_.answering_since();
    if (!row_is_current() || !database_now || !answering) return std::nullopt;
    if (now - *answering < settings_.expiry_trust || now - row_sent_ > kRowForgets)
        return std::nullopt;
    const instant over =
        row_->expires_at ? between(*row_->expires_at, *database_now) : settings_.blamed_expiry;
    if (over <= (around.blames_itself ? settings_.blamed_expiry : instant{0})) return std::nullopt;
    return evidence{takeover_reason::expired, now - over};
}

instant lease::turn_of(const surroundings& around, instant now)
{
    if (named_ == self_ && resigned_epoch_ == epoch_) return now;
    const auto most = static_cast<std::uint64_t>(settings_.candidate_jitter.count());
    instant turn = now + static_cast<std::int64_t>(around.rank) * settings_.candidate_step +
                   instant{static_cast<std::int64_t>(most == 0 ? 0 : mixed(random_) % most)};
    // It named another one, or it is we who gave it up.
    if ((named_ && resigned_epoch_ == epoch_) || has_resigned()) turn += settings_.handover_wait;
    return std::max(turn, not_before_);
}

void lease::step_candidate(const surroundings& around, instant now, cluster_actions& out)
{
    const bool reaches =
        database_.state() == database_state::well || database_.state() == database_state::slow;
    const auto found = around.may_take && reaches ? find_evidence(around, now) : std::nullopt;
    if (!found) {
        phase_ = lease_phase::standby;
        evidence_.reset();
        terminated_ = false;
        return;
    }
    if (phase_ == lease_phase::standby) {
        evidence_since_ = now;
        turn_ = turn_of(around, now);
        claim_sent_.reset();
        phase_ = lease_phase::candidate;
    }
    evidence_ = found;
    if (now >= turn_ && !under_way_) claim(now, out);
}

void lease::claim(instant now, cluster_actions& out)
{
    action::send_takeover ask;
    ask.sent_at = database_.database_time(now).value_or(wall_time{});
    ask.observed_epoch = epoch_;
    ask.reason = evidence_->reason;
    ask.from = last_holder();
    ask.planned = named(self_);
    if (ask.reason == takeover_reason::silent) ask.unmoved_expires_at = row_->expires_at;
    ask.id = begin(statement::takeover, now);
    if (!claim_sent_) claim_sent_ = now;
    phase_ = lease_phase::claiming;
    out.emplace_back(ask);
}

statement_id lease::begin(statement what, instant now)
{
    under_way_ = what;
    database_.sent(now);
    next_read_ = now + settings_.database_every;
    return ++last_id_;
}

void lease::answered(const input::lease_answered& what, instant now, cluster_actions& out)
{
    if (!under_way_ || what.id != last_id_) return;
    const statement was = *under_way_;
    under_way_.reset();
    database_.answered(what, now);
    const bool lost = what.outcome == input::statement_outcome::failed ||
                      what.outcome == input::statement_outcome::unknown;
    if (lost) next_read_ = now + settings_.database_retry;
    switch (was) {
    case statement::read:
        if (what.row) take_row(*what.row, what.sent, now, out);
        return;
    case statement::renewal:
        if (lost) next_renewal_ = now + settings_.database_retry;
        if (what.row) take_row(*what.row, what.sent, now, out);
        return;
    case statement::takeover: takeover_answered(what, now, out); return;
    case statement::resign: resign_answered(what, now, out); return;
    }
}

void lease::takeover_answered(const input::lease_answered& what, instant now, cluster_actions& out)
{
    using enum input::statement_outcome;
    phase_ = lease_phase::standby;
    if (what.outcome == lock_timeout && !terminated_ && evidence_) {
        terminated_ = true;
        out.emplace_back(action::terminate_duty_sessions{holder_, holder_boot_});
        claim(now, out);
        return;
    }
    terminated_ = false;
    const auto why = evidence_;
    const auto first_sent = claim_sent_;
    evidence_.reset();
    if (what.outcome == failed || what.outcome == unknown) read_after_ = now;
    not_before_ = now + kAfterRefusal;
    if (!what.row) return;
    if (what.outcome == refused) {
        take_row(*what.row, what.sent, now, out);
        return;
    }
    if (what.row->epoch > epoch_ && why && first_sent) {
        incarnation_ = what.row->incarnation;
        new_epoch(what.row->epoch, what.row->holder, what.row->boot, why->reason, now, out);
        if (record_) {
            record_->phases.detect = evidence_since_ - why->first_sign;
            record_->phases.decide = *first_sent - evidence_since_;
            record_->phases.fence = now - *first_sent;
        }
    }
    take_row(*what.row, what.sent, now, out);
}

void lease::resign_answered(const input::lease_answered& what, instant now, cluster_actions& out)
{
    using enum input::statement_outcome;
    if (what.outcome == done) {
        given_up_ = resigned_epoch_ = epoch_;
        resigned_by_ = self_;
        named_ = hand_to_;
        resigned_at_ = now;
        out.emplace_back(action::announce_resigned{
            {epoch_, hand_to_, hand_to_.has_value() && hand_wish_ == wish::of_operator}});
    }
    hand_to_.reset();
    // Not done, or nobody knows: a read tells whether the row still names us.
    if (phase_ == lease_phase::handing_over) stop_running(lease_phase::lapsed, out);
    deadline_ = instant{0};
    if (what.row) take_row(*what.row, what.sent, now, out);
    if (phase_ == lease_phase::lapsed && given_up_ == epoch_)
        stop_running(lease_phase::standby, out);
}

}  // namespace kieng::cluster

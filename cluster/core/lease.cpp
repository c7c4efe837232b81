#include "cluster/core/lease.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

constexpr instant kAnnounceAtMost = 1s;
constexpr instant kNoticeAtMost = 1s;  // after the row was read

instant between(wall_time from, wall_time to)
{
    return std::chrono::duration_cast<instant>(to - from);
}

}  // namespace

lease::lease(const cluster_settings& settings, const node_identity& self, instant now)
    : settings_(settings),
      self_(self.id),
      boot_(self.boot),
      started_(now),
      database_(settings),
      next_read_(now),
      random_(settings.seed ^ 0x5EA5EULL)
{}

bool lease::ours() const
{
    return holder_ == self_ && holder_boot_ == boot_ && given_up_ != epoch_;
}

std::optional<instant> lease::ends_at() const
{
    if (!row_ || !row_->expires_at) return std::nullopt;
    return row_sent_ + between(row_->database_time, *row_->expires_at);
}

std::optional<instant> lease::left(instant now) const
{
    const auto end = ends_at();
    if (!end) return std::nullopt;
    return *end - now;
}

bool lease::over(instant now) const
{
    const auto time = left(now);
    return row_is_current() && time && *time <= instant{0};
}

// The row

bool lease::newest(const lease_row& row, instant sent)
{
    const bool other_history = incarnation_ != 0 && row.incarnation > incarnation_;
    const bool back = row.epoch < epoch_ || row.incarnation < incarnation_;
    if (back && !other_history) {
        // Read before the newer one was made, answered after.
        if (sent <= epoch_learned_) return false;
        went_back_ = true;
    }
    if (other_history) went_back_ = false;
    if (back || other_history) {
        given_up_.reset();
        resigned_epoch_.reset();
        announced_ = 0;
    }
    return true;
}

void lease::take_row(const lease_row& row, instant sent, instant now, cluster_actions& out)
{
    if (!newest(row, sent)) return;
    const bool known = row_.has_value() || since_.has_value();
    const bool vacated = row.epoch == epoch_ && row.holder.empty() && !holder_.empty();
    incarnation_ = row.incarnation;
    row_ = row;
    row_sent_ = sent;
    if (!known || row.epoch != epoch_) {
        new_epoch(row.epoch, row.holder, row.boot, std::nullopt, now, out);
    } else if (vacated) {
        left_by_ = holder_;
        holder_.clear();
        holder_boot_.clear();
        since_ = now;
        if (resigned_epoch_ != epoch_) resigned_at_ = now;
    } else {
        holder_ = row.holder;
        holder_boot_ = row.boot;
    }
    follow_row(now, out);
}

// What the row says of us.
void lease::follow_row(instant now, cluster_actions& out)
{
    const bool holds = phase_ == lease_phase::active || phase_ == lease_phase::lapsed ||
                       phase_ == lease_phase::handing_over;
    if (!ours()) {
        if (holds) stop_running(lease_phase::standby, out);
        return;
    }
    const auto end = ends_at();
    const instant own = end ? *end - settings_.deadline_margin : instant{0};
    deadline_ = phase_ == lease_phase::active ? std::max(deadline_, own) : own;
    if (phase_ == lease_phase::handing_over) return;
    if (now < deadline_) {
        become_active(now, out);
    } else if (!holds) {
        stop_running(lease_phase::lapsed, out);
    }
}

void lease::new_epoch(std::int64_t epoch, const node_id& holder, const boot_id& boot,
                      std::optional<takeover_reason> reason, instant now, cluster_actions& out)
{
    takeover_record record;
    record.at = now;
    record.from = last_holder();
    record.to = holder;
    record.epoch = epoch;
    record.reason = reason;
    record.planned = named(holder);
    const bool first = !since_;
    epoch_ = epoch;
    holder_ = holder;
    holder_boot_ = boot;
    left_by_.clear();
    epoch_learned_ = now;
    since_ = now;
    evidence_.reset();
    terminated_ = false;
    if (phase_ == lease_phase::candidate) phase_ = lease_phase::standby;
    if (!ours() && duties_) stop_running(lease_phase::standby, out);
    tell_learned(out);
    if (first || holder.empty()) return;
    if (holder == self_ && boot == boot_) {
        record_ = record;
    } else {
        learned_ = record;
        if (reason) tell_learned(out);
    }
}

// Of the present epoch, also when it gave the role up.
node_id lease::last_holder() const
{
    if (!holder_.empty()) return holder_;
    return left_by_.empty() ? resigned_by() : left_by_;
}

bool lease::named(const node_id& node) const
{
    return resigned_epoch_ == epoch_ && named_ == node;
}

void lease::tell_learned(cluster_actions& out)
{
    if (learned_) out.emplace_back(action::takeover_done{*learned_});
    learned_.reset();
}

void lease::active_changed(const active_notice& what, instant now, cluster_actions& out)
{
    next_read_ = std::min(next_read_, now);
    if (learned_ && learned_->epoch == what.epoch) {
        learned_->reason = what.reason;
        tell_learned(out);
    }
    if (what.epoch <= epoch_) return;
    new_epoch(what.epoch, what.holder, what.boot, what.reason, now, out);
    follow_row(now, out);
}

void lease::heard_epoch(std::int64_t epoch, instant now, cluster_actions& out)
{
    if (epoch <= epoch_) return;
    next_read_ = std::min(next_read_, now);
    if (phase_ == lease_phase::active) {
        next_renewal_ = now;
        stop_running(lease_phase::lapsed, out);
    }
}

void lease::resigned(const node_id& from, const resigned_notice& what, instant now)
{
    if (what.epoch < epoch_ || resigned_epoch_ == what.epoch) return;
    if (what.epoch == epoch_ && !holder_.empty() && holder_ != from) return;
    resigned_epoch_ = what.epoch;
    resigned_by_ = from;
    named_ = what.to;
    resigned_at_ = now;
    next_read_ = std::min(next_read_, now);
}

// Phases

void lease::become_active(instant now, cluster_actions& out)
{
    phase_ = lease_phase::active;
    evidence_.reset();
    if (duties_ != epoch_) {
        duties_ = epoch_;
        out.emplace_back(action::start_duties{epoch_});
    }
    if (announced_ == epoch_) return;
    announced_ = epoch_;
    announcing_since_ = now;
    out.emplace_back(
        action::announce_active{{epoch_, self_, boot_, record_ ? record_->reason : std::nullopt}});
}

void lease::stop_running(lease_phase then, cluster_actions& out)
{
    phase_ = then;
    if (!duties_) return;
    out.emplace_back(action::stop_duties{*duties_});
    duties_.reset();
}

void lease::expire(instant now, cluster_actions& out)
{
    if (phase_ == lease_phase::active && now >= deadline_) stop_running(lease_phase::lapsed, out);
}

void lease::hand_over(std::optional<node_id> to, wish whose, cluster_actions& out)
{
    if (phase_ != lease_phase::active && phase_ != lease_phase::lapsed) return;
    hand_to_ = std::move(to);
    hand_wish_ = whose;
    stop_running(lease_phase::handing_over, out);
}

void lease::resign_without_database(instant now, cluster_actions& out)
{
    stop_running(lease_phase::standby, out);
    given_up_ = epoch_;
    resigned_epoch_ = epoch_;
    resigned_by_ = self_;
    named_.reset();
    resigned_at_ = now;
    out.emplace_back(action::announce_resigned{{epoch_, std::nullopt, false}});
}

void lease::step(const surroundings& around, instant now, cluster_actions& out)
{
    database_.step(now);
    expire(now, out);
    finish_record(around, now, out);
    switch (phase_) {
    case lease_phase::active:
    case lease_phase::lapsed:
    case lease_phase::handing_over: step_holder(around, now, out); break;
    case lease_phase::standby:
    case lease_phase::candidate: step_candidate(around, now, out); break;
    case lease_phase::claiming: break;
    }
    if (!under_way_ && now >= next_read_)
        out.emplace_back(action::read_lease{begin(statement::read, now)});
}

void lease::step_holder(const surroundings& around, instant now, cluster_actions& out)
{
    if (around.outage_is_ours) {
        resign_without_database(now, out);
        return;
    }
    if (phase_ == lease_phase::active && around.hand_over_to)
        hand_over(around.hand_over_to, wish::own, out);
    if (under_way_) return;
    if (phase_ == lease_phase::handing_over) {
        out.emplace_back(action::send_resign{begin(statement::resign, now), epoch_});
    } else if (now >= next_renewal_) {
        next_renewal_ = now + settings_.renew_every;
        out.emplace_back(action::send_renewal{begin(statement::renewal, now), epoch_});
    }
}

void lease::finish_record(const surroundings& around, instant now, cluster_actions& out)
{
    if (learned_ && now - learned_->at >= kNoticeAtMost) tell_learned(out);
    if (!announcing_since_) return;
    if (!around.all_know_epoch && now - *announcing_since_ < kAnnounceAtMost) return;
    if (record_) {
        record_->phases.announce = now - *announcing_since_;
        out.emplace_back(action::takeover_done{*record_});
    }
    record_.reset();
    announcing_since_.reset();
}

instant lease::next_wakeup() const
{
    instant next = database_.next_wakeup();
    if (phase_ == lease_phase::active) next = std::min({next, deadline_, next_renewal_});
    if (phase_ == lease_phase::candidate) next = std::min(next, turn_);
    if (!under_way_) next = std::min(next, next_read_);
    return next;
}

}  // namespace kieng::cluster

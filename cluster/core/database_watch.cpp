#include "cluster/core/database_watch.hpp"

namespace kieng::cluster {

void database_watch::sent(instant now)
{
    waiting_since_ = now;
}

void database_watch::answered(const input::lease_answered& what, instant now)
{
    waiting_since_.reset();
    if (what.outcome == input::statement_outcome::failed ||
        what.outcome == input::statement_outcome::unknown) {
        if (!first_failure_) first_failure_ = what.sent;
        answering_since_.reset();
        if (++failures_ >= 2) lose(*first_failure_);
        return;
    }
    failures_ = 0;
    first_failure_.reset();
    lost_since_.reset();
    took_ = now - what.sent;
    last_answer_ = now;
    if (!answering_since_) answering_since_ = now;
    // A takeover waits for locks: that is not PostgreSQL being slow.
    const bool waited_for_lock = what.outcome == input::statement_outcome::lock_timeout;
    state_ = !waited_for_lock && *took_ > settings_.database_slow ? database_state::slow
                                                                  : database_state::well;
    if (what.row) {
        database_at_ = what.row->database_time;
        database_read_ = what.sent;
    }
}

void database_watch::stood_still(instant gap)
{
    if (waiting_since_) *waiting_since_ += gap;
}

void database_watch::step(instant now)
{
    if (waiting_since_ && now - *waiting_since_ >= settings_.database_patience)
        lose(*waiting_since_);
}

instant database_watch::next_wakeup() const
{
    if (!waiting_since_ || state_ == database_state::lost) return instant::max();
    return *waiting_since_ + settings_.database_patience;
}

std::optional<wall_time> database_watch::database_time(instant now) const
{
    if (!database_at_) return std::nullopt;
    return *database_at_ +
           std::chrono::duration_cast<std::chrono::microseconds>(now - database_read_);
}

void database_watch::lose(instant since)
{
    state_ = database_state::lost;
    answering_since_.reset();
    if (!lost_since_) lost_since_ = since;
}

}  // namespace kieng::cluster

// The event streams of one I/O thread: one bell for all that wait, rung in slices so that ten thousand of them do not hold the thread
// up, and one look into the outbox for all that resume from the same stretch of it.
//
// ring() from any thread; all else on the desk's own thread.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "node/event_text.hpp"
#include "node/platform/store/outbox_reader.hpp"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace kieng::node {

// One that may wait: for the bell, for a time, or to be woken alone.
class event_sleeper : public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit event_sleeper(const executor& on) : timer_(on) {}
    void wake()
    {
        woken_ = true;
        timer_.cancel();
    }

private:
    friend class event_desk;
    timer timer_;
    bool woken_ = false;
};

class event_desk : public std::enable_shared_from_this<event_desk> {
public:
    // Reads the outbox after a position; the answers are kept as `show` makes them.
    using history_reader = std::function<task<result<store::outbox_reading>>(std::int64_t after)>;
    using shower = std::function<shown_ptr(const store::position&)>;

    event_desk(executor where, history_reader read, shower show, const clock& now);

    void ring();
    task<> wait(event_sleeper& who, steady_time until);

    // The positions from a stretch of the outbox; null while PostgreSQL cannot be asked.
    struct stretch {
        std::int64_t incarnation = 0;
        std::int64_t head = 0;
        std::vector<shown_ptr> positions;  // in order
    };
    using stretch_ptr = std::shared_ptr<const stretch>;
    // One that shows what follows `pos`, if it is there at all. Kept for the next who asks, until forget().
    task<stretch_ptr> history(std::int64_t pos);
    void forget() noexcept { kept_.clear(); }

    [[nodiscard]] const executor& where() const noexcept { return where_; }

private:
    using sleepers =
        boost::intrusive::list<event_sleeper, boost::intrusive::constant_time_size<false>>;
    // A stretch that is being read, and who waits for it.
    struct reading {
        std::vector<timer*> waiting;
    };

    void round();
    void slice();
    task<> rest_and_ring(steady_time::duration time);
    task<stretch_ptr> read(std::int64_t after);

    const executor where_;
    const history_reader read_;
    const shower show_;
    const clock& now_;
    std::atomic<bool> ringing_{false};  // a round is posted

    sleepers waiting_;
    sleepers called_;  // to be woken in this round
    bool in_round_ = false;
    bool again_ = false;  // rung during the round
    steady_time round_began_{};

    std::map<std::int64_t, stretch_ptr> kept_;
    std::map<std::int64_t, reading> readings_;
};

}  // namespace kieng::node

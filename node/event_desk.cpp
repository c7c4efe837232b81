#include "node/event_desk.hpp"

#include "base/log.hpp"

#include <boost/asio/redirect_error.hpp>

namespace kieng::node {
namespace {

constexpr int kSlice = 50;  // streams woken at once: about a millisecond of writing
constexpr std::size_t kKeptStretches = 4;

task<> sleep_until(timer& by, steady_time until)
{
    by.expires_at(until);
    boost::system::error_code ended;
    use_task_t token;
    auto quietly = asio::redirect_error(token, ended);
    co_await by.async_wait(quietly);
}

}  // namespace

event_desk::event_desk(executor where, history_reader read, shower show, const clock& now)
    : where_(std::move(where)),
      read_(std::move(read)),
      show_(std::move(show)),
      now_(now)
{}

void event_desk::ring()
{
    if (ringing_.exchange(true)) return;
    asio::post(where_, [self = shared_from_this()] { self->round(); });
}

void event_desk::round()
{
    ringing_ = false;
    if (in_round_) {
        again_ = true;
        return;
    }
    if (waiting_.empty()) return;
    in_round_ = true;
    round_began_ = now_.steady();
    called_.splice(called_.end(), waiting_);
    slice();
}

void event_desk::slice()
{
    for (int i = 0; i < kSlice && !called_.empty(); ++i) {
        auto& next = called_.front();
        called_.pop_front();
        next.wake();
    }
    if (!called_.empty()) {
        asio::post(where_, [self = shared_from_this()] { self->slice(); });
        return;
    }
    // However much there is to tell, half of the time belongs to others.
    const auto took = now_.steady() - round_began_;
    spawn(
        where_, [self = shared_from_this(), took] { return self->rest_and_ring(took); },
        [](std::exception_ptr) { log::error("event_round_failed"); });
}

task<> event_desk::rest_and_ring(steady_time::duration time)
{
    timer by(where_);
    co_await sleep_until(by, now_.steady() + time);
    in_round_ = false;
    if (!std::exchange(again_, false)) co_return;
    round();
}

task<> event_desk::wait(event_sleeper& who, steady_time until)
{
    if (!std::exchange(who.woken_, false)) {
        waiting_.push_back(who);
        co_await sleep_until(who.timer_, until);
        who.unlink();
        who.woken_ = false;
    }
}

task<event_desk::stretch_ptr> event_desk::history(std::int64_t pos)
{
    const auto after = pos / store::kOutboxWindow * store::kOutboxWindow;
    const auto known = kept_.find(after);
    if (known != kept_.end()) {
        const bool ends_early = known->second->head < after + store::kOutboxWindow;
        if (pos < known->second->head || !ends_early) co_return known->second;
        kept_.erase(known);
    }
    const auto busy = readings_.find(after);
    if (busy != readings_.end()) {
        timer until(where_);
        busy->second.waiting.push_back(&until);
        co_await sleep_until(until, steady_time::max());
        const auto found = kept_.find(after);
        if (found == kept_.end()) co_return nullptr;
        co_return found->second;
    }
    readings_[after];
    auto got = co_await read(after);
    auto done = readings_.extract(after);
    if (got) {
        kept_[after] = got;
        while (kept_.size() > kKeptStretches)
            kept_.erase(kept_.begin()->first == after ? std::prev(kept_.end()) : kept_.begin());
    }
    for (auto* one : done.mapped().waiting) one->cancel();
    co_return got;
}

task<event_desk::stretch_ptr> event_desk::read(std::int64_t after)
{
    auto out = std::make_shared<stretch>();
    try {
        const auto got = co_await read_(after);
        if (!got) co_return nullptr;
        out->incarnation = got->incarnation;
        out->head = got->head;
        for (const auto& one : got->positions) out->positions.push_back(show_(one));
    } catch (const std::exception& error) {
        log::error("event_history_failed", {{"why", error.what()}});
        co_return nullptr;
    }
    co_return out;
}

}  // namespace kieng::node

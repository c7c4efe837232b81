#include "cluster/runtime/sync_pusher.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

constexpr std::chrono::milliseconds kAnswer{1'000};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{1'000};

}  // namespace

sync_pusher::sync_pusher(executor on, const std::string& self, std::string peer, peer_address to,
                         const peer_calls& how, const clock& now)
    : now_(now),
      waiting_(self),
      to_(on, std::move(peer), std::move(to), how),
      work_(on)
{}

void sync_pusher::stop()
{
    stopping_ = true;
    work_.ring();
    to_.connection().close();
}

void sync_pusher::add(std::shared_ptr<const wire::packed_position> what)
{
    waiting_.add(std::move(what));
    if (!pausing_) work_.ring();
}

void sync_pusher::clear()
{
    waiting_.clear();
}

push_counts sync_pusher::counts() const
{
    auto out = counts_;
    out.waiting = waiting_.waiting();
    out.forgotten = waiting_.forgotten();
    return out;
}

std::chrono::milliseconds sync_pusher::after_failure()
{
    ++counts_.failed;
    return std::clamp(pause_ * 2, kFirstPause, kLongestPause);
}

task<> sync_pusher::run(task_group& in)
{
    while (!in.stopping() && !stopping_) {
        auto next = waiting_.next();
        if (!next) {
            co_await work_.wait();
            continue;
        }
        const auto began = now_.steady();
        std::string target = "/api/sync/receive";
        const auto reply =
            co_await to_.post(std::move(target), std::move(next->body), began + kAnswer);
        if (reply.fault == peer_fault::none && reply.status == 200) {
            counts_.pushed += next->positions;
            counts_.last_round_trip =
                std::chrono::duration_cast<std::chrono::microseconds>(now_.steady() - began);
            pause_ = {};
        } else {
            pause_ = after_failure();
            pausing_ = true;
            co_await work_.wait(now_.steady() + pause_);
            pausing_ = false;
        }
    }
}

}  // namespace kieng::cluster

#include "cluster/core/client_breaker.hpp"

#include <algorithm>
#include <cstddef>

namespace kieng::cluster::client {

namespace {
constexpr std::size_t kRemembered = 1024;
}

void breaker::record(bool good, steady_time now)
{
    if (open_) {
        // What was sent before it opened, or because every breaker was open.
        good_ = good ? good_ + 1 : 0;
        if (good_ >= numbers_.breaker_good) close();
        return;
    }
    in_row_ = good ? 0 : in_row_ + 1;
    recent_.emplace_back(now, good);
    if (recent_.size() > kRemembered) recent_.pop_front();
    if (in_row_ >= numbers_.breaker_in_row || (!good && too_many_failed(now))) trip(now);
}

bool breaker::too_many_failed(steady_time now)
{
    while (!recent_.empty() && now - recent_.front().first > numbers_.breaker_window) {
        recent_.pop_front();
    }
    const auto bad = std::count_if(recent_.begin(), recent_.end(),
                                   [](const auto& entry) { return !entry.second; });
    const auto all = static_cast<std::ptrdiff_t>(recent_.size());
    return all >= numbers_.breaker_calls && bad * 2 >= all;
}

void breaker::trip(steady_time now)
{
    open_ = true;
    probing_ = false;
    good_ = 0;
    milliseconds wait = numbers_.breaker_open;
    for (int i = 0; i < times_ && wait < numbers_.breaker_open_max; ++i) wait *= 2;
    until_ = now + std::min(wait, numbers_.breaker_open_max);
    ++times_;
}

void breaker::close()
{
    open_ = false;
    probing_ = false;
    times_ = 0;
    in_row_ = 0;
    good_ = 0;
    recent_.clear();
}

bool breaker::probe_due(steady_time now) const noexcept
{
    return open_ && !probing_ && now >= until_;
}

std::optional<steady_time> breaker::probe_at() const noexcept
{
    if (!open_ || probing_) return std::nullopt;
    return until_;
}

void breaker::probe_done(bool good, steady_time now)
{
    probing_ = false;
    if (!open_) return;
    if (!good) {
        trip(now);
        return;
    }
    if (++good_ >= numbers_.breaker_good) close();
}

}  // namespace kieng::cluster::client

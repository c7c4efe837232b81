#include "cluster/runtime/stream_hub.hpp"

#include <algorithm>

namespace kieng::cluster {

outgoing_stream::outgoing_stream(std::string peer, std::string boot, std::string first_line,
                                 std::string key, const executor& on, const clock& now)
    : peer_(std::move(peer)),
      boot_(std::move(boot)),
      on_(on),
      now_(now),
      bell_(std::make_shared<bell>(on)),
      seal_(std::move(key)),
      first_(std::move(first_line))
{}

void outgoing_stream::say(const std::string& line)
{
    {
        const std::lock_guard lock(guard_);
        if (closed_) return;
        if (lines_.size() >= kMostWaiting)
            closed_ = true;
        else
            lines_.push_back(line);
    }
    wake();
}

void outgoing_stream::close()
{
    {
        const std::lock_guard lock(guard_);
        closed_ = true;
    }
    wake();
}

void outgoing_stream::wake()
{
    asio::post(on_, [bell = bell_] { bell->ring(); });
}

// All that waits, sealed in order; empty when there is nothing.
std::string outgoing_stream::take()
{
    std::deque<std::string> lines;
    std::string out;
    {
        const std::lock_guard lock(guard_);
        out.swap(first_);
        lines.swap(lines_);
    }
    if (lines.empty()) return out;
    const auto first = seal_.counter() + 1;
    for (const auto& line : lines) out += seal_.seal(line);
    const auto at = now_.steady();
    const std::lock_guard lock(guard_);
    for (auto n = first; n <= seal_.counter(); ++n) left_[n % kRemembered] = {n, at};
    return out;
}

std::optional<steady_time> outgoing_stream::left_at(std::uint64_t counter) const
{
    const std::lock_guard lock(guard_);
    const auto& [number, at] = left_[counter % kRemembered];
    if (number != counter) return std::nullopt;
    return at;
}

task<> outgoing_stream::write(std::function<task<bool>(std::string)> sink)
{
    for (;;) {
        auto text = take();
        if (!text.empty()) {
            const bool there = co_await sink(std::move(text));
            if (!there) co_return;
            continue;
        }
        {
            const std::lock_guard lock(guard_);
            if (closed_) co_return;
        }
        co_await bell_->wait();
    }
}

void stream_hub::add(std::shared_ptr<outgoing_stream> one)
{
    const std::lock_guard lock(guard_);
    if (closed_) return one->close();
    // A peer that opens a stream anew has given up the former one.
    for (const auto& old : open_) {
        if (old->peer() == one->peer()) old->close();
    }
    open_.push_back(std::move(one));
}

void stream_hub::remove(const outgoing_stream* one)
{
    const std::lock_guard lock(guard_);
    std::erase_if(open_, [one](const auto& each) { return each.get() == one; });
}

void stream_hub::say(const wire::peer_line& what)
{
    const auto line = wire::write_line(what);
    const std::lock_guard lock(guard_);
    for (const auto& one : open_) one->say(line);
}

void stream_hub::say_to(const std::string& peer, const wire::peer_line& what)
{
    const auto line = wire::write_line(what);
    const std::lock_guard lock(guard_);
    for (const auto& one : open_) {
        if (one->peer() == peer) one->say(line);
    }
}

void stream_hub::close()
{
    const std::lock_guard lock(guard_);
    closed_ = true;
    for (const auto& one : open_) one->close();
}

std::size_t stream_hub::open_to(const std::string& peer) const
{
    const std::lock_guard lock(guard_);
    return static_cast<std::size_t>(std::count_if(
        open_.begin(), open_.end(), [&](const auto& one) { return one->peer() == peer; }));
}

bool stream_hub::open_to(const std::string& peer, const std::string& boot) const
{
    const std::lock_guard lock(guard_);
    return std::any_of(open_.begin(), open_.end(),
                       [&](const auto& one) { return one->peer() == peer && one->boot() == boot; });
}

std::optional<steady_time> stream_hub::left_at(const std::string& peer, std::uint64_t counter) const
{
    const std::lock_guard lock(guard_);
    for (const auto& one : open_) {
        if (one->peer() != peer) continue;
        if (const auto at = one->left_at(counter)) return at;
    }
    return std::nullopt;
}

void stream_hub::close_boot(const std::string& peer, const std::string& boot)
{
    const std::lock_guard lock(guard_);
    for (const auto& one : open_) {
        if (one->peer() == peer && one->boot() == boot) one->close();
    }
}

}  // namespace kieng::cluster

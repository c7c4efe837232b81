#include "node/platform/http/session.hpp"

#include "node/platform/http/worker.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstring>

namespace kieng::http {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kWriteFrom = 65'536;  // answers gathered before they are sent
constexpr unsigned kLooksPerStreamLook = 4;
constexpr std::chrono::hours kNoDeadline{24 * 365};
constexpr std::chrono::milliseconds kFirstRequestOnTheWay{500};

}  // namespace

session::session(worker& on, std::unique_ptr<transport> wire, peer from, std::string client)
    : worker_(on),
      shared_(on.shared()),
      limits_(shared_.options.within),
      wire_(std::move(wire)),
      peer_(std::move(from)),
      client_(std::move(client)),
      deadline_(on.now() + limits_.header_time),
      parser_(limits_),
      chunks_(limits_)
{
    worker_.add(*this);
}

session::~session()
{
    worker_.remove(*this);
    shared_.connections.leave(client_);
}

task<> session::run(std::shared_ptr<session> self)
{
    self->enter(phase::receiving, self->limits_.header_time);
    const bool opened = co_await self->wire_->open();
    if (opened) {
        co_await self->converse();
        co_await self->leave();
    }
    self->wire_->close();
}

task<> session::converse()
{
    bool open = true;
    while (open) {
        auto& h = worker_.scratch_head();
        const auto found = parser_.parse(in_.data() + in_begin_, in_end_ - in_begin_, h);
        if (found == head_parser::state::more) {
            open = co_await receive();
            continue;
        }
        x_.clear();
        x_.began = worker_.look();
        x_.began_wall = worker_.stamp();
        if (found == head_parser::state::failed) {
            worker_.checks().identify(h, peer_, x_);
            refuse_message(parser_.fault().code, parser_.fault().why);
            break;
        }
        const auto next = begin();
        if (next == step::load) {
            co_await load();
        } else if (next == step::handle) {
            co_await handle();
        }
        if (!body_done_ && x_.keep_alive && !broken_) x_.keep_alive = co_await discard_body();
        open = x_.keep_alive && !broken_;
        if (open && out_.size() > kWriteFrom) open = co_await flush();
    }
}

// Sends what is ready, then waits for more bytes of a head. False: the connection ends.
task<bool> session::receive()
{
    if (!out_.empty()) {
        const bool sent = co_await flush();
        if (!sent) co_return false;
    }
    const bool begun = parser_.begun(in_end_ - in_begin_);
    if (!begun) {
        // The first request gets the header time from the moment the connection came; a later one may stay away longer.
        enter(phase::idle, answered_ ? limits_.idle_time : limits_.header_time);
        if (let_go_ && answered_) co_return false;
    } else if (phase_ != phase::receiving) {
        enter(phase::receiving, limits_.header_time);
    }
    const auto free = room(in_end_ - in_begin_ >= kFirstBuffer ? kFirstBuffer : 1);
    const auto buffer = asio::buffer(free.data(), free.size());
    const auto [error, bytes] = co_await wire_->read_some(buffer);
    if (error || bytes == 0) {
        if (timed_out_ && begun) {
            timed_out_ = false;
            x_.clear();
            x_.began = worker_.look();
            x_.began_wall = worker_.stamp();
            auto& h = worker_.scratch_head();
            h.clear();
            worker_.checks().identify(h, peer_, x_);
            refuse_message(errc::request_timeout,
                           {"Phần đầu không đến kịp.", "The header did not arrive in time."});
        } else if (!timed_out_ && !let_go_) {
            broken_ = true;  // the client has gone
        }
        co_return false;
    }
    in_end_ += bytes;
    if (phase_ == phase::idle) enter(phase::receiving, limits_.header_time);
    co_return true;
}

// A write that makes no progress for a while is given up, and one that is not done by the time given.
task<bool> session::flush(steady_time by)
{
    const auto before = phase_;
    while (!out_.empty() && !broken_) {
        const auto rest = out_.next();
        auto sent = wire_->try_write(rest);
        if (sent == 0) {
            enter(phase::sending, limits_.write_stall);
            deadline_ = std::min(deadline_, by);
            const auto [error, bytes] = co_await wire_->write_some(rest);
            if (error) broken_ = true;
            sent = bytes;
        }
        out_.sent(sent);
    }
    out_.clear();
    if (phase_ == phase::sending) enter(before, limits_.idle_time);
    co_return !broken_;
}

// Ends the connection so that the client sees the last answer: send it, say that no more will come, read what still
// arrives for a while. Closing at once would make the kernel reset the connection and throw the answer away.
task<> session::leave()
{
    if (broken_) co_return;
    const bool sent = co_await flush();
    if (!sent) co_return;
    timed_out_ = false;
    enter(phase::leaving, limits_.linger);
    co_await wire_->end_sending();
    std::size_t read = 0;
    in_begin_ = in_end_ = 0;
    while (!timed_out_ && read < limits_.linger_bytes && !wire_->secure()) {
        const auto free = room(1);
        const auto buffer = asio::buffer(free.data(), free.size());
        const auto [error, bytes] = co_await wire_->read_some(buffer);
        if (error || bytes == 0) break;
        read += bytes;
    }
}

void session::enter(phase next, std::chrono::milliseconds time)
{
    phase_ = next;
    deadline_ = worker_.recently() + time;
}

// Free space behind the received bytes, at least as much as asked for.
std::span<char> session::room(std::size_t at_least)
{
    if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
    if (in_.size() - in_end_ < at_least || in_.empty()) {
        if (in_begin_ > 0) {
            std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
            in_end_ -= in_begin_;
            in_begin_ = 0;
        }
        if (in_.size() - in_end_ < at_least || in_.empty())
            in_.resize(std::max(kFirstBuffer, in_end_ + std::max(at_least, kFirstBuffer)));
    }
    return {in_.data() + in_end_, in_.size() - in_end_};
}

void session::consume(std::size_t bytes) noexcept
{
    in_begin_ += bytes;
}

void session::sweep(steady_time now)
{
    if (phase_ == phase::handling) {
        // Streams that last are many and say themselves what they write: each is looked at once a second, not all at once.
        if (lasting_ && looks_++ % kLooksPerStreamLook != 0) return;
        if (left_ && !left_->load(std::memory_order_relaxed) && wire_->peer_left()) {
            left_->store(true, std::memory_order_relaxed);
            if (when_left_) std::exchange(when_left_, {})();
        }
        return;
    }
    if (now < deadline_) return;
    deadline_ = now + kNoDeadline;
    timed_out_ = true;
    wire_->cancel();
}

void session::let_go()
{
    let_go_ = true;
    if (phase_ != phase::idle) return;
    if (answered_) {
        wire_->cancel();
    } else {
        deadline_ = std::min(deadline_, worker_.now() + kFirstRequestOnTheWay);
    }
}

void session::abort() noexcept
{
    broken_ = true;
    wire_->close();
}

}  // namespace kieng::http

#include "cluster/runtime/stream_reader.hpp"

#include <algorithm>

namespace kieng::cluster {
namespace {

using input::reconnect_outcome;

constexpr std::chrono::milliseconds kOpen{1'000};
constexpr std::chrono::milliseconds kDying{3};
constexpr std::chrono::milliseconds kSilence{
    10'000};  // the detector judges silence; this only frees the socket

std::vector<std::string_view> words_of_line(std::string_view line)
{
    std::vector<std::string_view> out;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        out.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return out;
}

reconnect_outcome outcome_of(const peer_reply& what) noexcept
{
    switch (what.fault) {
    case peer_fault::none: return reconnect_outcome::no_stream;  // an answer, but not 200
    case peer_fault::refused: return reconnect_outcome::refused;
    case peer_fault::protocol: return reconnect_outcome::no_stream;
    case peer_fault::reset:
    case peer_fault::timed_out:
    case peer_fault::unresolved:
    case peer_fault::tls: return reconnect_outcome::timed_out;
    }
    return reconnect_outcome::timed_out;
}

}  // namespace

std::string write_hello(std::string_view boot, std::string_view nonce, std::string_view secret_id)
{
    std::string out(boot);
    out += ' ';
    out += nonce;
    out += ' ';
    out += secret_id;
    out += '\n';
    return out;
}

stream_reader::stream_reader(const executor& on, node_id self, boot_id self_boot, std::string peer,
                             peer_address to, const peer_calls& how,
                             const wire::peer_secrets& secrets, const clock& now,
                             stream_listener tell)
    : self_(std::move(self)),
      self_boot_(std::move(self_boot)),
      secrets_(secrets),
      now_(now),
      tell_(std::move(tell)),
      to_(on, std::move(peer), std::move(to), how),
      wake_(on),
      patience_(on)
{}

void stream_reader::stop()
{
    stopping_ = true;
    patience_.cancel();
    wake_.ring();
    to_.connection().close();
}

void stream_reader::attempt(std::chrono::nanoseconds within)
{
    if (open_) {
        tell_.still_open(boot_);
        return tell_.tried(reconnect_outcome::accepted, peer_fault::none);
    }
    within_ = within;
    wanted_ = true;
    wake_.ring();
}

void stream_reader::drop(const boot_id& boot)
{
    if (open_ && boot_ == boot) to_.connection().close();
}

task<> stream_reader::run(task_group& in)
{
    while (!in.stopping() && !stopping_) {
        if (!wanted_) {
            co_await wake_.wait();
            continue;
        }
        wanted_ = false;
        co_await open();
    }
}

void stream_reader::tell(reconnect_outcome how, peer_fault why)
{
    patience_.cancel();
    if (told_ || stopping_) return;
    told_ = true;
    tell_.tried(how, why);
}

task<> stream_reader::open()
{
    opener_.reset();
    received_.clear();
    told_ = false;
    patience_.expires_after(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(within_));
    patience_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) tell(reconnect_outcome::timed_out, peer_fault::timed_out);
    });
    // A process that is dying still takes connections for a moment and drops them: its listener goes last.
    const auto patient = now_.steady() + std::chrono::duration_cast<steady_time::duration>(within_);
    peer_reply reply;
    for (;;) {
        std::string target = "/api/cluster/stream?boot=" + self_boot_;
        reply = co_await to_.open_stream(std::move(target), nonce_, now_.steady() + kOpen);
        if (reply.fault != peer_fault::reset || now_.steady() >= patient || stopping_) break;
        co_await wake_.wait(now_.steady() + kDying);
    }
    if (reply.fault == peer_fault::none && reply.status == 200) {
        co_await listen();
    } else {
        to_.connection().close();
        tell(outcome_of(reply),
             reply.fault == peer_fault::none ? peer_fault::protocol : reply.fault);
    }
    patience_.cancel();
}

task<> stream_reader::listen()
{
    auto why = peer_fault::protocol;
    for (bool sound = true; sound;) {
        auto piece = co_await to_.connection().read_piece(now_.steady() + kSilence);
        if (piece.fault != peer_fault::none) {
            why = piece.fault;
            break;
        }
        received_ += piece.body;
        sound = take_lines();
    }
    to_.connection().close();
    const bool was_open = open_;
    open_ = false;
    if (stopping_) co_return;
    tell(why == peer_fault::protocol ? reconnect_outcome::no_stream : reconnect_outcome::timed_out,
         why);
    if (was_open) tell_.closed(why);
}

bool stream_reader::take_lines()
{
    for (auto end = received_.find('\n'); end != std::string::npos; end = received_.find('\n')) {
        const std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        if (!(opener_ ? take_line(line) : take_hello(line))) return false;
    }
    return received_.size() <= wire::kLongestSealedLine;
}

bool stream_reader::take_hello(std::string_view line)
{
    const auto words = words_of_line(line);
    if (words.size() != 3) return false;
    const auto* secret = secrets_.named(words[2]);
    if (secret == nullptr) return false;
    boot_ = words[0];
    wire::stream_names names;
    names.opener = self_;
    names.acceptor = to_.id();
    names.opener_boot = self_boot_;
    names.acceptor_boot = boot_;
    names.opener_nonce = nonce_;
    names.acceptor_nonce = words[1];
    opener_.emplace(wire::make_stream_keys(secret->value, names).to_opener);
    return true;
}

bool stream_reader::take_line(std::string_view line)
{
    const auto inner = opener_->open(line);
    if (!inner) return false;
    const auto what = wire::read_line(*inner);
    if (!what) return false;
    if (!open_) {
        open_ = true;
        tell_.opened(boot_);
        tell(reconnect_outcome::accepted, peer_fault::none);
    }
    tell_.line(*what, opener_->counter());
    return true;
}

}  // namespace kieng::cluster

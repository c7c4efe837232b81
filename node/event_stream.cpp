#include "node/event_stream.hpp"

#include <algorithm>

namespace kieng::node {
namespace {

constexpr std::string_view kRetry = "retry: 1000\n";
constexpr std::chrono::seconds kAskAgain{1};  // PostgreSQL, when it did not answer
constexpr std::chrono::seconds kSlowWrite{1};
constexpr std::chrono::milliseconds kAgeStep{1};  // an age is a whole number of them

// Spreads the ids of streams that began together over the whole interval.
steady_time first_id(const event_hub& of, const void* by)
{
    const auto share = std::hash<const void*>{}(by) / 64 % 100;
    return of.time.steady() + of.most.idle * (share + 1) / 100;
}

steady_time end_of(const http::caller& who, const clock& now)
{
    if (!who.expires) return steady_time::max();
    return now.steady() + (*who.expires - now.wall());
}

}  // namespace

event_stream::event_stream(event_hub& hub, std::shared_ptr<event_desk> desk,
                           std::unique_ptr<event_hub::place> place, http::caller who,
                           event_start from)
    : hub_(hub),
      desk_(std::move(desk)),
      place_(std::move(place)),
      who_(std::move(who)),
      since_(from.at.applied),
      closings_(hub.closings()),
      sleeper_(desk_->where()),
      at_(from.at),
      seen_(from.pos),
      pos_(std::min(from.pos, from.at.applied)),
      forgotten_(from.forgotten),
      id_due_(first_id(hub, this)),
      expires_(end_of(who_, hub.time))
{}

task<> event_stream::run(std::shared_ptr<event_stream> self, http::body_sink& to)
{
    auto& s = *self;
    to.when_left([weak = std::weak_ptr(self)] {
        if (const auto still = weak.lock()) {
            still->left_ = true;
            still->sleeper_.wake();
        }
    });
    std::string text(kRetry);
    if (!s.forgotten_) text += s.id_line();
    text += '\n';
    const bool begun = co_await to.write(std::move(text));
    if (!begun) co_return;
    co_await s.begin();
    while (!s.over()) {
        auto piece = s.next();
        if (!piece.empty()) {
            const auto began = s.hub_.time.steady();
            const bool sent = co_await to.write(std::move(piece));
            if (!sent || s.too_slow(began, s.hub_.time.steady())) co_return;
        } else if (s.needs_history_) {
            co_await s.read_history();
        } else if (!s.more_ && !s.over()) {
            co_await s.desk_->wait(s.sleeper_, s.due());
        }
        // However far behind it is, others have their turn.
        use_task_t token;
        if (s.more_) co_await asio::post(s.desk_->where(), token);
    }
}

// A client that saw more than this node has, waits for it and never gets anything older; the stream still looks at what comes
// between, for its session may have ended there. If all that PostgreSQL has turns out to be less, that history is lost.
task<> event_stream::begin()
{
    if (seen_ <= at_.applied) co_return;
    const auto asked = hub_.time.steady();
    const bool there = co_await hub_.from.wait_for(seen_, kCatchUp);
    if (there) co_return;
    const auto now = hub_.ring.head();
    const auto compared = hub_.time.steady() - hub_.from.age() - kAgeStep;
    if (now.generation == at_.generation && now.applied < seen_ && compared > asked)
        forgotten_ = true;
}

// What to write now; nothing if the stream is to wait or to read the outbox.
std::string event_stream::next()
{
    std::string out;
    more_ = false;
    append_view(out);
    auto found = hub_.ring.after(at_.generation, pos_, kPiece);
    if (forgotten_ || found.how == event_ring::found::forgotten) {
        append_reset(out);
        return out;
    }
    if (found.how != event_ring::found::older) stretch_.reset();
    switch (found.how) {
    case event_ring::found::level: break;
    case event_ring::found::some:
        more_ = !append_positions(out, found.positions, store::kNoPosition) || !found.all;
        break;
    case event_ring::found::older: append_stretch(out, found.first - 1); break;
    case event_ring::found::forgotten: break;
    }
    if (hub_.time.steady() >= id_due_) {
        out += id_line() + "\n";
        while (id_due_ <= hub_.time.steady()) id_due_ += hub_.most.idle;
    }
    return out;
}

void event_stream::append_view(std::string& out)
{
    const auto view = hub_.shown_view();
    if (view.number == view_) return;
    view_ = view.number;
    if (view.block) out += *view.block;
}

// History is not continuous for this client: it drops what it holds and goes on from here. What ended its session
// meanwhile may be among what was not heard, so whoever is signed in proves it anew, unless the stream has just begun.
void event_stream::append_reset(std::string& out)
{
    const auto now = hub_.ring.head();
    if (now.incarnation == 0) return;  // a new history is about to be named
    const bool under_way = now.generation != at_.generation;
    at_ = now;
    seen_ = pos_ = now.applied;
    forgotten_ = false;
    stretch_.reset();
    desk_->forget();
    hub_.count_reset();
    out += "event: reset\ndata: {\"pos\":" + std::to_string(pos_) + "}\n" + id_line() + "\n";
    if (under_way && who_.signed_in()) ended_ = true;
}

bool event_stream::append_positions(std::string& out, const std::vector<shown_ptr>& what,
                                    std::int64_t upto)
{
    for (const auto& one : what) {
        if (one->pos <= pos_) continue;
        if (one->pos > upto) return false;
        if (one->pos > seen_) append_blocks(out, *one, who_);
        pos_ = one->pos;
        if (one->pos > since_ && ends_stream(*one, who_)) {
            ended_ = true;
            return false;
        }
        if (out.size() >= kPiece) return false;
    }
    return true;
}

// What the outbox has before the ring begins; the ring alone knows how far this node is.
void event_stream::append_stretch(std::string& out, std::int64_t upto)
{
    const auto has_next = [this] {
        const auto& in = stretch_->positions;
        const auto next =
            std::lower_bound(in.begin(), in.end(), pos_ + 1,
                             [](const shown_ptr& one, std::int64_t pos) { return one->pos < pos; });
        return next != in.end() && (*next)->pos == pos_ + 1;
    };
    if (!stretch_ || stretch_->head <= pos_ || !has_next()) {
        needs_history_ = true;
        return;
    }
    (void)append_positions(out, stretch_->positions, upto);
    more_ = true;
}

task<> event_stream::read_history()
{
    needs_history_ = false;
    stretch_ = co_await desk_->history(pos_);
    if (stretch_ && stretch_->incarnation == at_.incarnation && stretch_->head > pos_) {
        const auto& in = stretch_->positions;
        const bool there = std::any_of(
            in.begin(), in.end(), [this](const shown_ptr& one) { return one->pos == pos_ + 1; });
        if (!there) forgotten_ = true;  // it has been trimmed
        co_return;
    }
    stretch_.reset();
    desk_->forget();
    if (over()) co_return;
    const auto soon = std::min(due(), hub_.time.steady() + kAskAgain);
    co_await desk_->wait(sleeper_, soon);
}

std::string event_stream::id_line() const
{
    return "id: " + hub_.from.token({at_.incarnation, std::max(pos_, seen_)}) + "\n";
}

steady_time event_stream::due() const
{
    return std::min(id_due_, expires_);
}

bool event_stream::over() const
{
    return ended_ || left_ || hub_.closings() != closings_ || hub_.time.steady() >= expires_;
}

// Whether the client is to be let go after a write. One that resumes from far back may take its time as long as it takes something.
bool event_stream::too_slow(steady_time began, steady_time ended)
{
    if (ended - began < kSlowWrite && slow_since_ == steady_time::max()) return false;
    slow_since_ = std::min(slow_since_, began);
    const auto behind = hub_.ring.behind(at_.generation, pos_);
    if (behind == 0) {
        slow_since_ = steady_time::max();
        return false;
    }
    const bool slow = behind > kSlowBytes || ended - slow_since_ > kSlowTime;
    if (slow) hub_.count_slow();
    return slow;
}

}  // namespace kieng::node

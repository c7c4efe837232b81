// Answers that need work: handlers, cache fills, streams.
#include "node/platform/http/cache_key.hpp"
#include "node/platform/http/gzip.hpp"
#include "node/platform/http/session_streams.hpp"
#include "node/platform/http/worker.hpp"

#include <charconv>

namespace kieng::http {
namespace {

constexpr std::chrono::milliseconds kWaitForPosition{50};
constexpr std::chrono::hours kNoLimit{24};

}  // namespace

// Fills the cache, or waits for whoever does.
task<> session::load()
{
    const worker::handler_slot slot(worker_,
                                    shared_.options.always_answered.test(x_.to.found->who_may.bit));
    if (!slot.taken()) {
        refuse(failure(errc::overloaded));
        co_return;
    }
    const bool sent = co_await flush();
    if (!sent) co_return;
    enter(phase::handling, kNoLimit);
    if (x_.seen_pos > shared_.positions.applied()) {
        const bool caught_up = co_await shared_.positions.wait_for(x_.seen_pos, kWaitForPosition);
        if (caught_up && answer_from_cache()) co_return;
    }
    std::string key;
    append_cache_key(x_, key);
    std::exception_ptr error;
    std::shared_ptr<const request> asked(std::move(request_));
    const auto* how = &std::get<cached>(x_.to.found->answer);
    cache::response_cache::loader read = [how, asked] { return how->load(*asked); };
    try {
        const auto found =
            co_await shared_.cache.load(std::move(key), x_.seen_pos, std::move(read));
        if (found.has_error()) {
            // The read saw less than the caller's token proves.
            if (found.error().code == errc::history_changed) shared_.positions.history_vanished();
            refuse(found.error());
        } else {
            answer_entry(*found);
        }
    } catch (...) {
        error = std::current_exception();
    }
    if (error) answer(broken(error));
}

task<> session::handle()
{
    const auto& row = *x_.to.found;
    std::optional<worker::handler_slot> slot(std::in_place, worker_,
                                             shared_.options.always_answered.test(row.who_may.bit));
    if (!slot->taken()) {
        refuse(failure(errc::overloaded));
        co_return;
    }
    if (!out_.empty()) {
        const bool sent = co_await flush();
        if (!sent) co_return;
    }
    enter(phase::handling, kNoLimit);
    source body(*this);
    if (row.takes == body_kind::stream) {
        begin_body(limits_.stream_bytes);
        request_->stream = &body;
    } else if (!body_done_) {
        const bool complete = co_await take_body();
        if (!complete) co_return;
    }
    const bool vanished = co_await history_vanished();
    if (vanished) {
        refuse(failure(errc::history_changed));
        request_.reset();
        co_return;
    }
    request_->rests = [&slot] { slot.reset(); };
    const auto* run = &std::get<handler>(row.answer);
    std::exception_ptr error;
    response made;
    try {
        made = co_await (*run)(*request_);
    } catch (...) {
        error = std::current_exception();
    }
    if (error) made = broken(error);
    if (made.stream) {
        if (made.lasts) slot.reset();
        co_await stream(std::move(made));
    } else if (!broken_) {
        answer(std::move(made));
    } else {
        done(499, 0);  // the client left before its answer
    }
    request_.reset();
}

// Whether the client has seen what PostgreSQL no longer has. A token that this node merely has not caught up with proves nothing.
task<bool> session::history_vanished()
{
    auto& positions = shared_.positions;
    if (x_.seen_pos <= positions.applied()) co_return false;
    const bool caught_up = co_await positions.wait_for(x_.seen_pos, kWaitForPosition);
    if (caught_up) co_return false;
    const auto newest = co_await positions.newest();
    const bool vanished = newest && *newest < x_.seen_pos;
    if (vanished) positions.history_vanished();
    co_return vanished;
}

// Reads the whole body into the request. False: it has been refused.
task<bool> session::take_body()
{
    begin_body(limits_.body_bytes);
    auto& whole = request_->body;
    if (x_.body.how == framing::kind::length)
        whole.reserve(static_cast<std::size_t>(x_.body.length));
    while (!body_done_) {
        const auto got = co_await read_body(whole);
        if (got == body_step::data || got == body_step::end) continue;
        if (got == body_step::gone) {
            done(499, 0);
        } else {
            refuse_message(code_of(got), got == body_step::malformed
                                             ? phrase{"Nội dung chunked sai định dạng.",
                                                      "The chunked body is malformed."}
                                             : phrase{});
        }
        co_return false;
    }
    phase_ = phase::handling;
    co_return true;
}

task<> session::stream(response made)
{
    answer_facts facts;
    facts.status = made.status;
    facts.content_type = made.content_type;
    facts.chunked = true;
    facts.gzip = x_.gzip && x_.minor == 1 && !made.lasts && is_compressible(made.content_type);
    facts.etag = made.etag;
    facts.more = &made.headers;
    facts.pos = made.pos.value_or(shared_.positions.applied());
    if (x_.minor == 0) x_.keep_alive = false;
    const auto before = out_.size();
    worker_.heads().append(out_.text(), x_, facts);
    const auto head_bytes = out_.size() - before;
    sink to(*this, facts.gzip);
    std::exception_ptr error;
    if (!x_.wants_head_only()) {
        if (made.lasts) shed();
        try {
            co_await made.stream(to);
            co_await to.finish();
        } catch (...) {
            error = std::current_exception();
        }
        lasting_ = false;
        when_left_ = {};
        if (error) {
            // The head is out: only a broken-off body tells the client that this is not all.
            (void)broken(error);
            abort();
        } else if (x_.minor == 1) {
            out_.text() += "0\r\n\r\n";
        }
    }
    done(error ? 500 : made.status, head_bytes + to.bytes());
}

// Gives back what a stream does not need: there may be ten thousand of them.
void session::shed()
{
    lasting_ = true;
    looks_ = static_cast<unsigned>(place);  // spreads them over the looks
    request_.reset();
    if (in_begin_ == in_end_) {
        in_begin_ = in_end_ = 0;
        std::vector<char>().swap(in_);
    }
}

session::sink::sink(session& of, bool pack) : of_(of)
{
    constexpr int kFastest = 1;
    if (pack) pack_.emplace(kFastest);
}

task<bool> session::sink::write(std::string piece)
{
    if (pack_) piece = pack_->add(piece);
    const bool sent = co_await send(std::move(piece));
    co_return sent;
}

task<> session::sink::finish()
{
    if (!pack_ || of_.broken_) co_return;
    auto rest = pack_->finish();
    pack_.reset();
    co_await send(std::move(rest));
}

task<bool> session::sink::send(std::string piece)
{
    if (of_.broken_ || of_.shared_.stopping.load(std::memory_order_relaxed)) {
        if (!of_.broken_) of_.abort();
        co_return false;
    }
    if (piece.empty()) co_return true;
    bytes_ += piece.size();
    auto& out = of_.out_.text();
    if (of_.x_.minor == 1) {
        char digits[20];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr);
        out += "\r\n";
        out += piece;
        out += "\r\n";
    } else {
        out += piece;
    }
    if (!of_.lasting_) {
        const bool sent = co_await of_.flush();
        co_return sent;
    }
    piece = std::string();
    const bool taken = co_await of_.flush(of_.worker_.now() + of_.limits_.write_stall);
    of_.out_.release();
    co_return taken;
}

}  // namespace kieng::http

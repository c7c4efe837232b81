// What follows the head of a request: reading it within its limits, or getting rid of it.
#include "node/platform/http/session.hpp"
#include "node/platform/http/session_streams.hpp"
#include "node/platform/http/worker.hpp"

#include <boost/asio/buffer.hpp>

namespace kieng::http {
namespace {

constexpr std::size_t kBodyBuffer = 16'384;

}  // namespace

void session::begin_body(std::size_t most)
{
    body_done_ = x_.body.how == framing::kind::none;
    body_left_ = x_.body.length;
    body_got_ = 0;
    body_most_ = most;
    continue_due_ = x_.expects_continue;
    body_began_ = x_.began;
    chunks_.reset();
}

errc session::code_of(body_step failed) noexcept
{
    switch (failed) {
    case body_step::too_large: return errc::payload_too_large;
    case body_step::trailers_too_large: return errc::header_too_large;
    case body_step::timed_out: return errc::request_timeout;
    case body_step::data:
    case body_step::end:
    case body_step::malformed:
    case body_step::gone: return errc::bad_request;
    }
    return errc::bad_request;
}

// Appends the next piece of the body to `into`.
task<session::body_step> session::read_body(std::string& into)
{
    while (!body_done_) {
        const auto have = received();
        if (!have.empty()) {
            const auto before = into.size();
            if (x_.body.how == framing::kind::length) {
                const auto take =
                    static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, have.size()));
                into.append(have.substr(0, take));
                consume(take);
                body_left_ -= take;
                body_done_ = body_left_ == 0;
            } else {
                std::size_t used = 0;
                const auto state = chunks_.decode(have, used, into);
                consume(used);
                if (state == chunked_decoder::state::bad) co_return body_step::malformed;
                if (state == chunked_decoder::state::trailers_too_large)
                    co_return body_step::trailers_too_large;
                body_done_ = state == chunked_decoder::state::done;
            }
            body_got_ += into.size() - before;
            if (body_got_ > body_most_) co_return body_step::too_large;
            if (into.size() > before || body_done_) co_return body_step::data;
            continue;
        }
        if (continue_due_) {
            continue_due_ = false;
            out_.text() += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        if (!out_.empty()) {
            const bool sent = co_await flush();
            if (!sent) co_return body_step::gone;
        }
        // The body must come at a rate, not within a time: large ones may take long.
        phase_ = phase::receiving;
        const auto earned =
            std::chrono::milliseconds(body_got_ * 1000 / limits_.body_bytes_per_second);
        deadline_ = body_began_ + limits_.body_grace + earned;
        const auto free = room(kBodyBuffer);
        const auto buffer = asio::buffer(free.data(), free.size());
        const auto [error, bytes] = co_await wire_->read_some(buffer);
        phase_ = phase::handling;
        if (error || bytes == 0) {
            if (timed_out_) {
                timed_out_ = false;
                co_return body_step::timed_out;
            }
            broken_ = true;
            co_return body_step::gone;
        }
        in_end_ += bytes;
    }
    co_return body_step::end;
}

// Reads an unwanted body if it is short, so that the connection can stay open.
task<bool> session::discard_body()
{
    if (continue_due_)
        co_return false;  // the client may or may not send it now: where the next request begins is unknown
    if (x_.body.how == framing::kind::length && body_left_ > limits_.discard_bytes) co_return false;
    body_most_ = limits_.discard_bytes;
    body_got_ = 0;
    body_began_ = worker_.now();
    std::string unwanted;
    while (!body_done_) {
        const auto got = co_await read_body(unwanted);
        if (got != body_step::data && got != body_step::end) co_return false;
        unwanted.clear();
    }
    co_return true;
}

// For routes that read their body themselves.
task<result<std::string>> session::source::read()
{
    std::string piece;
    const auto got = co_await of_.read_body(piece);
    if (got == body_step::data || got == body_step::end)
        co_return result<std::string>(std::move(piece));
    of_.x_.keep_alive = false;
    const bool gone = got == body_step::gone;
    co_return result<std::string>(failure(gone ? errc::request_timeout : code_of(got)));
}

}  // namespace kieng::http

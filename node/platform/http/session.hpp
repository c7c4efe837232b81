// One connection: reads requests, has them guarded, answers them in order. Lives and dies on one I/O thread.
//
// Answers that are ready (cache hits, files, refusals) are written by the connection's own loop without starting anything;
// pipelined requests in one read leave as one write. Deadlines are noticed by the thread's sweep, not by timers.
#pragma once

#include "node/platform/http/chunked_decoder.hpp"
#include "node/platform/http/guards.hpp"
#include "node/platform/http/head_parser.hpp"
#include "node/platform/http/out_queue.hpp"
#include "node/platform/http/transport.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kieng::http {

class worker;
struct answer_facts;

class session : public std::enable_shared_from_this<session> {
public:
    session(worker& on, std::unique_ptr<transport> wire, peer from, std::string client);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // The whole life of the connection. Spawned once.
    static task<> run(std::shared_ptr<session> self);
    // Called by the thread's timer: notices deadlines that have passed and clients that have gone.
    void sweep(steady_time now);
    // The server stops: ends the connection if it waits for a request, otherwise after the answer. One that has just come is
    // given a moment, for its first request is on the way.
    void let_go();
    [[nodiscard]] bool marked() const noexcept { return let_go_; }
    // Ends it whatever it does.
    void abort() noexcept;

    std::size_t place = 0;  // in the worker's list; kept by the worker

private:
    enum class phase : std::uint8_t { idle = 1, receiving, handling, sending, leaving };
    enum class step : std::uint8_t { answered = 1, load, handle };
    enum class body_step : std::uint8_t {
        data = 1,
        end,
        too_large,
        malformed,
        trailers_too_large,
        timed_out,
        gone
    };
    class source;
    class sink;

    // session.cpp: the loop
    task<> converse();
    task<bool> receive();
    task<bool> flush(steady_time by = steady_time::max());
    task<> leave();
    void enter(phase next, std::chrono::milliseconds time);
    [[nodiscard]] std::span<char> room(std::size_t at_least);
    void consume(std::size_t bytes) noexcept;
    [[nodiscard]] std::string_view received() const noexcept
    {
        return {in_.data() + in_begin_, in_end_ - in_begin_};
    }

    // session_answer.cpp: answers that are ready
    step begin();
    void refuse(const failure& why, std::string_view allow = {},
                std::optional<std::int64_t> pos = std::nullopt);
    void refuse_message(errc code, const phrase& why);
    void answer_options(const head& h);
    bool answer_file();
    bool answer_from_cache();
    void answer_entry(const cache::entry_ptr& found);
    task<bool> history_vanished();
    void answer_stale(const cache::entry& found, std::chrono::milliseconds age);
    void answer(response made);
    // A body that has an owner is not copied when it is large.
    void append(const answer_facts& facts, std::string_view body,
                std::shared_ptr<const void> owner = nullptr);
    void done(int status, std::size_t bytes);
    [[nodiscard]] request& make_request(const head& h);
    [[nodiscard]] response broken(std::exception_ptr error);

    // session_handle.cpp: answers that need work
    task<> load();
    task<> handle();
    task<> stream(response made);
    void shed();
    task<bool> take_body();

    // session_body.cpp: what follows the head
    task<body_step> read_body(std::string& into);
    task<bool> discard_body();
    [[nodiscard]] static errc code_of(body_step failed) noexcept;
    void begin_body(std::size_t most);

    worker& worker_;
    server_state& shared_;
    const limits& limits_;
    const std::unique_ptr<transport> wire_;
    const peer peer_;
    const std::string client_;  // for the connection count
    phase phase_ = phase::idle;
    steady_time deadline_;
    bool timed_out_ = false;
    bool let_go_ = false;    // the server stops
    bool answered_ = false;  // at least one request
    bool broken_ = false;    // nothing more can be written

    std::vector<char> in_;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    out_queue out_;
    head_parser parser_;
    exchange x_;
    std::unique_ptr<request> request_;
    std::shared_ptr<std::atomic<bool>> left_;
    bool lasting_ = false;             // a stream without an end is being written
    std::function<void()> when_left_;  // of the stream
    unsigned looks_ = 0;

    // The body of the current request.
    chunked_decoder chunks_;
    bool body_done_ = true;
    bool continue_due_ = false;
    std::uint64_t body_left_ = 0;
    std::uint64_t body_got_ = 0;
    std::size_t body_most_ = 0;
    steady_time body_began_{};
};

}  // namespace kieng::http

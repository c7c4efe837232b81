// One I/O thread: its io_context, its acceptor, its connections and what they need per request without locks.
//
// All members but those marked are used on the thread only.
#pragma once

#include "node/platform/http/access_log.hpp"
#include "node/platform/http/answer_head.hpp"
#include "node/platform/http/guards.hpp"
#include "node/platform/http/request_ids.hpp"
#include "node/platform/http/route_stats.hpp"
#include "node/platform/http/server_state.hpp"
#include "node/platform/http/transport.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <vector>

namespace kieng::http {

class session;

class worker {
public:
    explicit worker(server_state& shared);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // Any thread:
    [[nodiscard]] executor where() { return context_.get_executor(); }
    void listen(const asio::ip::tcp::endpoint& at);  // before run()
    [[nodiscard]] asio::ip::tcp::endpoint local() const;
    void run();  // until halt()
    void halt() { context_.stop(); }
    // Steps of a stop. Each posts its work; rounds() grows by one when it is done.
    void let_idle_go();     // marks the connections there are; those that wait for a request end
    void count_marked();    // remaining(): the marked ones that still live
    void close_listener();  // accepts what waits first
    void abort_all();
    [[nodiscard]] std::size_t remaining() const noexcept { return remaining_.load(); }
    [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_.load(); }
    [[nodiscard]] std::chrono::microseconds loop_delay() const noexcept
    {
        return std::chrono::microseconds(delay_.load());
    }
    // When the thread's loop last came round, on the steady clock.
    [[nodiscard]] steady_time last_round() const noexcept
    {
        return steady_time(steady_time::duration(round_.load(std::memory_order_relaxed)));
    }
    [[nodiscard]] std::size_t handlers() const noexcept
    {
        return handlers_seen_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] const route_stats& stats() const noexcept { return stats_; }

    // The thread only:
    [[nodiscard]] server_state& shared() noexcept { return shared_; }
    [[nodiscard]] guards& checks() noexcept { return guards_; }
    [[nodiscard]] answer_head& heads() noexcept { return heads_; }
    [[nodiscard]] head& scratch_head() noexcept { return scratch_head_; }
    [[nodiscard]] std::string& scratch_key() noexcept { return scratch_key_; }
    [[nodiscard]] steady_time now() const noexcept { return clock_.steady(); }
    // The time now, remembered for recently().
    steady_time look() noexcept { return recently_ = clock_.steady(); }
    // The time of the last look, at most a tick ago unless the thread was held up: for deadlines, which are seconds away.
    [[nodiscard]] steady_time recently() const noexcept { return recently_; }
    // Reads the wall clock once for all that the next answer needs of it.
    wall_time stamp() noexcept { return stamped_.refresh(); }
    void add(session& one);
    void remove(session& one) noexcept;
    void finished(const exchange& x, int status, std::size_t bytes);

    // Counts a handler while it runs; taken() is false when too many run already.
    class handler_slot {
    public:
        handler_slot(worker& of, bool always);
        ~handler_slot();
        handler_slot(const handler_slot&) = delete;
        handler_slot& operator=(const handler_slot&) = delete;
        [[nodiscard]] bool taken() const noexcept { return taken_; }

    private:
        worker& of_;
        bool taken_;
    };

private:
    // A clock whose wall time stands still between two looks: a request needs it for Date, ids and the log.
    class stamped_clock final : public clock {
    public:
        explicit stamped_clock(const clock& from) : from_(from), wall_(from.wall()) {}
        wall_time refresh() noexcept { return wall_ = from_.wall(); }
        [[nodiscard]] wall_time wall() const noexcept override { return wall_; }
        [[nodiscard]] steady_time steady() const noexcept override { return from_.steady(); }
        [[nodiscard]] std::chrono::nanoseconds boot() const noexcept override
        {
            return from_.boot();
        }

    private:
        const clock& from_;
        wall_time wall_;
    };
    using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
    task<> accept_loop();
    task<> sweep_loop();
    void admit(tcp_socket socket);
    void refuse(tcp_socket& socket);
    void sweep(steady_time now);

    server_state& shared_;
    const clock& clock_;
    stamped_clock stamped_;
    route_stats stats_;
    answer_head heads_;
    request_ids ids_;
    guards guards_;
    access_log log_;
    head scratch_head_;
    std::string scratch_key_;
    std::vector<session*> sessions_;
    std::size_t handlers_ = 0;
    steady_time recently_;

    std::atomic<std::size_t> handlers_seen_{0};  // any thread may read these
    std::atomic<std::size_t> remaining_{0};
    std::atomic<std::uint64_t> rounds_{0};
    std::atomic<std::int64_t> delay_{0};
    std::atomic<steady_time::rep> round_{system_clock().steady().time_since_epoch().count()};

    // Last, so that it goes first: the connections that still live in it use everything above.
    asio::io_context context_{1};
    asio::executor_work_guard<executor> work_;
    acceptor acceptor_;
};

}  // namespace kieng::http

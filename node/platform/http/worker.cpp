#include "node/platform/http/worker.hpp"

#include "base/log.hpp"
#include "node/platform/http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace kieng::http {
namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr int kTicksPerSweep = 5;  // deadlines are looked at every 250 ms
constexpr int kTicksPerFlush = 2;  // access lines leave every 100 ms
constexpr std::chrono::milliseconds kPauseAfterError{100};

void report(std::exception_ptr error)
{
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& e) {
        log::error("connection_failed", {{"what", std::string_view(e.what())}});
    } catch (...) {
        log::error("connection_failed");
    }
}

}  // namespace

worker::worker(server_state& shared)
    : shared_(shared),
      clock_(system_clock()),
      stamped_(clock_),
      stats_(shared.routes.routes().size()),
      heads_(stamped_, shared.positions, shared.by_address, shared.by_user),
      ids_(stamped_, system_random()),
      guards_(shared, heads_, ids_),
      log_(shared.options.access_log, shared.options.server_id),
      recently_(clock_.steady()),
      work_(context_.get_executor()),
      acceptor_(context_.get_executor())
{}

worker::~worker() = default;

void worker::listen(const asio::ip::tcp::endpoint& at)
{
    acceptor_.open(at.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    const int on = 1;
    if (::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        throw boost::system::system_error(errno, boost::system::system_category(), "SO_REUSEPORT");
    if (at.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false));
    acceptor_.bind(at);
    acceptor_.listen(4096);
    acceptor_.non_blocking(true);
}

asio::ip::tcp::endpoint worker::local() const
{
    return acceptor_.local_endpoint();
}

void worker::run()
{
    asio::co_spawn(context_, accept_loop(), report);
    asio::co_spawn(context_, sweep_loop(), report);
    for (;;) {
        try {
            context_.run();
            break;
        } catch (...) {
            report(std::current_exception());
        }
    }
    log_.flush();
}

task<> worker::accept_loop()
{
    const auto token = asio::as_tuple(use_task_t());
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(token);
        if (!error) {
            admit(std::move(socket));
        } else if (error != asio::error::operation_aborted &&
                   error != asio::error::connection_aborted) {
            // Out of descriptors, most likely: those who wait stay in the queue.
            log::warning("accept_failed", {{"what", error.message()}});
            co_await sleep_for(kPauseAfterError);
        }
    }
}

void worker::admit(tcp_socket socket)
{
    boost::system::error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    const auto tls = shared_.tls();
    peer from;
    from.address = plain(remote.address());
    from.text = from.address.to_string();
    from.trusted = shared_.proxies.contains(from.address);
    from.secure = tls != nullptr;
    auto client = client_key(from.address);
    if (!shared_.connections.enter(client)) {
        shared_.refused_connections.fetch_add(1, std::memory_order_relaxed);
        if (!tls) refuse(socket);
        return;
    }
    auto wire =
        tls ? make_tls_transport(std::move(socket), tls) : make_plain_transport(std::move(socket));
    auto made =
        std::make_shared<session>(*this, std::move(wire), std::move(from), std::move(client));
    asio::co_spawn(context_, session::run(std::move(made)), report);
}

// Too many connections: one short answer, as far as it goes out at once.
void worker::refuse(tcp_socket& socket)
{
    exchange x;
    x.lang = shared_.options.default_language;
    ids_.make(x.id);
    request minimal;
    minimal.lang = x.lang;
    minimal.id = x.id;
    const auto made = problem(failure(errc::overloaded), minimal);
    answer_facts facts;
    facts.status = made.status;
    facts.content_type = made.content_type;
    facts.length = made.body.size();
    facts.pos = shared_.positions.applied();
    facts.more = &made.headers;
    std::string text;
    heads_.append(text, x, facts);
    text += made.body;
    (void)::send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    boost::system::error_code ignored;
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
    // What the client has sent already is taken, or closing would reset the connection and lose the answer.
    char unread[4096];
    (void)::recv(socket.native_handle(), unread, sizeof unread, MSG_DONTWAIT);
}

task<> worker::sweep_loop()
{
    timer tick(context_.get_executor());
    use_task_t token;
    for (int count = 1;; ++count) {
        const auto due = clock_.steady() + kTick;
        tick.expires_at(due);
        co_await tick.async_wait(token);
        stamped_.refresh();
        const auto now = look();
        round_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        const auto late = std::chrono::duration_cast<std::chrono::microseconds>(now - due).count();
        // Rises at once, sinks slowly: a stall stays visible for about a second.
        const auto before = delay_.load(std::memory_order_relaxed);
        delay_.store(std::max<std::int64_t>(late, before - before / 8), std::memory_order_relaxed);
        if (count % kTicksPerFlush == 0) log_.flush();
        if (count % kTicksPerSweep == 0) sweep(now);
    }
}

void worker::sweep(steady_time now)
{
    for (std::size_t i = sessions_.size(); i-- > 0;)
        if (i < sessions_.size()) sessions_[i]->sweep(now);
}

void worker::let_idle_go()
{
    asio::post(context_, [this] {
        for (std::size_t i = sessions_.size(); i-- > 0;)
            if (i < sessions_.size()) sessions_[i]->let_go();
        rounds_.fetch_add(1);
    });
}

void worker::count_marked()
{
    asio::post(context_, [this] {
        std::size_t left = 0;
        for (const auto* one : sessions_)
            if (one->marked()) ++left;
        remaining_ = left;
        rounds_.fetch_add(1);
    });
}

void worker::close_listener()
{
    asio::post(context_, [this] {
        // From here on the kernel drops packets to the listening socket, so that nobody enters the queue behind our back: who
        // comes now tries again in a second and is refused then, instead of being accepted and reset.
        sock_filter drop_all{BPF_RET | BPF_K, 0, 0, 0};
        const sock_fprog filter{1, &drop_all};
        (void)::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &filter,
                           sizeof filter);
        boost::system::error_code error;
        acceptor_.cancel(error);
        for (;;) {
            tcp_socket socket(context_.get_executor());
            acceptor_.accept(socket, error);
            if (error) break;
            admit(std::move(socket));
        }
        acceptor_.close(error);
        rounds_.fetch_add(1);
    });
}

void worker::abort_all()
{
    asio::post(context_, [this] {
        for (std::size_t i = sessions_.size(); i-- > 0;)
            if (i < sessions_.size()) sessions_[i]->abort();
        rounds_.fetch_add(1);
    });
}

void worker::add(session& one)
{
    one.place = sessions_.size();
    sessions_.push_back(&one);
}

void worker::remove(session& one) noexcept
{
    auto* last = sessions_.back();
    sessions_[one.place] = last;
    last->place = one.place;
    sessions_.pop_back();
}

void worker::finished(const exchange& x, int status, std::size_t bytes)
{
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - x.began);
    const bool routed = x.to.found != nullptr;
    stats_.count(routed ? x.to.index : shared_.routes.routes().size(), status, took, bytes,
                 x.cached);
    access_line line;
    line.id = x.id;
    line.method = x.method_text;
    line.path = x.path;
    if (routed) line.route = x.to.found->path;
    if (x.who != nullptr) line.user = x.who->user_id;
    line.address = x.address;
    line.trace = x.trace;
    line.status = status;
    line.bytes = bytes;
    line.microseconds = took.count();
    line.cached = x.cached;
    log_.add(line, x.began_wall + took);
}

worker::handler_slot::handler_slot(worker& of, bool always)
    : of_(of),
      taken_(always || of.handlers_ < of.shared_.options.within.handlers_per_thread)
{
    if (taken_) of_.handlers_seen_.store(++of_.handlers_, std::memory_order_relaxed);
}

worker::handler_slot::~handler_slot()
{
    if (taken_) of_.handlers_seen_.store(--of_.handlers_, std::memory_order_relaxed);
}

}  // namespace kieng::http

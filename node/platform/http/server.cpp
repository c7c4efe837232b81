#include "node/platform/http/server.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "node/platform/http/worker.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <stdexcept>

namespace kieng::http {

namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kLook{2};
constexpr std::chrono::milliseconds kLastWord{1'000};  // for closing what is left

// Binds without sharing the port, so that another process on it is noticed, and lets go again. Returns where to listen.
tcp::endpoint probe(const server_options& options)
{
    asio::io_context context;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.bind_address, error);
    if (error) throw std::runtime_error("BIND_ADDRESS is no address: " + options.bind_address);
    tcp::endpoint at(address, options.port);
    tcp::acceptor trial(context);
    trial.open(at.protocol(), error);
    if (!error && at.address().is_v6()) trial.set_option(asio::ip::v6_only(false), error);
    if (!error) trial.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) trial.bind(at, error);
    const bool no_ipv6 =
        error == asio::error::address_family_not_supported ||
        error == boost::system::errc::make_error_code(boost::system::errc::address_not_available);
    if (no_ipv6 && address.is_v6() && address.is_unspecified()) {
        at = tcp::endpoint(asio::ip::address_v4::any(), options.port);
        trial = tcp::acceptor(context);
        trial.open(at.protocol(), error);
        if (!error) trial.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) trial.bind(at, error);
    }
    if (!error) trial.listen(1, error);
    if (error == asio::error::address_in_use)
        throw std::runtime_error("Port " + std::to_string(options.port) +
                                 " is in use by another process.");
    if (error == asio::error::access_denied)
        throw std::runtime_error("Port " + std::to_string(options.port) +
                                 " needs rights this process does not have.");
    if (error)
        throw std::runtime_error("Cannot listen on " + options.bind_address + ": " +
                                 error.message());
    return trial.local_endpoint();
}

}  // namespace

server::server(server_options options, std::vector<route> table, const authenticator& who,
               cache::response_cache& cache, position_source& positions)
    : state_(std::make_unique<server_state>(std::move(options), std::move(table), who, cache,
                                            positions))
{
    const auto threads = std::max<std::size_t>(1, state_->options.io_threads);
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<worker>(*state_));
}

server::~server()
{
    if (threads_.empty()) return;
    everywhere(&worker::abort_all, system_clock().steady() + kLastWord);
    halt();
}

void server::admit_peers(peer_gate& by) noexcept
{
    state_->peers = &by;
}

void server::start()
{
    auto at = probe(state_->options);
    for (auto& w : workers_) w->listen(at);
    port_ = at.port();
    for (auto& w : workers_) threads_.emplace_back([one = w.get()] { one->run(); });
    log::info("listening", {{"address", at.address().to_string()},
                            {"port", port_},
                            {"tls", state_->tls() != nullptr}});
}

std::uint16_t server::port() const noexcept
{
    return port_;
}

void server::set_ready(bool ready) noexcept
{
    state_->ready = ready;
}

void server::begin_drain() noexcept
{
    if (state_->draining.exchange(true)) return;
    drain_began_ = system_clock().steady();
    if (on_drain_) on_drain_();
}

void server::on_drain(std::function<void()> call)
{
    on_drain_ = std::move(call);
}

bool server::draining() const noexcept
{
    return state_->draining;
}

void server::stop(std::chrono::milliseconds deadline)
{
    if (threads_.empty()) return;
    begin_drain();
    const auto& now = system_clock();
    const auto last = now.steady() + deadline;
    const auto drained = std::min(last, drain_began_ + state_->options.drain_time);
    while (now.steady() < drained) std::this_thread::sleep_for(kLook);

    state_->stopping = true;
    const auto told = std::min(last, now.steady() + state_->options.close_time);
    while (now.steady() < told && state_->connections.open() > 0)
        std::this_thread::sleep_for(kLook);

    // Whoever waits for a request is let go; whoever is in the middle of one finishes it. Those who come meanwhile are served.
    everywhere(&worker::let_idle_go, last);
    wait_for_marked(last);
    everywhere(&worker::close_listener, last);
    everywhere(&worker::let_idle_go, last);
    wait_for_marked(last);
    everywhere(&worker::abort_all, now.steady() + kLastWord);
    halt();
}

// Has every thread do one step and waits until all have.
void server::everywhere(void (worker::*step)(), steady_time last)
{
    std::vector<std::uint64_t> before;
    for (auto& w : workers_) {
        before.push_back(w->rounds());
        (w.get()->*step)();
    }
    for (std::size_t i = 0; i < workers_.size(); ++i)
        while (workers_[i]->rounds() == before[i] && system_clock().steady() < last)
            std::this_thread::sleep_for(kLook);
}

void server::wait_for_marked(steady_time last)
{
    while (system_clock().steady() < last) {
        everywhere(&worker::count_marked, last);
        std::size_t left = 0;
        for (const auto& w : workers_) left += w->remaining();
        if (left == 0) return;
        std::this_thread::sleep_for(kLook);
    }
}

void server::halt()
{
    for (auto& w : workers_) w->halt();
    for (auto& t : threads_) t.join();
    threads_.clear();
}

void server::reload_tls()
{
    state_->load_tls();
}

std::vector<executor> server::executors()
{
    std::vector<executor> all;
    for (auto& w : workers_) all.push_back(w->where());
    return all;
}

std::vector<std::chrono::microseconds> server::loop_delays() const
{
    std::vector<std::chrono::microseconds> all;
    for (const auto& w : workers_) all.push_back(w->loop_delay());
    return all;
}

std::chrono::nanoseconds server::oldest_round() const
{
    const auto now = system_clock().steady();
    std::chrono::nanoseconds oldest{0};
    for (const auto& w : workers_)
        oldest = std::max<std::chrono::nanoseconds>(oldest, now - w->last_round());
    return oldest;
}

server_snapshot server::snapshot() const
{
    server_snapshot made;
    const auto& table = state_->routes.routes();
    for (std::size_t i = 0; i <= table.size(); ++i) {
        route_sample sample;
        if (i < table.size()) {
            sample.method = name_of(table[i].method);
            sample.path = table[i].path;
        }
        for (const auto& w : workers_) w->stats().add_to(i, sample);
        made.routes.push_back(std::move(sample));
    }
    made.connections = state_->connections.open();
    for (const auto& w : workers_) made.handlers += w->handlers();
    made.refused_connections = state_->refused_connections.load(std::memory_order_relaxed);
    return made;
}

}  // namespace kieng::http

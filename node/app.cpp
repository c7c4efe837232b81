#include "node/app.hpp"

#include "node/parts.hpp"
#include "node/platform/store/migrator.hpp"
#include "node/watchdog.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>

namespace kieng::node {
namespace {

constexpr std::chrono::milliseconds kRetry{500};
constexpr int kHung = 70;                   // exit code: a loop stood still
constexpr std::chrono::seconds kDrain{30};  // longest time for requests to finish

// Runs a coroutine on one of the server's contexts and waits for it. Called on the boot thread.
template <class T>
T wait_for(parts& of, task<T> what)
{
    return asio::co_spawn(of.server.executors().front(), std::move(what), asio::use_future).get();
}

// Brings the node from bound to ready, for as long as it takes PostgreSQL to be there. Runs on a thread of its own.
// A fault that trying again cannot mend (a schema that is newer, a role without rights) ends the node.
class boot {
public:
    boot(parts& of, std::function<void()> give_up)
        : of_(of),
          give_up_(std::move(give_up)),
          thread_([this] { run(); })
    {}
    ~boot()
    {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }
    boot(const boot&) = delete;
    boot& operator=(const boot&) = delete;

    [[nodiscard]] std::string fault() const
    {
        const std::lock_guard lock(mutex_);
        return fault_;
    }

private:
    void run()
    {
        try {
            prepare_schema();
            if (!stopping()) open_shop();
        } catch (const std::exception& error) {
            log::error("cannot_start", {{"why", error.what()}});
            {
                const std::lock_guard lock(mutex_);
                fault_ = error.what();
            }
            give_up_();
        }
    }

    void prepare_schema()
    {
        const auto options = database_options(of_.how, of_.boot_id);
        for (bool told = false; !stopping(); pause()) {
            try {
                store::migrate(options, store::embedded_migrations(), [](std::string_view name) {
                    log::info("migrated", {{"file", name}});
                });
                choose_connections(options);
                return;
            } catch (const store::database_unreachable& error) {
                if (!told)
                    log::warning("database_unreachable",
                                 {{"why", error.what()}, {"host", options.host}});
                told = true;
            }
        }
    }

    void choose_connections(const store::database_options& options)
    {
        const auto share = store::share_connections(options, of_.how.peers.size());
        connections_ = options.connections > 0 ? options.connections : share.usual;
        if (connections_ > share.most)
            log::warning(
                "database_pool_large",
                {{"connections", connections_}, {"fair", share.most}, {"setting", "DB_POOL_MAX"}});
    }

    // Opens the pool, learns what was revoked, makes the first owner; then the node is ready.
    void open_shop()
    {
        of_.database.start(connections_);
        of_.feed.start();
        log::info("database_pool", {{"connections", connections_}});
        for (; !stopping(); pause()) {
            if (of_.feed.incarnation() == 0)
                continue;  // its place in the history comes before what it must not miss
            if (!wait_for(of_, of_.people.load())) continue;
            if (!of_.how.owner_email.empty() && !first_owner()) continue;
            if (!join_cluster()) continue;
            of_.started.store(true, std::memory_order_release);
            of_.money.start(of_.server.executors().front());
            of_.server.set_ready(true);
            log::info("ready", {{"pos", of_.feed.applied()},
                                {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(
                                           system_clock().steady() - of_.began)
                                           .count()}});
            return;
        }
    }

    bool join_cluster()
    {
        const auto io = of_.server.executors().front();
        return wait_for(of_, of_.membership->open(io));
    }

    bool first_owner()
    {
        const auto made = wait_for(
            of_, of_.people.ensure_first_owner(of_.how.owner_email, of_.how.owner_password));
        if (made) {
            if (*made) log::info("first_owner_created", {{"email", of_.how.owner_email}});
            return true;
        }
        const auto code = made.error().code;
        const bool passing = code == errc::database_unavailable || code == errc::overloaded ||
                             code == errc::outcome_unknown || code == errc::in_progress ||
                             code == errc::hashing_busy;
        if (!passing)
            throw std::runtime_error(
                "OWNER_EMAIL and OWNER_PASSWORD cannot become the first owner: " +
                std::string(name_of(code)));
        return false;
    }

    void pause()
    {
        std::unique_lock lock(mutex_);
        const auto time = of_.feed.incarnation() == 0 ? std::chrono::milliseconds(20) : kRetry;
        wake_.wait_for(lock, time, [this] { return stopping_; });
    }
    [[nodiscard]] bool stopping() const
    {
        const std::lock_guard lock(mutex_);
        return stopping_;
    }

    parts& of_;
    std::function<void()> give_up_;
    std::size_t connections_ = 0;  // boot thread only
    mutable std::mutex mutex_;     // guards the two below
    bool stopping_ = false;
    std::string fault_;
    std::condition_variable wake_;
    std::thread thread_;
};

// Nothing can be saved: what was acknowledged is in PostgreSQL, and a supervisor starts the process again.
void end_hung(std::string_view loop, std::chrono::milliseconds age)
{
    log::error("loop_stands_still", {{"loop", loop}, {"ms", age.count()}});
    log::stop();
    std::_Exit(kHung);
}

void reload_certificate(parts& all)
{
    try {
        all.server.reload_tls();
        all.membership->condition().certificate_reloaded();
        log::info("certificate_reloaded");
    } catch (const std::exception& error) {
        log::error("certificate_not_reloaded", {{"why", error.what()}});
    }
}

// Waits for SIGTERM or SIGINT (or io.stop()), handling SIGHUP meanwhile.
void wait_for_the_end(asio::io_context& io, asio::signal_set& signals, parts& all)
{
    std::function<void(boost::system::error_code, int)> on_signal =
        [&](boost::system::error_code error, int number) {
            if (error) return;
            if (number != SIGHUP) {
                log::info("stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
                io.stop();
                return;
            }
            reload_certificate(all);
            signals.async_wait(on_signal);
        };
    signals.async_wait(on_signal);
    const auto stay = asio::make_work_guard(io);
    io.run();
}

}  // namespace

int serve(const settings& how)
{
    std::signal(SIGPIPE, SIG_IGN);
    log::start({how.log_level, how.server_id, how.log_file, 8192});
    parts all(how);
    log::info("starting", {{"version", KIENG_VERSION}, {"boot", all.boot_id}});
    all.server.start();

    const watchdog hangs(
        [&all] { return std::max(all.server.oldest_round(), all.membership->node().loop_age()); },
        system_clock(),
        [&all](std::chrono::milliseconds age) {
            const bool io = all.server.oldest_round() >= watchdog::kLongest;
            end_hung(io ? "io" : "cluster", age);
        });
    asio::io_context control(1);
    // It lives to the end: a second SIGTERM while stopping must not end the process at once.
    asio::signal_set signals(control, SIGTERM, SIGINT, SIGHUP);
    std::string fault;
    {
        boot starting(all, [&control] { control.stop(); });
        wait_for_the_end(control, signals, all);
        fault = starting.fault();
    }
    all.membership->drain();
    all.money.stop();
    all.server.stop(kDrain);
    all.membership->stop();
    all.sales.stop();
    all.money.close();
    all.people.stop();
    all.feed.stop();
    all.database.stop();
    if (!fault.empty()) throw std::runtime_error(fault);
    log::info("stopped");
    return 0;
}

}  // namespace kieng::node

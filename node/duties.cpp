#include "node/duties.hpp"

#include "base/log.hpp"
#include "node/platform/store/duty_store.hpp"

namespace kieng::node {
namespace {

constexpr int kMostBatches = 50;  // of one turn
constexpr std::chrono::milliseconds kFirst{500};

store::database_options duty_options(store::database_options how)
{
    how.role = "duty";
    how.connections = 1;
    return how;
}

}  // namespace

duty_runner::duty_runner(store::database_options how,
                         store::unit_of_work::commit_listener on_commit, std::vector<duty> duties)
    : database_(duty_options(std::move(how))),
      work_(database_, std::move(on_commit))
{
    for (auto& one : duties) duties_.push_back(std::make_shared<const duty>(std::move(one)));
}

void duty_runner::open(const executor& on)
{
    on_ = on;
    database_.start();
}

void duty_runner::start(std::int64_t epoch)
{
    epoch_ = epoch;
    for (const auto& one : duties_) {
        spawn(
            *on_, [this, one, epoch] { return loop(one, epoch); },
            [name = one->name](std::exception_ptr) {
                log::error("duty_ended", {{"duty", name}});
            });
    }
}

void duty_runner::stop(std::int64_t epoch)
{
    auto running = epoch;
    epoch_.compare_exchange_strong(running, 0);
}

duty_runner::counts duty_runner::done() const
{
    return {batches_, rows_, fenced_off_, failed_};
}

task<> duty_runner::loop(std::shared_ptr<const duty> what, std::int64_t epoch)
{
    co_await sleep_for(kFirst);
    while (epoch_ == epoch) {
        for (int batch = 0; batch < kMostBatches && epoch_ == epoch; ++batch) {
            const bool more = co_await turn(what, epoch);
            if (!more) break;
        }
        co_await sleep_for(what->every);
    }
}

// One batch. Whether there may be more.
task<bool> duty_runner::turn(std::shared_ptr<const duty> what, std::int64_t epoch)
{
    auto rows = std::make_shared<std::int64_t>(0);
    auto held = std::make_shared<bool>(false);
    store::unit_of_work::business run = [what, epoch, rows,
                                         held](store::tx& on) -> result<store::answer> {
        *held = store::fence(on, epoch);
        if (!*held) return failure(errc::abandoned);
        *rows = what->batch(on);
        store::announce_duty(on, what->name, epoch, *rows);
        return store::answer{};
    };
    store::write_key nobody;
    const auto ran = co_await work_.run(std::move(nobody), std::move(run));
    if (ran.has_value()) {
        ++batches_;
        rows_ += static_cast<std::uint64_t>(*rows);
        if (*rows > 0)
            log::info("duty_done", {{"duty", what->name}, {"epoch", epoch}, {"rows", *rows}});
        co_return *rows > 0;
    }
    if (*held) {
        ++failed_;
    } else {
        ++fenced_off_;
    }
    co_return false;
}

}  // namespace kieng::node

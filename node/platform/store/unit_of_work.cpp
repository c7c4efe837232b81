#include "node/platform/store/unit_of_work.hpp"

#include "node/platform/store/unit_attempt.hpp"

namespace kieng::store {

unit_of_work::unit_of_work(database& on, commit_listener on_commit)
    : on_(on),
      on_commit_(std::move(on_commit))
{}

task<result<std::int64_t>> unit_of_work::forget_expired()
{
    std::function<std::int64_t(tx&)> forget = [](tx& with) { return ledger::forget_expired(with); };
    co_return co_await on_.query<std::int64_t>(std::move(forget));
}

task<result<written>> unit_of_work::run(write_key who, business what)
{
    const auto by = on_.time().steady() + kOverall;
    co_return co_await run(std::move(who), std::move(what), by);
}

task<result<written>> unit_of_work::run(write_key who, business what, steady_time by)
{
    auto of = std::make_shared<unit>();
    of->who = entry_of(std::move(who), on_.options());
    of->what = std::move(what);
    of->on_commit = on_commit_;
    co_return co_await run_alone(on_, std::move(of), by);
}

}  // namespace kieng::store

#include "node/sweeps.hpp"

#include "base/log.hpp"

#include <memory>

namespace kieng::node {
namespace {

constexpr int kBatches = 20;  // in one round: others want the database, too

task<> round(std::shared_ptr<const sweep> what, std::function<bool()> may_run)
{
    for (int i = 0; i < kBatches && may_run(); ++i) {
        const auto done = co_await what->batch();
        if (!done) {
            log::debug("sweep_failed",
                       {{"sweep", what->name}, {"code", name_of(done.error().code)}});
            co_return;
        }
        if (*done < what->full) co_return;
    }
}

task<> loop(std::shared_ptr<const sweep> what, std::function<bool()> may_run)
{
    for (;;) {
        co_await sleep_for(what->every);
        try {
            co_await round(what, may_run);
        } catch (const std::exception& error) {
            log::error("sweep_failed", {{"sweep", what->name}, {"why", error.what()}});
        }
    }
}

}  // namespace

void start_sweeps(const executor& on, const std::function<bool()>& may_run, std::vector<sweep> all)
{
    for (auto& one : all) {
        auto what = std::make_shared<const sweep>(std::move(one));
        spawn(
            on, [what, may_run] { return loop(what, may_run); },
            [](std::exception_ptr) { log::error("sweep_ended"); });
    }
}

}  // namespace kieng::node

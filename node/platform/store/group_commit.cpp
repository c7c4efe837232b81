#include "node/platform/store/group_commit.hpp"

#include "base/log.hpp"
#include "node/platform/store/group_state.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::store {
namespace {

constexpr std::chrono::milliseconds kInQueue{1000};
constexpr std::chrono::milliseconds kInAll{2900};

}  // namespace

void group_queue::state::perform(plan now)
{
    for (auto& one : now.endings) deliver(std::move(one));
    const auto failed = [](std::exception_ptr) { log::error("group_commit_failed"); };
    auto self = shared_from_this();
    for (const auto& one : now.singles) {
        auto go = [self, one] { return run_single(self, one); };
        spawn(one->where, std::move(go), failed);
    }
    if (now.batch.empty()) return;
    const executor where = now.batch.front()->where;
    auto go = [self, all = std::move(now.batch)] { return run_batch(self, all); };
    spawn(where, std::move(go), failed);
}

task<> group_queue::state::run_single(std::shared_ptr<state> self, unit_ptr one)
{
    unit_end end;
    try {
        unit_of_work::business alone = [self, one](tx& with) {
            auto done = self->what(with, {one->what.get()}).at(0);
            for (auto& event : done.events) with.announce(std::move(event));
            return std::move(done.what);
        };
        write_key who = one->who;
        end.what = co_await self->on.run(std::move(who), std::move(alone), one->by);
    } catch (...) {
        end.thrown = std::current_exception();
    }
    self->note_single();
    self->pump();
    self->finish(one, std::move(end));
}

task<> group_queue::state::run_batch(std::shared_ptr<state> self, std::vector<unit_ptr> all)
{
    std::vector<batch_unit> units;
    for (const auto& one : all) units.push_back({one->who, one->by});
    unit_of_work::batch_business together = [self, all](tx& with,
                                                        std::span<const std::size_t> which) {
        std::vector<const void*> drafts;
        for (const auto i : which) drafts.push_back(all[i]->what.get());
        return self->what(with, drafts);
    };
    unit_of_work::batch_listener hear = [self, all](std::size_t i, unit_end end) {
        self->finish(all[i], std::move(end));
    };
    const auto report =
        co_await self->on.run_together(std::move(units), std::move(together), std::move(hear));
    self->note_batch(report, all.size());
    self->pump();
}

group_queue::group_queue(unit_of_work& on, business what, group_options how)
    : state_(std::make_shared<state>(on, std::move(what), how))
{}

group_queue::~group_queue()
{
    stop();
}

void group_queue::stop()
{
    state_->stop();
}

group_figures group_queue::figures() const
{
    const std::lock_guard lock(state_->mutex);
    group_figures out = state_->figures;
    out.waiting = state_->waiting.size();
    return out;
}

task<result<written>> group_queue::run(write_key who, work what)
{
    const executor where = co_await asio::this_coro::executor;
    auto one = std::make_shared<state::unit>(where);
    if (who.key) one->name = who.principal + '\n' + *who.key;
    one->who = std::move(who);
    one->what = std::move(what);
    auto self = state_;
    const auto now = self->on.time().steady();
    one->start_by = now + kInQueue;
    one->by = now + kInAll;
    auto start = [self, one](promise<unit_end> wanted) {
        auto gone = std::make_shared<std::atomic<bool>>(false);
        auto cancelled = wanted.cancelled();
        if (cancelled.is_connected())
            cancelled.assign([gone](asio::cancellation_type) { *gone = true; });
        one->waiters.push_back({std::move(wanted), std::move(gone)});
        self->add(one);
    };
    unit_end got = co_await await_promise<unit_end>(std::move(start));
    if (got.thrown) std::rethrow_exception(got.thrown);
    co_return std::move(got.what);
}

}  // namespace kieng::store

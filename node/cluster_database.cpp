#include "node/cluster_database.hpp"

#include "node/platform/store/duty_store.hpp"
#include "node/platform/store/lease_calls.hpp"

namespace kieng::node {
namespace {

using cluster::input::lock_state;

store::database_options control_options(store::database_options how)
{
    how.role = "control";
    how.connections = 1;
    how.queue = 64;
    how.wait = std::chrono::milliseconds(500);
    how.total = std::chrono::milliseconds(1'000);
    return how;
}

}  // namespace

cluster_database::cluster_database(store::database_options how, cluster::node_identity self,
                                   const clock& now)
    : database_(control_options(std::move(how)), now),
      shared_(std::make_shared<shared>())
{
    shared_->self = std::move(self);
}

task<cluster::lease_reply> cluster_database::change(
    std::function<std::pair<bool, cluster::lease_row>(store::tx&)> statement)
{
    auto with = shared_;
    std::function<void(store::tx&)> greet = [with](store::tx& on) {
        if (!store::lease::greet(on, with->self.id, with->self.boot)) return;
        with->held = true;
        ++with->sessions;
    };
    std::function<store::lease::change(store::tx&)> run =
        [ask = std::move(statement)](store::tx& on) {
            auto [done, row] = ask(on);
            return store::lease::change{done, std::move(row)};
        };
    auto got = co_await store::lease::call(database_, std::move(greet), std::move(run));
    if (got.lost) with->held = false;
    cluster::lease_reply out;
    out.outcome = got.what;
    out.row = std::move(got.row);
    co_return out;
}

task<cluster::lease_reply> cluster_database::read_lease()
{
    std::function<std::pair<bool, cluster::lease_row>(store::tx&)> ask = [](store::tx& on) {
        return std::pair(true, store::lease::read(on));
    };
    co_return co_await change(std::move(ask));
}

task<cluster::lease_reply> cluster_database::renew(std::int64_t epoch)
{
    std::function<std::pair<bool, cluster::lease_row>(store::tx&)> ask =
        [epoch, with = shared_](store::tx& on) {
            auto got = store::lease::renew(on, epoch, with->self.id, with->self.boot);
            return std::pair(got.done, std::move(got.row));
        };
    co_return co_await change(std::move(ask));
}

task<cluster::lease_reply> cluster_database::take_over(cluster::action::send_takeover what)
{
    std::function<std::pair<bool, cluster::lease_row>(store::tx&)> ask =
        [what, with = shared_](store::tx& on) {
            auto got = store::lease::take_over(on, what, with->self.id, with->self.boot);
            return std::pair(got.done, std::move(got.row));
        };
    co_return co_await change(std::move(ask));
}

task<cluster::lease_reply> cluster_database::resign(std::int64_t epoch)
{
    std::function<std::pair<bool, cluster::lease_row>(store::tx&)> ask =
        [epoch, with = shared_](store::tx& on) {
            auto got = store::lease::resign(on, epoch, with->self.id, with->self.boot);
            return std::pair(got.done, std::move(got.row));
        };
    co_return co_await change(std::move(ask));
}

task<lock_state> cluster_database::lock_of(cluster::node_id peer, cluster::boot_id boot)
{
    std::function<bool(store::tx&)> look = [peer = std::move(peer),
                                            boot = std::move(boot)](store::tx& on) {
        return store::lease::lock_held(on, peer, boot);
    };
    const auto held = co_await database_.query<bool>(std::move(look));
    if (!held.has_value()) co_return lock_state::unknown;
    co_return *held ? lock_state::held : lock_state::free;
}

task<> cluster_database::end_idle_sessions(cluster::node_id peer, cluster::boot_id boot)
{
    std::function<std::int64_t(store::tx&)> cut = [peer = std::move(peer),
                                                   boot = std::move(boot)](store::tx& on) {
        return store::lease::terminate_idle(on, peer, boot);
    };
    (void)co_await database_.query<std::int64_t>(std::move(cut));
}

task<> cluster_database::end_duty_sessions(cluster::node_id holder, cluster::boot_id boot)
{
    std::function<std::int64_t(store::tx&)> cut = [holder = std::move(holder),
                                                   boot = std::move(boot)](store::tx& on) {
        return store::lease::terminate_duties(on, holder, boot);
    };
    (void)co_await database_.query<std::int64_t>(std::move(cut));
}

task<result<std::vector<cluster::node_identity>>> cluster_database::nodes(std::int64_t applied)
{
    std::function<std::vector<cluster::node_identity>(store::tx&)> read =
        [applied, with = shared_](store::tx& on) {
            return store::lease::nodes(on, with->self, applied);
        };
    co_return co_await database_.query<std::vector<cluster::node_identity>>(std::move(read));
}

task<result<std::vector<cluster::told_change>>> cluster_database::role_changes(
    std::int64_t positions)
{
    using changes = std::vector<cluster::told_change>;
    std::function<changes(store::tx&)> read = [positions](store::tx& on) {
        changes out;
        for (auto& one : store::lease::role_changes(on, positions))
            out.push_back({std::move(one.record), one.ago});
        return out;
    };
    co_return co_await database_.query<changes>(std::move(read));
}

task<result<std::vector<cluster::consumer_lag>>> cluster_database::consumers()
{
    using readers = std::vector<cluster::consumer_lag>;
    std::function<readers(store::tx&)> read = [](store::tx& on) {
        readers out;
        for (auto& one : store::consumers_behind(on))
            out.push_back({std::move(one.name), one.behind, one.age});
        return out;
    };
    co_return co_await database_.query<readers>(std::move(read));
}

task<result<std::optional<cluster::node_identity>>> cluster_database::predecessor()
{
    using found = std::optional<cluster::node_identity>;
    std::function<found(store::tx&)> look = [with = shared_](store::tx& on) -> found {
        for (const auto& one : store::lease::nodes(on, with->self, 0)) {
            if (one.id == with->self.id && one.boot != with->self.boot) return one;
        }
        return std::nullopt;
    };
    co_return co_await database_.query<found>(std::move(look));
}

task<result<cluster_database::listed>> cluster_database::enlist(std::optional<int> priority)
{
    std::function<listed(store::tx&)> write = [priority, with = shared_](store::tx& on) {
        listed out;
        out.self = store::lease::enlist(on, with->self, priority);
        out.nodes = store::lease::nodes(on, with->self, 0);
        out.cluster = store::lease::cluster_name(on);
        return out;
    };
    co_return co_await database_.query<listed>(std::move(write));
}

task<result<std::int64_t>> cluster_database::bump_incarnation()
{
    std::function<std::int64_t(store::tx&)> bump = [](store::tx& on) {
        return store::lease::bump_incarnation(on);
    };
    co_return co_await database_.query<std::int64_t>(std::move(bump));
}

}  // namespace kieng::node

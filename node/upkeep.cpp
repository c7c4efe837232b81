#include "node/upkeep.hpp"

#include "base/log.hpp"
#include "node/identity/upkeep_store.hpp"

namespace kieng::node {
namespace {

constexpr std::chrono::minutes kEvery{1};
constexpr int kMostRounds = 50;  // at most 100,000 ledger rows a turn

task<std::int64_t> turn(store::database& database, store::unit_of_work& writes)
{
    std::int64_t removed = 0;
    for (int round = 0; round < kMostRounds; ++round) {
        const auto ledger = co_await writes.forget_expired();
        std::function<std::int64_t(store::tx&)> expire = [](store::tx& on) {
            return identity::expire(on);
        };
        const auto accounts = co_await database.query<std::int64_t>(std::move(expire));
        const std::int64_t now = (ledger ? *ledger : 0) + (accounts ? *accounts : 0);
        if (now == 0) break;
        removed += now;
    }
    co_return removed;
}

task<> keep_house(store::database& database, store::unit_of_work& writes)
{
    for (;;) {
        co_await sleep_for(kEvery);
        const auto removed = co_await turn(database, writes);
        if (removed > 0) log::info("upkeep", {{"removed", removed}});
    }
}

}  // namespace

void start_upkeep(const executor& on, store::database& database, store::unit_of_work& writes)
{
    spawn(
        on, [&database, &writes] { return keep_house(database, writes); },
        [](std::exception_ptr error) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& why) {
                log::error("upkeep_ended", {{"why", why.what()}});
            }
        });
}

}  // namespace kieng::node

#include "node/platform/store/request_fate.hpp"

#include "node/platform/store/error_map.hpp"
#include "node/platform/store/ledger.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::store {
namespace {

constexpr std::chrono::milliseconds kTwinPatience{500};

// Waits for whoever holds the key, as every writer of the ledger does. The fingerprint is nobody's, so that every later request differs from it.
constexpr statement kAbandon{"ledger_abandon", R"sql(
    WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock($3::bigint))
    INSERT INTO requests (principal, key, fingerprint, state) SELECT $1, $2, '', 'abandoned' FROM alone
    ON CONFLICT DO NOTHING)sql"};

request_fate fate_of(tx& on, const std::string& principal, const std::string& key)
{
    ledger::entry who;
    who.principal = principal;
    who.key = key;
    auto found = ledger::look(on, who);
    request_fate out;
    if (!found) return out;
    if (found->abandoned) {
        out.what = request_fate::kind::never;
        return out;
    }
    out.what = request_fate::kind::committed;
    out.given = std::move(found->what);
    out.pos = found->pos;
    return out;
}

failure doubt(db_fault fault, failure why)
{
    if (fault == db_fault::locked) {
        failure busy(errc::in_progress);
        busy.retry_after = kTwinPatience;
        return busy;
    }
    return why;
}

}  // namespace

task<result<request_fate>> find_fate(database& on, std::string principal, std::string key)
{
    std::function<request_fate(tx&)> look = [principal = std::move(principal),
                                             key = std::move(key)](tx& with) {
        return fate_of(with, principal, key);
    };
    co_return co_await on.query<request_fate>(std::move(look));
}

task<result<request_fate>> abandon(database& on, std::string principal, std::string key)
{
    auto fault = std::make_shared<std::optional<db_fault>>();
    std::function<request_fate(tx&)> take = [principal = std::move(principal), key = std::move(key),
                                             fault](tx& with) {
        try {
            with.exec(kAbandon, principal, key, ledger::lock_of(principal, key));
            return fate_of(with, principal, key);
        } catch (...) {
            if (const auto error = classify(std::current_exception())) *fault = error->fault;
            throw;
        }
    };
    auto got = co_await on.query<request_fate>(std::move(take));
    if (got.has_error() && *fault) co_return doubt(**fault, got.error());
    co_return got;
}

}  // namespace kieng::store

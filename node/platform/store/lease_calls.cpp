#include "node/platform/store/lease_calls.hpp"

#include "node/platform/store/error_map.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::store::lease {
namespace {

using cluster::input::statement_outcome;

struct attempt {
    bool begun = false;  // something may have been sent
    std::optional<db_fault> fault;
    std::optional<change> got;
};

statement_outcome outcome_of(const attempt& at)
{
    if (at.got) return at.got->done ? statement_outcome::done : statement_outcome::refused;
    if (!at.begun) return statement_outcome::failed;
    if (!at.fault) return statement_outcome::unknown;
    switch (*at.fault) {
    case db_fault::locked: return statement_outcome::lock_timeout;
    case db_fault::lost: return statement_outcome::unknown;
    case db_fault::timeout:
    case db_fault::overloaded:
    case db_fault::conflict:
    case db_fault::stale:
    case db_fault::history:
    case db_fault::defect: return statement_outcome::failed;
    }
    return statement_outcome::unknown;
}

}  // namespace

task<outcome> call(database& on, std::function<void(tx&)> greet,
                   std::function<change(tx&)> statement)
{
    auto at = std::make_shared<attempt>();
    std::function<void(tx&)> work = [at, greet = std::move(greet),
                                     run = std::move(statement)](tx& with) {
        try {
            greet(with);
            at->begun = true;
            at->got = run(with);
        } catch (...) {
            if (const auto error = classify(std::current_exception())) at->fault = error->fault;
            throw;
        }
    };
    bool defect = false;
    try {
        (void)co_await on.run(database::kind::query, std::move(work));
    } catch (const std::exception&) {
        defect = true;  // the pool has logged it
    }
    outcome out;
    out.what = defect && !at->fault ? statement_outcome::failed : outcome_of(*at);
    if (at->got) out.row = at->got->row;
    out.lost = at->fault && ends_connection(*at->fault);
    co_return out;
}

}  // namespace kieng::store::lease

#include "node/payments/cash_service.hpp"

#include "base/ids.hpp"
#include "node/payments/announcement.hpp"
#include "node/payments/cash_json.hpp"
#include "node/payments/payment_store.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

bool may_use(const till_person& by, const cash_session& what) noexcept
{
    return by.approves || (!by.who.user_id.empty() && by.who.user_id == what.cashier);
}

std::int64_t expected_of(const std::vector<drawer_total>& totals) noexcept
{
    std::int64_t out = 0;
    for (const auto& one : totals) out += one.amount;
    return out;
}

cash_report report_of(tx& on, const cash_session& of)
{
    cash_report out;
    out.of = of;
    out.drawer = drawer_totals(on, of.id);
    out.sales = sales_totals(on, of.id);
    out.movements = movements_of(on, of.id);
    out.expected = expected_of(out.drawer);
    return out;
}

answer shown(int status, const std::string& id, std::string body)
{
    answer out;
    out.status = status;
    out.body = std::move(body);
    if (status == 201) out.headers.emplace_back("Location", "/cash-sessions/" + id);
    return out;
}

failure too_large(std::int64_t difference, std::int64_t limit)
{
    failure out(errc::difference_too_large);
    out.members =
        R"("difference":)" + std::to_string(difference) + R"(,"limit":)" + std::to_string(limit);
    return out;
}

result<answer> move_in(tx& on, const cash_transfer& what, const std::string& id,
                       const till_person& by, const std::string& node)
{
    const auto session = lock_session(on, id);
    if (!session || !may_use(by, *session)) return failure(errc::not_found);
    if (!session->open) return failure(errc::no_open_session);
    const auto there = expected_of(drawer_totals(on, id));
    if (what.kind == drawer::cash_out && what.amount > there)
        return invalid("/amount", fault_code::not_enough, "1.." + std::to_string(there));
    drawer_movement moved;
    moved.kind = what.kind;
    moved.amount = signed_amount(what.kind, what.amount);
    moved.reason = what.reason;
    moved.actor = by.who.user_id;
    add_movement(on, id, moved, node);
    announce(on, cash_event(id, session->version, name_of(what.kind)));
    return shown(201, id, to_json(report_of(on, *session)));
}

}  // namespace

task<result<store::written>> cash_service::open(store::write_key key, cash_opening what,
                                                till_person by)
{
    cash_session made;
    made.id = make_uuid(in_.now, in_.bits);
    made.till = what.till;
    made.cashier = by.who.user_id;
    made.currency = what.currency;
    made.opening_float = what.opening_float;
    made.note = what.note;
    business change = [made, by, node = in_.node, &log = log_](tx& on) -> result<answer> {
        if (!insert_session(on, made)) {
            failure out(errc::session_already_open);
            const auto there = open_session_of(on, made.till, made.currency);
            if (!there.empty()) out.members = R"("sessionId":")" + there + '"';
            return out;
        }
        drawer_movement moved;
        moved.kind = drawer::opening_float;
        moved.amount = made.opening_float;
        moved.actor = by.who.user_id;
        add_movement(on, made.id, moved, node);
        log.audit(on, by.who, {"cash_session.open", "cash_session", made.id});
        announce(on, cash_event(made.id, 1, "open"));
        return shown(201, made.id, to_json(report_of(on, *find_session(on, made.id))));
    };
    co_return co_await in_.where.writes.run(std::move(key), std::move(change));
}

task<result<store::written>> cash_service::move(store::write_key key, std::string id,
                                                cash_transfer what, till_person by)
{
    business change = [id, what, by, node = in_.node](tx& on) {
        return move_in(on, what, id, by, node);
    };
    co_return co_await in_.where.writes.run(std::move(key), std::move(change));
}

task<result<store::written>> cash_service::close(store::write_key key, std::string id,
                                                 cash_closing what, till_person by)
{
    const auto limit = in_.how.cash_difference;
    business change = [id, what, by, limit, &log = log_](tx& on) -> result<answer> {
        auto session = lock_session(on, id);
        if (!session || !may_use(by, *session)) return failure(errc::not_found);
        if (!session->open) return failure(errc::no_open_session);
        const auto notes = sum_of(what.notes);
        if (!notes) return notes.error();
        session->counted = what.counted.value_or(*notes);
        session->expected = expected_of(drawer_totals(on, id));
        const auto difference = *session->counted - *session->expected;
        const bool large = difference > limit || difference < -limit;
        if (large && !(by.approves && what.accept_difference)) return too_large(difference, limit);
        session->notes = what.notes;
        if (!what.note.empty()) session->note = what.note;
        if (large) session->approved_by = by.who.user_id;
        session->closed_by = by.who.user_id;
        const auto closed = close_session(on, *session);
        log.audit(on, by.who,
                  {"cash_session.close", "cash_session", id,
                   R"({"difference":)" + std::to_string(difference) + "}"});
        announce(on, cash_event(id, closed.version, "closed"));
        return shown(200, id, to_json(report_of(on, closed)));
    };
    co_return co_await in_.where.writes.run(std::move(key), std::move(change));
}

task<result<store::seen<cash_report>>> cash_service::report(std::string id, till_person by)
{
    using found = std::optional<cash_report>;
    std::function<found(tx&)> read = [id, by](tx& on) -> found {
        const auto session = find_session(on, id);
        if (!session || !may_use(by, *session)) return std::nullopt;
        return report_of(on, *session);
    };
    auto got = co_await in_.where.reads.read<found>(std::move(read));
    if (!got) co_return got.error();
    if (!got->value) co_return failure(errc::not_found);
    co_return store::seen<cash_report>{*std::move(got->value), got->pos};
}

task<result<store::seen<std::vector<cash_session>>>> cash_service::list(session_filter what,
                                                                        till_person by)
{
    if (!by.approves) what.cashier = by.who.user_id;
    std::function<std::vector<cash_session>(tx&)> read = [what](tx& on) {
        return list_sessions(on, what);
    };
    co_return co_await in_.where.reads.read<std::vector<cash_session>>(std::move(read));
}

result<payment> cash_service::record(tx& on, counter_payment what) const
{
    if (what.how == method::cash && what.tendered) {
        const auto change = change_of(what.amount.minor, *what.tendered);
        if (!change) return change.error();
    }
    what.id = make_uuid(in_.now, in_.bits);
    what.new_session = make_uuid(in_.now, in_.bits);
    if (!insert_counter_payment(on, what, in_.node)) return failure(errc::no_open_session);
    auto made = find_payment(on, what.id);
    announce(on, payment_event(*made));
    return *std::move(made);
}

}  // namespace kieng::payments

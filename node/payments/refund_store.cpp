#include "node/payments/refund_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments {
namespace {

using identity::flag_of;
using identity::null_if_empty;
using identity::number_of;
using identity::text_of;
using store::statement;

#define KIENG_REFUND_COLUMNS                                                                                              \
    "id, payment_id, order_id, amount, currency, status, reason, automatic, coalesce(provider_ref, '') AS provider_ref, " \
    "coalesce(failure_code, '') AS failure_code, steps, version, "                                                        \
    "(extract(epoch FROM created_at) * 1000000)::bigint AS created_us, "                                                  \
    "(extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"

constexpr statement kTake{"refund_take", "SELECT payment_take_refund($1, $2)"};
constexpr statement kGiveBack{"refund_give_back", "SELECT payment_return_refund($1, $2)"};
constexpr statement kInsert{
    "refund_insert",
    "INSERT INTO refunds (id, payment_id, order_id, amount, currency, status, reason, automatic, cash_session_id, next_step_at, created_at, "
    "updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10::bigint * interval '1 millisecond', "
    "to_timestamp($11::double precision / 1000000), to_timestamp($11::double precision / 1000000), $12)"};
constexpr statement kFind{"refund_find",
                          "SELECT " KIENG_REFUND_COLUMNS " FROM refunds WHERE id = $1"};
constexpr statement kLock{"refund_lock", "SELECT " KIENG_REFUND_COLUMNS
                                         " FROM refunds WHERE id = $1 FOR NO KEY UPDATE"};
constexpr statement kOfPayment{
    "refunds_of_payment", "SELECT " KIENG_REFUND_COLUMNS
                          " FROM refunds WHERE payment_id = $1 ORDER BY created_at, id LIMIT 200"};
constexpr statement kOfOrder{
    "refunds_of_order",
    "SELECT " KIENG_REFUND_COLUMNS
    " FROM refunds WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1) ORDER BY created_at, id LIMIT 1000"};
constexpr statement kUpdate{
    "refund_update",
    "UPDATE refunds SET status = $2, provider_ref = $3, failure_code = $4, next_step_at = now() + $5::bigint * interval '1 millisecond', "
    "steps = 0, version = version + 1, updated_at = now() WHERE id = $1 "
    "RETURNING version, (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"};
constexpr statement kClaim{
    "refunds_claim",
    "UPDATE refunds SET next_step_at = now() + $2::bigint * interval '1 millisecond', steps = steps + 1 WHERE id IN "
    "(SELECT id FROM refunds WHERE next_step_at <= now() ORDER BY next_step_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED) "
    "RETURNING " KIENG_REFUND_COLUMNS};
constexpr statement kPostpone{
    "refund_postpone",
    "UPDATE refunds SET next_step_at = now() + $2::bigint * interval '1 millisecond' WHERE id = $1"};

template <class Row>
refund refund_of(const Row& row)
{
    refund out;
    out.id = text_of(row, "id");
    out.payment_id = text_of(row, "payment_id");
    out.order_id = text_of(row, "order_id");
    out.amount = {number_of(row, "amount"), text_of(row, "currency")};
    out.state = static_cast<refund_status>(number_of(row, "status"));
    out.reason = text_of(row, "reason");
    out.automatic = flag_of(row, "automatic");
    out.provider_ref = text_of(row, "provider_ref");
    out.failure_code = text_of(row, "failure_code");
    out.version = number_of(row, "version");
    out.created_at = identity::time_of(row, "created_us");
    out.updated_at = identity::time_of(row, "updated_us");
    return out;
}

std::optional<std::string> text_of_step(next_step in)
{
    if (!in) return std::nullopt;
    return std::to_string(in->count());
}

std::optional<refund> one(store::tx& on, const statement& how, const std::string& id)
{
    const auto rows = on.exec(how, id);
    if (rows.empty()) return std::nullopt;
    return refund_of(rows[0]);
}

std::vector<refund> many(store::tx& on, const statement& how, const std::string& id)
{
    std::vector<refund> out;
    for (const auto& row : on.exec(how, id)) out.push_back(refund_of(row));
    return out;
}

}  // namespace

bool insert_refund(store::tx& on, const refund& what, const std::string& cash_session, next_step in,
                   const std::string& by)
{
    const auto taken = on.exec(kTake, what.payment_id, what.amount.minor);
    if (!taken[0][0].as<bool>()) return false;
    const auto step = text_of_step(in);
    on.exec(kInsert, what.id, what.payment_id, what.order_id, what.amount.minor,
            what.amount.currency, static_cast<int>(what.state), what.reason, what.automatic,
            null_if_empty(cash_session), identity::nullable(step),
            identity::microseconds(what.created_at), null_if_empty(by));
    return true;
}

std::optional<refund> find_refund(store::tx& on, const std::string& id)
{
    return one(on, kFind, id);
}

std::optional<refund> lock_refund(store::tx& on, const std::string& id)
{
    return one(on, kLock, id);
}

std::vector<refund> refunds_of_payment(store::tx& on, const std::string& payment)
{
    return many(on, kOfPayment, payment);
}

std::vector<refund> refunds_of_order(store::tx& on, const std::string& order)
{
    return many(on, kOfOrder, order);
}

void update_refund(store::tx& on, refund& what, next_step in)
{
    const auto step = text_of_step(in);
    const auto rows =
        on.exec(kUpdate, what.id, static_cast<int>(what.state), null_if_empty(what.provider_ref),
                null_if_empty(what.failure_code), identity::nullable(step));
    what.version = number_of(rows[0], "version");
    what.updated_at = identity::time_of(rows[0], "updated_us");
    if (what.state == refund_status::failed) on.exec(kGiveBack, what.payment_id, what.amount.minor);
}

std::vector<due_refund> claim_due_refunds(store::tx& on, int most, std::chrono::milliseconds lease)
{
    std::vector<due_refund> out;
    for (const auto& row : on.exec(kClaim, most, static_cast<std::int64_t>(lease.count())))
        out.push_back({refund_of(row), static_cast<int>(number_of(row, "steps"))});
    return out;
}

void postpone_refund(store::tx& on, const std::string& id, next_step in)
{
    const auto step = text_of_step(in);
    on.exec(kPostpone, id, identity::nullable(step));
}

}  // namespace kieng::payments

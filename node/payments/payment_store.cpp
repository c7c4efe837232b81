#include "node/payments/payment_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments {
namespace {

using identity::flag_of;
using identity::null_if_empty;
using identity::number_of;
using identity::text_of;
using store::statement;

#define KIENG_PAYMENT_COLUMNS                                                                                             \
    "id, order_id, order_number, coalesce(account_id::text, '') AS account, coalesce(guest_id::text, '') AS guest, "      \
    "attempt_no, method, status, amount, currency, captured, refunded, authorized, reference, "                           \
    "coalesce(provider_ref, '') AS provider_ref, coalesce(failure_code, '') AS failure_code, "                            \
    "coalesce(redirect_url, '') AS redirect_url, coalesce(qr_text, '') AS qr_text, tendered, "                            \
    "coalesce(cash_session_id::text, '') AS cash_session, coalesce(payer_address, '') AS payer_address, steps, version, " \
    "(extract(epoch FROM expires_at) * 1000000)::bigint AS expires_us, "                                                  \
    "(extract(epoch FROM created_at) * 1000000)::bigint AS created_us, "                                                  \
    "(extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"

constexpr statement kInsert{
    "payment_insert",
    "INSERT INTO payments (id, order_id, order_number, account_id, guest_id, attempt_no, method, status, amount, currency, captured, "
    "reference, provider_ref, redirect_url, qr_text, tendered, cash_session_id, payer_address, failure_code, expires_at, next_step_at, created_at, "
    "updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "to_timestamp($20::double precision / 1000000), now() + $21::bigint * interval '1 millisecond', "
    "to_timestamp($22::double precision / 1000000), to_timestamp($22::double precision / 1000000), $23)"};
constexpr statement kFind{"payment_find",
                          "SELECT " KIENG_PAYMENT_COLUMNS " FROM payments WHERE id = $1"};
constexpr statement kLock{"payment_lock", "SELECT " KIENG_PAYMENT_COLUMNS
                                          " FROM payments WHERE id = $1 FOR NO KEY UPDATE"};
constexpr statement kByReference{
    "payment_by_reference",
    "SELECT p.id FROM unnest($1::text[]) WITH ORDINALITY AS r (name, place) JOIN payments p ON p.reference = r.name "
    "ORDER BY r.place LIMIT 1"};
constexpr statement kOfOrder{"payments_of_order",
                             "SELECT " KIENG_PAYMENT_COLUMNS
                             " FROM payments WHERE order_id = $1 ORDER BY attempt_no LIMIT 200"};
constexpr statement kUpdate{
    "payment_update",
    "UPDATE payments SET status = $2, captured = $3, authorized = $4, provider_ref = $5, failure_code = $6, redirect_url = $7, "
    "qr_text = $8, expires_at = to_timestamp($9::double precision / 1000000), "
    "next_step_at = now() + $10::bigint * interval '1 millisecond', updated_by = $11, steps = 0, version = version + 1, "
    "updated_at = now() WHERE id = $1 RETURNING version, (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"};
constexpr statement kList{
    "payments_list",
    "SELECT " KIENG_PAYMENT_COLUMNS
    " FROM payments WHERE ($1::smallint IS NULL OR status = $1) AND ($2::smallint IS NULL OR method = $2) AND "
    "($3::bigint IS NULL OR (created_at, id) < (to_timestamp($3::double precision / 1000000), $4::uuid)) "
    "ORDER BY created_at DESC, id DESC LIMIT $5"};
constexpr statement kClaim{
    "payments_claim",
    "UPDATE payments SET next_step_at = now() + $2::bigint * interval '1 millisecond', steps = steps + 1 WHERE id IN "
    "(SELECT id FROM payments WHERE next_step_at <= now() ORDER BY next_step_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED) "
    "RETURNING " KIENG_PAYMENT_COLUMNS};
constexpr statement kPostpone{
    "payment_postpone",
    "UPDATE payments SET next_step_at = now() + $2::bigint * interval '1 millisecond' WHERE id = $1"};

template <class Row>
std::optional<std::int64_t> optional_number(const Row& row, const char* column)
{
    if (row[column].is_null()) return std::nullopt;
    return number_of(row, column);
}

template <class Row>
payment payment_of(const Row& row)
{
    payment out;
    out.id = text_of(row, "id");
    out.order_id = text_of(row, "order_id");
    out.order_number = text_of(row, "order_number");
    out.account = text_of(row, "account");
    out.guest = text_of(row, "guest");
    out.attempt = static_cast<int>(number_of(row, "attempt_no"));
    out.how = static_cast<method>(number_of(row, "method"));
    out.state = static_cast<status>(number_of(row, "status"));
    out.amount = {number_of(row, "amount"), text_of(row, "currency")};
    out.captured = number_of(row, "captured");
    out.refunded = number_of(row, "refunded");
    out.authorized = flag_of(row, "authorized");
    out.reference = text_of(row, "reference");
    out.provider_ref = text_of(row, "provider_ref");
    out.failure_code = text_of(row, "failure_code");
    out.action.url = text_of(row, "redirect_url");
    out.action.text = text_of(row, "qr_text");
    if (!out.action.url.empty()) out.action.what = next_action::kind::redirect;
    if (!out.action.text.empty()) out.action.what = next_action::kind::qr;
    out.tendered = optional_number(row, "tendered");
    out.cash_session = text_of(row, "cash_session");
    if (const auto at = optional_number(row, "expires_us"))
        out.expires_at = wall_time(std::chrono::microseconds(*at));
    out.version = number_of(row, "version");
    out.created_at = identity::time_of(row, "created_us");
    out.updated_at = identity::time_of(row, "updated_us");
    return out;
}

std::optional<std::string> text_of_number(std::optional<std::int64_t> number)
{
    if (!number) return std::nullopt;
    return std::to_string(*number);
}
std::optional<std::string> text_of_time(const std::optional<wall_time>& at)
{
    if (!at) return std::nullopt;
    return std::to_string(identity::microseconds(*at));
}
std::optional<std::string> text_of_step(next_step in)
{
    if (!in) return std::nullopt;
    return std::to_string(in->count());
}

std::optional<payment> one(store::tx& on, const statement& how, const std::string& id)
{
    const auto rows = on.exec(how, id);
    if (rows.empty()) return std::nullopt;
    return payment_of(rows[0]);
}

}  // namespace

void insert_payment(store::tx& on, const payment& what, const std::string& payer_address,
                    next_step in, const std::string& by)
{
    const auto tendered = text_of_number(what.tendered);
    const auto expires = text_of_time(what.expires_at);
    const auto step = text_of_step(in);
    on.exec(kInsert, what.id, what.order_id, what.order_number, null_if_empty(what.account),
            null_if_empty(what.guest), what.attempt, static_cast<int>(what.how),
            static_cast<int>(what.state), what.amount.minor, what.amount.currency, what.captured,
            what.reference, null_if_empty(what.provider_ref), null_if_empty(what.action.url),
            null_if_empty(what.action.text), identity::nullable(tendered),
            null_if_empty(what.cash_session), null_if_empty(payer_address),
            null_if_empty(what.failure_code), identity::nullable(expires), identity::nullable(step),
            identity::microseconds(what.created_at), null_if_empty(by));
}

std::optional<payment> find_payment(store::tx& on, const std::string& id)
{
    return one(on, kFind, id);
}

std::optional<payment> lock_payment(store::tx& on, const std::string& id)
{
    return one(on, kLock, id);
}

std::optional<std::string> payment_by_reference(store::tx& on,
                                                const std::vector<std::string>& references)
{
    const auto rows = on.exec(kByReference, store::array_literal(references));
    if (rows.empty()) return std::nullopt;
    return text_of(rows[0], "id");
}

std::vector<payment> payments_of_order(store::tx& on, const std::string& order)
{
    std::vector<payment> out;
    for (const auto& row : on.exec(kOfOrder, order)) out.push_back(payment_of(row));
    return out;
}

void update_payment(store::tx& on, payment& what, next_step in, const std::string& by)
{
    const auto expires = text_of_time(what.expires_at);
    const auto step = text_of_step(in);
    const auto rows =
        on.exec(kUpdate, what.id, static_cast<int>(what.state), what.captured, what.authorized,
                null_if_empty(what.provider_ref), null_if_empty(what.failure_code),
                null_if_empty(what.action.url), null_if_empty(what.action.text),
                identity::nullable(expires), identity::nullable(step), null_if_empty(by));
    what.version = number_of(rows[0], "version");
    what.updated_at = identity::time_of(rows[0], "updated_us");
}

std::vector<payment> list_payments(store::tx& on, const payment_filter& what)
{
    std::optional<std::string> state, how;
    if (what.state) state = std::to_string(static_cast<int>(*what.state));
    if (what.how) how = std::to_string(static_cast<int>(*what.how));
    const auto before = text_of_time(what.before_at);
    std::vector<payment> out;
    for (const auto& row :
         on.exec(kList, identity::nullable(state), identity::nullable(how),
                 identity::nullable(before), null_if_empty(what.before_id), what.limit + 1))
        out.push_back(payment_of(row));
    return out;
}

std::vector<due_payment> claim_due_payments(store::tx& on, int most,
                                            std::chrono::milliseconds lease)
{
    std::vector<due_payment> out;
    for (const auto& row : on.exec(kClaim, most, static_cast<std::int64_t>(lease.count())))
        out.push_back({payment_of(row), text_of(row, "payer_address"),
                       static_cast<int>(number_of(row, "steps"))});
    return out;
}

void postpone_payment(store::tx& on, const std::string& id, next_step in)
{
    const auto step = text_of_step(in);
    on.exec(kPostpone, id, identity::nullable(step));
}

}  // namespace kieng::payments

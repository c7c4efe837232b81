#include "node/payments/cash_store.hpp"

#include "node/catalog/pg_text.hpp"
#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments {
namespace {

using identity::flag_of;
using identity::null_if_empty;
using identity::nullable;
using identity::number_of;
using identity::text_of;
using store::statement;

#define KIENG_SESSION_COLUMNS                                                                                                       \
    "id, till, coalesce(cashier_id::text, '') AS cashier, status, recovery, currency, opening_float, expected, counted, z_number, " \
    "coalesce(notes_value, '{}')::text AS notes_value, coalesce(notes_count, '{}')::text AS notes_count, "                          \
    "coalesce(note, '') AS note, coalesce(approved_by::text, '') AS approved_by, coalesce(closed_by::text, '') AS closed_by, "      \
    "(extract(epoch FROM opened_at) * 1000000)::bigint AS opened_us, "                                                              \
    "(extract(epoch FROM closed_at) * 1000000)::bigint AS closed_us, version"

constexpr statement kOpen{
    "cash_session_open",
    "INSERT INTO cash_sessions (id, till, cashier_id, currency, opening_float, note) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT DO NOTHING RETURNING id"};
constexpr statement kFind{"cash_session_find",
                          "SELECT " KIENG_SESSION_COLUMNS " FROM cash_sessions WHERE id = $1"};
constexpr statement kLock{"cash_session_lock", "SELECT " KIENG_SESSION_COLUMNS
                                               " FROM cash_sessions WHERE id = $1 FOR UPDATE"};
constexpr statement kOfTill{"cash_session_of_till",
                            "SELECT cash_session_for($1, $2, false, NULL, NULL)"};
constexpr statement kHold{"cash_session_hold",
                          "SELECT id FROM cash_sessions WHERE id = $1 AND status = 1 FOR SHARE"};
constexpr statement kMove{
    "cash_movement_insert",
    "INSERT INTO cash_movements (session_id, kind, amount, payment_id, refund_id, reason, actor, node) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr statement kDrawer{
    "cash_drawer_totals",
    "SELECT kind, count(*) AS n, sum(amount)::bigint AS amount FROM cash_movements WHERE session_id = $1 GROUP BY kind ORDER BY kind"};
constexpr statement kSales{
    "cash_sales_totals",
    "SELECT method, count(*) AS n, sum(captured)::bigint AS amount FROM payments WHERE cash_session_id = $1 GROUP BY method ORDER BY method"};
constexpr statement kMovements{
    "cash_movements_of",
    "SELECT id, kind, amount, coalesce(payment_id::text, '') AS payment, coalesce(refund_id::text, '') AS refund, "
    "coalesce(reason, '') AS reason, coalesce(actor::text, '') AS actor, (extract(epoch FROM at) * 1000000)::bigint AS at_us "
    "FROM cash_movements WHERE session_id = $1 ORDER BY id DESC LIMIT 200"};
// Two sessions of a till, of two currencies, may close at once: they take their numbers one after the other.
constexpr statement kNumber{"cash_session_number",
                            "SELECT pg_advisory_xact_lock(hashtextextended('z:' || $1, 0))"};
constexpr statement kClose{
    "cash_session_close",
    "UPDATE cash_sessions SET status = 2, expected = $2, counted = $3, notes_value = $4::bigint[], notes_count = $5::bigint[], "
    "note = $6, approved_by = $7, closed_by = $8, closed_at = now(), updated_at = now(), version = version + 1, "
    "z_number = (SELECT coalesce(max(z.z_number), 0) + 1 FROM cash_sessions z WHERE z.till = cash_sessions.till) "
    "WHERE id = $1 RETURNING " KIENG_SESSION_COLUMNS};
constexpr statement kList{
    "cash_sessions_list",
    "SELECT " KIENG_SESSION_COLUMNS
    " FROM cash_sessions WHERE ($1::text IS NULL OR till = $1) AND ($2::uuid IS NULL OR cashier_id = $2) AND "
    "($3::smallint IS NULL OR status = $3) AND "
    "($4::bigint IS NULL OR (opened_at, id) < (to_timestamp($4::double precision / 1000000), $5::uuid)) "
    "ORDER BY opened_at DESC, id DESC LIMIT $6"};
constexpr statement kSell{
    "counter_payment_insert",
    "SELECT record_counter_payment($1, $2, $3, $4, $5::smallint, $6, $7, $8, $9, $10, $11, $12, $13)"};

template <class Row>
std::optional<std::int64_t> optional_number(const Row& row, const char* column)
{
    if (row[column].is_null()) return std::nullopt;
    return number_of(row, column);
}

template <class Row>
cash_session session_of(const Row& row)
{
    cash_session out;
    out.id = text_of(row, "id");
    out.till = text_of(row, "till");
    out.cashier = text_of(row, "cashier");
    out.open = number_of(row, "status") == 1;
    out.recovery = flag_of(row, "recovery");
    out.currency = text_of(row, "currency");
    out.opening_float = number_of(row, "opening_float");
    out.expected = optional_number(row, "expected");
    out.counted = optional_number(row, "counted");
    out.z_number = optional_number(row, "z_number");
    const auto values = catalog::texts_of(text_of(row, "notes_value"));
    const auto counts = catalog::texts_of(text_of(row, "notes_count"));
    for (std::size_t i = 0; i < values.size() && i < counts.size(); ++i)
        out.notes.push_back({catalog::number_of(values[i]), catalog::number_of(counts[i])});
    out.note = text_of(row, "note");
    out.approved_by = text_of(row, "approved_by");
    out.closed_by = text_of(row, "closed_by");
    out.opened_at = identity::time_of(row, "opened_us");
    if (const auto at = optional_number(row, "closed_us"))
        out.closed_at = wall_time(std::chrono::microseconds(*at));
    out.version = number_of(row, "version");
    return out;
}

std::optional<cash_session> one(store::tx& on, const statement& how, const std::string& id)
{
    const auto rows = on.exec(how, id);
    if (rows.empty()) return std::nullopt;
    return session_of(rows[0]);
}

}  // namespace

bool insert_session(store::tx& on, const cash_session& what)
{
    return !on.exec(kOpen, what.id, what.till, null_if_empty(what.cashier), what.currency,
                    what.opening_float, null_if_empty(what.note))
                .empty();
}

std::optional<cash_session> find_session(store::tx& on, const std::string& id)
{
    return one(on, kFind, id);
}

std::optional<cash_session> lock_session(store::tx& on, const std::string& id)
{
    return one(on, kLock, id);
}

std::string open_session_of(store::tx& on, const std::string& till, const std::string& currency)
{
    const auto rows = on.exec(kOfTill, till, currency);
    return rows[0][0].is_null() ? std::string() : rows[0][0].as<std::string>();
}

bool hold_open(store::tx& on, const std::string& id)
{
    return !on.exec(kHold, id).empty();
}

void add_movement(store::tx& on, const std::string& session, const drawer_movement& what,
                  const std::string& node)
{
    on.exec(kMove, session, static_cast<int>(what.kind), what.amount,
            null_if_empty(what.payment_id), null_if_empty(what.refund_id),
            null_if_empty(what.reason), null_if_empty(what.actor), node);
}

std::vector<drawer_total> drawer_totals(store::tx& on, const std::string& session)
{
    std::vector<drawer_total> out;
    for (const auto& row : on.exec(kDrawer, session))
        out.push_back({static_cast<drawer>(number_of(row, "kind")), number_of(row, "n"),
                       number_of(row, "amount")});
    return out;
}

std::vector<method_total> sales_totals(store::tx& on, const std::string& session)
{
    std::vector<method_total> out;
    for (const auto& row : on.exec(kSales, session))
        out.push_back({static_cast<method>(number_of(row, "method")), number_of(row, "n"),
                       number_of(row, "amount")});
    return out;
}

std::vector<drawer_movement> movements_of(store::tx& on, const std::string& session)
{
    std::vector<drawer_movement> out;
    for (const auto& row : on.exec(kMovements, session))
        out.push_back({number_of(row, "id"), static_cast<drawer>(number_of(row, "kind")),
                       number_of(row, "amount"), text_of(row, "payment"), text_of(row, "refund"),
                       text_of(row, "reason"), text_of(row, "actor"),
                       identity::time_of(row, "at_us")});
    return out;
}

cash_session close_session(store::tx& on, const cash_session& what)
{
    catalog::array_text values, counts;
    for (const auto& one : what.notes) {
        values.add(one.value);
        counts.add(one.count);
    }
    on.exec(kNumber, what.till);
    const auto rows = on.exec(kClose, what.id, what.expected.value_or(0), what.counted.value_or(0),
                              values.text(), counts.text(), null_if_empty(what.note),
                              null_if_empty(what.approved_by), null_if_empty(what.closed_by));
    return session_of(rows[0]);
}

std::vector<cash_session> list_sessions(store::tx& on, const session_filter& what)
{
    std::optional<std::string> open, before;
    if (what.open) open = *what.open ? "1" : "2";
    if (what.before_at) before = std::to_string(identity::microseconds(*what.before_at));
    std::vector<cash_session> out;
    for (const auto& row :
         on.exec(kList, nullable(what.till), nullable(what.cashier), nullable(open),
                 nullable(before), null_if_empty(what.before_id), what.limit + 1))
        out.push_back(session_of(row));
    return out;
}

bool insert_counter_payment(store::tx& on, const counter_payment& what, const std::string& node)
{
    std::optional<std::string> tendered;
    if (what.tendered) tendered = std::to_string(*what.tendered);
    const auto rows =
        on.exec(kSell, what.id, what.order_id, what.order_number, null_if_empty(what.account),
                static_cast<int>(what.how), what.amount.minor, what.amount.currency,
                nullable(tendered), nullable(what.till), what.recover,
                null_if_empty(what.new_session), null_if_empty(what.seller), node);
    return rows[0][0].as<bool>();
}

}  // namespace kieng::payments

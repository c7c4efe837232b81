#include "node/inventory/ledger_audit_store.hpp"

#include "node/inventory/row.hpp"
#include "node/platform/store/session.hpp"
#include "node/platform/store/tx.hpp"

#include <stdexcept>

namespace kieng::inventory {
namespace {

using store::statement;

constexpr statement kSeen{"ledger_seen", R"sql(
    SELECT (SELECT count(*) FROM stock) AS variants, (SELECT count(*) FROM stock_lots) AS lots,
           (SELECT count(*) FROM stock_movements) AS movements, (SELECT count(*) FROM reservations) AS reservations)sql"};

// Each counter of a place beside the sum of the rows it stands for. Places that only the ledger knows are there too.
constexpr statement kStock{"ledger_stock", R"sql(
    WITH moved AS (SELECT variant_id, location_id, sum(qty_delta)::bigint AS quantity, sum(reserved_delta)::bigint AS reserved
                     FROM stock_movements GROUP BY variant_id, location_id),
    held AS (SELECT variant_id, location_id, sum(qty)::bigint AS held FROM reservations WHERE state = 1 GROUP BY variant_id, location_id),
    lots AS (SELECT variant_id, location_id, sum(quantity)::bigint AS quantity, sum(reserved)::bigint AS reserved,
                    coalesce(sum(quantity - reserved) FILTER (WHERE expired), 0)::bigint AS expired
               FROM stock_lots GROUP BY variant_id, location_id),
    sums AS (
        SELECT variant_id, location_id, coalesce(s.quantity, 0) AS quantity, coalesce(s.reserved, 0) AS reserved, coalesce(s.expired, 0) AS expired,
               coalesce(s.lot_tracked, false) AS by_lot, coalesce(m.quantity, 0) AS moved_quantity, coalesce(m.reserved, 0) AS moved_reserved,
               coalesce(h.held, 0) AS held, coalesce(k.quantity, 0) AS lot_quantity, coalesce(k.reserved, 0) AS lot_reserved,
               coalesce(k.expired, 0) AS lot_expired
          FROM stock s FULL JOIN moved m USING (variant_id, location_id) FULL JOIN held h USING (variant_id, location_id)
          FULL JOIN lots k USING (variant_id, location_id))
    SELECT s.variant_id, s.location_id, NULL AS lot, d.what, d.counter, d.ledger
      FROM sums s CROSS JOIN LATERAL (VALUES
           ('quantity', s.quantity, s.moved_quantity), ('reserved', s.reserved, s.moved_reserved), ('held', s.reserved, s.held),
           ('lots', CASE WHEN s.by_lot THEN s.quantity ELSE 0 END, s.lot_quantity),
           ('lots held', CASE WHEN s.by_lot THEN s.reserved ELSE 0 END, s.lot_reserved),
           ('expired', s.expired, s.lot_expired)) d(what, counter, ledger)
     WHERE d.counter <> d.ledger ORDER BY s.variant_id, s.location_id, d.what LIMIT $1::int)sql"};

constexpr statement kLots{"ledger_lots", R"sql(
    WITH moved AS (SELECT lot_id, sum(qty_delta)::bigint AS quantity, sum(reserved_delta)::bigint AS reserved
                     FROM stock_movements WHERE lot_id IS NOT NULL GROUP BY lot_id),
    held AS (SELECT l.lot_id, sum(l.qty)::bigint AS held FROM reservation_lots l JOIN reservations r USING (order_id, variant_id, location_id)
              WHERE r.state = 1 GROUP BY l.lot_id)
    SELECT k.variant_id, k.location_id, k.code AS lot, d.what, d.counter, d.ledger
      FROM stock_lots k LEFT JOIN moved m ON m.lot_id = k.id LEFT JOIN held h ON h.lot_id = k.id CROSS JOIN LATERAL (VALUES
           ('quantity', k.quantity, coalesce(m.quantity, 0)), ('reserved', k.reserved, coalesce(m.reserved, 0)),
           ('held', k.reserved, coalesce(h.held, 0))) d(what, counter, ledger)
     WHERE d.counter <> d.ledger ORDER BY k.variant_id, k.location_id, k.code, d.what LIMIT $1::int)sql"};

// What orders say they took, and gave back, beside what the ledger says they did.
constexpr statement kOrders{"ledger_orders", R"sql(
    WITH moved AS (SELECT ref_id AS order_id, variant_id, location_id, sum(qty_delta) FILTER (WHERE kind IN (4, 12))::bigint AS sold,
                          sum(qty_delta) FILTER (WHERE kind NOT IN (4, 7, 10, 11, 12))::bigint AS back
                     FROM stock_movements WHERE ref_type = 1 GROUP BY ref_id, variant_id, location_id)
    SELECT r.variant_id, r.location_id, NULL AS lot, d.what || ' by order ' || r.order_id AS what, d.counter, d.ledger
      FROM reservations r LEFT JOIN moved m USING (order_id, variant_id, location_id) CROSS JOIN LATERAL (VALUES
           ('sold', CASE WHEN r.state = 2 THEN r.qty ELSE 0 END, -coalesce(m.sold, 0)),
           ('returned', r.returned, coalesce(m.back, 0))) d(what, counter, ledger)
     WHERE d.counter <> d.ledger ORDER BY r.order_id, r.variant_id, d.what LIMIT $1::int)sql"};

}  // namespace

ledger_report audit_ledger(store::tx& on, int most)
{
    ledger_report out;
    const auto seen = on.exec(kSeen).front();
    out.variants = number_of(seen, "variants");
    out.lots = number_of(seen, "lots");
    out.movements = number_of(seen, "movements");
    out.reservations = number_of(seen, "reservations");
    for (const auto* what : {&kStock, &kLots, &kOrders}) {
        for (const auto& row : on.exec(*what, most))
            out.differences.push_back({text_of(row, "variant_id"), text_of(row, "location_id"),
                                       text_of(row, "lot"), text_of(row, "what"),
                                       number_of(row, "counter"), number_of(row, "ledger")});
    }
    return out;
}

ledger_report audit_ledger(const store::database_options& how, int most)
{
    const auto connection = store::open_connection(how, store::purpose::migrate);
    pqxx::nontransaction work(*connection);
    std::unordered_set<std::string_view> prepared;
    store::tx on(*connection, work, prepared);
    if (on.exec_raw("SELECT to_regclass('public.stock_movements') IS NULL").front()[0].as<bool>())
        throw std::runtime_error(
            "this database has no stock of this release yet: run kieng-node migrate first");
    on.exec_raw("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    auto out = audit_ledger(on, most);
    on.exec_raw("COMMIT");
    return out;
}

}  // namespace kieng::inventory

#include "node/inventory/stock_list_store.hpp"

#include "node/inventory/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::inventory::stock_list_store {
namespace {

using store::statement;

// $1 kind, $2 and $3 from and to, $4 and $5 the last row of the page before, $6 how many, $7 whose.
#define KIENG_MOVEMENTS(whose)                                                                                                 \
    "SELECT h.pos, x.*, l.product_id, l.sku, l.name, k.code AS lot FROM cluster_head h LEFT JOIN LATERAL ("                    \
    "SELECT * FROM (SELECT m.* FROM stock_movements m WHERE " whose                                                            \
    " AND ($1::smallint IS NULL OR m.kind = $1::smallint) AND m.at >= coalesce($2::timestamptz, '-infinity')"                  \
    " AND m.at < coalesce($3::timestamptz, 'infinity') AND (m.at, m.id) < (coalesce($4::timestamptz, 'infinity'), $5::bigint)" \
    " ORDER BY m.at DESC, m.id DESC LIMIT 201) y LIMIT $6::int) x ON true"                                                     \
    " LEFT JOIN variant_labels l ON l.variant_id = x.variant_id LEFT JOIN stock_lots k ON k.id = x.lot_id"                     \
    " ORDER BY x.at DESC, x.id DESC"
#define KIENG_AT_PLACE "($8::uuid IS NULL OR m.location_id = $8::uuid)"

constexpr statement kAll{"movements", KIENG_MOVEMENTS("$7::uuid IS NULL AND $8::uuid IS NULL")};
constexpr statement kOfLocation{"movements_of_location",
                                KIENG_MOVEMENTS("$7::uuid IS NULL AND m.location_id = $8::uuid")};
constexpr statement kOfVariant{"movements_of_variant",
                               KIENG_MOVEMENTS("m.variant_id = $7::uuid AND " KIENG_AT_PLACE)};
constexpr statement kOfProduct{
    "movements_of_product",
    KIENG_MOVEMENTS(
        "m.variant_id IN (SELECT o.variant_id FROM variant_labels o WHERE o.product_id = $7::uuid) AND " KIENG_AT_PLACE)};

constexpr statement kExpiring{"lots_expiring", R"sql(
    SELECT h.pos, x.*, l.product_id, l.sku, l.name FROM cluster_head h LEFT JOIN LATERAL (SELECT * FROM (
        SELECT k.* FROM stock_lots k
         WHERE k.expires_on IS NOT NULL AND k.quantity > 0 AND k.expires_on <= shop_today() + $1::int
           AND ($2::uuid IS NULL OR k.location_id = $2::uuid)
           AND (k.expires_on, k.id) > (coalesce($3::date, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
         ORDER BY k.expires_on, k.id LIMIT 201) y LIMIT $5::int) x ON true
      LEFT JOIN variant_labels l ON l.variant_id = x.variant_id ORDER BY x.expires_on, x.id)sql"};

// $1 location, $2 to $4 the last row of the page before, $5 how many, $6 whose.
#define KIENG_RESERVATIONS(whose, key)                                                       \
    "SELECT h.pos, x.*, l.product_id, l.sku, l.name FROM cluster_head h LEFT JOIN LATERAL (" \
    "SELECT * FROM (SELECT r.* FROM reservations r WHERE " whose                             \
    " AND ($1::uuid IS NULL OR r.location_id = $1::uuid)"                                    \
    " AND (" key ", r.order_id, r.variant_id) > ($2::timestamptz, $3::uuid, $4::uuid)"       \
    " ORDER BY " key ", r.order_id, r.variant_id LIMIT 201) y LIMIT $5::int) x ON true"      \
    " LEFT JOIN variant_labels l ON l.variant_id = x.variant_id"                             \
    " ORDER BY x.expires_at, x.order_id, x.variant_id"
constexpr statement kHeld{"reservations_held",
                          KIENG_RESERVATIONS("r.state = 1 AND $6::uuid IS NULL", "r.expires_at")};
constexpr statement kHeldOfVariant{
    "reservations_of_variant",
    KIENG_RESERVATIONS("r.state = 1 AND r.variant_id = $6::uuid", "r.expires_at")};
constexpr statement kOfOrder{
    "reservations_of_order",
    KIENG_RESERVATIONS("r.order_id = $6::uuid", "coalesce(r.expires_at, 'infinity')")};

const std::string kLeastId = "00000000-0000-0000-0000-000000000000";

std::optional<std::string> time_text(const std::optional<wall_time>& at)
{
    if (!at) return std::nullopt;
    return to_iso8601(*at);
}

template <class Row>
movement movement_of(const Row& row)
{
    movement out;
    out.id = number_of(row, "id");
    out.what = goods_of(row);
    out.location_id = text_of(row, "location_id");
    out.kind = static_cast<movement_kind>(number_of(row, "kind"));
    out.quantity_delta = number_of(row, "qty_delta");
    out.reserved_delta = number_of(row, "reserved_delta");
    const auto type = number_of(row, "ref_type");
    if (type == 1) out.order_id = text_of(row, "ref_id");
    if (type == 2) out.document_id = text_of(row, "ref_id");
    out.lot = optional_text_of(row, "lot");
    out.reason = optional_text_of(row, "reason");
    out.actor_id = optional_text_of(row, "actor");
    out.unit_cost = optional_number_of(row, "unit_cost");
    out.node = text_of(row, "node");
    out.at = time_of(row, "at");
    return out;
}

template <class Row>
expiring_lot lot_of(const Row& row)
{
    expiring_lot out;
    out.what = goods_of(row);
    out.lot.id = text_of(row, "id");
    out.lot.code = text_of(row, "code");
    out.lot.location_id = text_of(row, "location_id");
    out.lot.expires_on = optional_text_of(row, "expires_on");
    out.lot.quantity = number_of(row, "quantity");
    out.lot.reserved = number_of(row, "reserved");
    out.lot.expired = flag_of(row, "expired");
    return out;
}

template <class Row>
reservation reservation_of(const Row& row)
{
    reservation out;
    out.order_id = text_of(row, "order_id");
    out.what = goods_of(row);
    out.location_id = text_of(row, "location_id");
    out.quantity = number_of(row, "qty");
    out.returned = number_of(row, "returned");
    out.state = static_cast<reservation_state>(number_of(row, "state"));
    out.expires_at = optional_time_of(row, "expires_at");
    out.created_at = time_of(row, "created_at");
    return out;
}

// Rows begin with the position; a page without items is one row of nulls.
template <class Item, class Read>
store::seen<catalog::page<Item>> page_of(const pqxx::result& rows, int limit, Read read)
{
    store::seen<catalog::page<Item>> out;
    for (const auto& row : rows) {
        out.pos = number_of(row, "pos");
        if (row["variant_id"].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(limit)) {
            out.value.next.emplace();
            break;
        }
        out.value.items.push_back(read(row));
    }
    return out;
}

}  // namespace

store::seen<catalog::page<movement>> movements(store::tx& on, const movement_query& query)
{
    const auto kind =
        query.kind ? std::optional(std::to_string(static_cast<int>(*query.kind))) : std::nullopt;
    const auto from = time_text(query.from), to = time_text(query.to),
               before = time_text(query.before_at);
    const auto& whose = query.variant_id ? query.variant_id : query.product_id;
    const auto& what = query.variant_id    ? kOfVariant
                       : query.product_id  ? kOfProduct
                       : query.location_id ? kOfLocation
                                           : kAll;
    const auto rows =
        on.exec(what, nullable(kind), nullable(from), nullable(to), nullable(before),
                query.before_id, query.limit + 1, nullable(whose), nullable(query.location_id));
    return page_of<movement>(rows, query.limit, [](const auto& row) { return movement_of(row); });
}

store::seen<catalog::page<expiring_lot>> expiring(store::tx& on, const lot_query& query)
{
    const auto rows =
        on.exec(kExpiring, query.days, nullable(query.location_id), null_if_empty(query.after_day),
                null_if_empty(query.after_id), query.limit + 1);
    return page_of<expiring_lot>(rows, query.limit, [](const auto& row) { return lot_of(row); });
}

store::seen<catalog::page<reservation>> reservations(store::tx& on, const reservation_query& query)
{
    const bool first = query.after_order.empty();
    const std::string after = query.after_time ? to_iso8601(*query.after_time)
                              : first          ? "-infinity"
                                               : "infinity";
    const auto& whose = query.order_id ? query.order_id : query.variant_id;
    const auto& what = query.order_id ? kOfOrder : query.variant_id ? kHeldOfVariant : kHeld;
    const auto rows =
        on.exec(what, nullable(query.location_id), after, first ? kLeastId : query.after_order,
                first ? kLeastId : query.after_variant, query.limit + 1, nullable(whose));
    return page_of<reservation>(rows, query.limit,
                                [](const auto& row) { return reservation_of(row); });
}

}  // namespace kieng::inventory::stock_list_store

#include "node/inventory/location_store.hpp"

#include "node/inventory/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::inventory::location_store {
namespace {

using store::statement;

#define KIENG_LOCATION \
    "l.id, l.code, l.name, l.address, l.active, l.is_default, l.version, l.created_at, l.updated_at"

constexpr statement kRead{"location_read",
                          "SELECT h.pos, " KIENG_LOCATION
                          " FROM cluster_head h LEFT JOIN locations l ON l.id = $1::uuid"};
constexpr statement kList{
    "location_list",
    "SELECT h.pos, " KIENG_LOCATION
    " FROM cluster_head h LEFT JOIN locations l ON true ORDER BY l.is_default DESC, l.code"};
constexpr statement kKeep{
    "location_keep",
    "SELECT " KIENG_LOCATION
    " FROM locations l WHERE l.active AND (l.id = $2::uuid OR CASE WHEN $1::uuid IS NULL THEN l.is_default "
    "ELSE l.id = $1::uuid END) ORDER BY l.id FOR KEY SHARE"};
constexpr statement kLockAll{"location_lock_all",
                             "SELECT " KIENG_LOCATION " FROM locations l ORDER BY l.id FOR UPDATE"};
constexpr statement kInUse{"location_in_use", R"sql(
    SELECT EXISTS (SELECT FROM stock WHERE location_id = $1::uuid AND (quantity <> 0 OR reserved <> 0))
        OR EXISTS (SELECT FROM stock_documents WHERE status = 1 AND (location_id = $1::uuid OR to_location_id = $1::uuid)) AS used)sql"};
constexpr statement kHasHistory{"location_has_history", R"sql(
    SELECT EXISTS (SELECT FROM stock_movements WHERE location_id = $1::uuid)
        OR EXISTS (SELECT FROM stock_documents WHERE location_id = $1::uuid)
        OR EXISTS (SELECT FROM stock_documents WHERE to_location_id = $1::uuid) AS used)sql"};
constexpr statement kInsert{"location_insert", R"sql(
    WITH l AS (
        INSERT INTO locations (id, code, name, address, active, is_default, updated_by)
        VALUES ($1::uuid, $2, normalize($3, NFC), normalize($4, NFC), $5::boolean, $6::boolean, $7::uuid) RETURNING *)
    SELECT )sql" KIENG_LOCATION " FROM l"};
constexpr statement kUpdate{"location_update", R"sql(
    WITH l AS (
        UPDATE locations SET code = $2, name = normalize($3, NFC), address = normalize($4, NFC), active = $5::boolean,
               is_default = $6::boolean, updated_by = $7::uuid, version = version + 1,
               updated_at = greatest(now(), updated_at + interval '1 microsecond')
         WHERE id = $1::uuid RETURNING *)
    SELECT )sql" KIENG_LOCATION " FROM l"};
constexpr statement kClearDefault{"location_clear_default", R"sql(
    UPDATE locations SET is_default = false, updated_by = $1::uuid, version = version + 1,
           updated_at = greatest(now(), updated_at + interval '1 microsecond')
     WHERE is_default)sql"};
// Rows of goods that never lay there go with it.
constexpr statement kRemove{"location_remove", R"sql(
    WITH empty AS (DELETE FROM stock WHERE location_id = $1::uuid) SELECT)sql"};
constexpr statement kRemoveRow{"location_remove_row", "DELETE FROM locations WHERE id = $1::uuid"};

template <class Row>
location location_of(const Row& row)
{
    location out;
    out.id = text_of(row, "id");
    out.fields = {text_of(row, "code"), text_of(row, "name"), text_of(row, "address"),
                  flag_of(row, "active"), flag_of(row, "is_default")};
    out.version = number_of(row, "version");
    out.created_at = time_of(row, "created_at");
    out.updated_at = time_of(row, "updated_at");
    return out;
}

}  // namespace

store::seen<std::optional<location>> read(store::tx& on, const std::string& id)
{
    const auto row = on.exec(kRead, id).front();
    store::seen<std::optional<location>> out{std::nullopt, number_of(row, "pos")};
    if (!row["id"].is_null()) out.value = location_of(row);
    return out;
}

store::seen<std::vector<location>> list(store::tx& on)
{
    store::seen<std::vector<location>> out;
    for (const auto& row : on.exec(kList)) {
        out.pos = number_of(row, "pos");
        if (!row["id"].is_null()) out.value.push_back(location_of(row));
    }
    return out;
}

std::vector<location> keep(store::tx& on, const std::string& id,
                           const std::optional<std::string>& other)
{
    std::vector<location> out;
    for (const auto& row : on.exec(kKeep, null_if_empty(id), nullable(other)))
        out.push_back(location_of(row));
    return out;
}

std::vector<location> lock_all(store::tx& on)
{
    std::vector<location> out;
    for (const auto& row : on.exec(kLockAll)) out.push_back(location_of(row));
    return out;
}

bool in_use(store::tx& on, const std::string& id)
{
    return flag_of(on.exec(kInUse, id).front(), "used");
}

bool has_history(store::tx& on, const std::string& id)
{
    return flag_of(on.exec(kHasHistory, id).front(), "used");
}

location insert(store::tx& on, const location& what, const std::string& by)
{
    return location_of(on.exec(kInsert, what.id, what.fields.code, what.fields.name,
                               null_if_empty(what.fields.address), what.fields.active,
                               what.fields.is_default, null_if_empty(by))
                           .front());
}

location update(store::tx& on, const location& what, const std::string& by)
{
    return location_of(on.exec(kUpdate, what.id, what.fields.code, what.fields.name,
                               null_if_empty(what.fields.address), what.fields.active,
                               what.fields.is_default, null_if_empty(by))
                           .front());
}

void clear_default(store::tx& on, const std::string& by)
{
    on.exec(kClearDefault, null_if_empty(by));
}

void remove(store::tx& on, const std::string& id)
{
    on.exec(kRemove, id);
    on.exec(kRemoveRow, id);
}

}  // namespace kieng::inventory::location_store

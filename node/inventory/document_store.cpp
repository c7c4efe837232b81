#include "node/inventory/document_store.hpp"

#include "base/ids.hpp"
#include "node/inventory/row.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>
#include <array>

namespace kieng::inventory::document_store {
namespace {

using catalog::array_text;
using store::statement;

#define KIENG_DOCUMENT                                                                                                           \
    "d.id, d.number, d.kind, d.status, d.location_id, d.to_location_id, d.supplier, d.reason, d.note, d.currency, d.total_cost," \
    " d.version, d.created_at, d.created_by, d.updated_at, d.updated_by, d.node"

constexpr statement kInsert{"document_insert", R"sql(
    WITH d AS (
        INSERT INTO stock_documents (id, number, kind, status, location_id, to_location_id, supplier, reason, note, currency,
                                     total_cost, created_by, updated_by, node)
        VALUES ($1::uuid, $2 || to_char(shop_today(), '-YYMMDD-') || lpad(nextval('stock_document_number')::text, 6, '0'),
                $3::smallint, $4::smallint, $5::uuid, $6::uuid, normalize($7, NFC), normalize($8, NFC), normalize($9, NFC), $10,
                $11::bigint, $12::uuid, $12::uuid, split_part(current_setting('application_name'), '/', 2))
        RETURNING *)
    SELECT )sql" KIENG_DOCUMENT " FROM d"};
constexpr statement kInsertLines{"document_insert_lines", R"sql(
    INSERT INTO stock_document_lines (document_id, line, variant_id, quantity, unit_cost, lot, expires_on)
    SELECT $1::uuid, u.i, u.v, u.n, u.cost, normalize(u.lot, NFC), u.day
      FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::date[]) WITH ORDINALITY u(v, n, cost, lot, day, i))sql"};
constexpr statement kRead{"document_read",
                          "SELECT h.pos, " KIENG_DOCUMENT
                          " FROM cluster_head h LEFT JOIN stock_documents d ON d.id = $1::uuid"};
constexpr statement kLines{"document_lines", R"sql(
    SELECT n.*, l.product_id, l.sku, l.name FROM stock_document_lines n LEFT JOIN variant_labels l USING (variant_id)
     WHERE n.document_id = $1::uuid ORDER BY n.line)sql"};
constexpr statement kLock{"document_lock",
                          "SELECT " KIENG_DOCUMENT
                          " FROM stock_documents d WHERE d.id = $1::uuid FOR NO KEY UPDATE"};
constexpr statement kSetStatus{"document_set_status", R"sql(
    UPDATE stock_documents SET status = $2::smallint, version = version + 1, updated_at = clock_timestamp(), updated_by = $3::uuid
     WHERE id = $1::uuid)sql"};
constexpr statement kCount{"document_count", R"sql(
    INSERT INTO stock_document_lines (document_id, line, variant_id, quantity, lot, counted_at)
    SELECT $1::uuid, (SELECT coalesce(max(line), 0) FROM stock_document_lines WHERE document_id = $1::uuid) + u.i, u.v, u.n,
           normalize(u.lot, NFC), least(coalesce(u.at, clock_timestamp()), clock_timestamp())
      FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[]) WITH ORDINALITY u(v, n, lot, at, i)
    ON CONFLICT (document_id, variant_id, coalesce(lot, '')) WHERE counted_at IS NOT NULL
    DO UPDATE SET quantity = excluded.quantity, counted_at = excluded.counted_at)sql"};
constexpr statement kCountedLines{
    "document_counted_lines",
    "SELECT count(*) AS lines FROM stock_document_lines WHERE document_id = $1::uuid"};
constexpr statement kExpect{"document_expect", "SELECT stock_count_expect($1::uuid)"};

// $1 status, $2 to $4 bounds of the ids, $5 how many, $6 kind, $7 location.
#define KIENG_DOCUMENTS(which)                                                                                                                  \
    "SELECT h.pos, x.* FROM cluster_head h LEFT JOIN LATERAL (SELECT * FROM (SELECT " KIENG_DOCUMENT                                            \
    " FROM stock_documents d WHERE " which                                                                                                      \
    " AND ($1::smallint IS NULL OR d.status = $1::smallint)"                                                                                    \
    " AND d.id >= coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')"                                                                   \
    " AND d.id < least(coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))" \
    " ORDER BY d.id DESC LIMIT 201) y LIMIT $5::int) x ON true"
#define KIENG_SOMEWHERE \
    "($7::uuid IS NULL OR d.location_id = $7::uuid OR d.to_location_id = $7::uuid)"
constexpr statement kAll{"documents", KIENG_DOCUMENTS("$6::smallint IS NULL AND " KIENG_SOMEWHERE)};
constexpr statement kOfKind{"documents_of_kind",
                            KIENG_DOCUMENTS("d.kind = $6::smallint AND " KIENG_SOMEWHERE)};
constexpr statement kNumbered{
    "documents_numbered",
    KIENG_DOCUMENTS(
        "d.number = $8 AND ($6::smallint IS NULL OR d.kind = $6::smallint) AND " KIENG_SOMEWHERE)};

template <class Row>
document document_of(const Row& row)
{
    document out;
    out.id = text_of(row, "id");
    out.number = text_of(row, "number");
    out.kind = static_cast<document_kind>(number_of(row, "kind"));
    out.status = static_cast<document_status>(number_of(row, "status"));
    out.location_id = text_of(row, "location_id");
    out.to_location_id = optional_text_of(row, "to_location_id");
    out.supplier = optional_text_of(row, "supplier");
    out.reason = optional_text_of(row, "reason");
    out.note = optional_text_of(row, "note");
    out.currency = text_of(row, "currency");
    out.total_cost = optional_number_of(row, "total_cost");
    out.version = number_of(row, "version");
    out.created_at = time_of(row, "created_at");
    out.created_by = optional_text_of(row, "created_by");
    out.updated_at = time_of(row, "updated_at");
    out.updated_by = optional_text_of(row, "updated_by");
    out.node = text_of(row, "node");
    return out;
}

std::vector<document_line> lines_of(store::tx& on, const std::string& id)
{
    std::vector<document_line> out;
    for (const auto& row : on.exec(kLines, id)) {
        document_line line;
        line.what = goods_of(row);
        line.quantity = number_of(row, "quantity");
        line.unit_cost = optional_number_of(row, "unit_cost");
        line.lot = optional_text_of(row, "lot");
        line.expires_on = optional_text_of(row, "expires_on");
        line.counted_at = optional_time_of(row, "counted_at");
        line.expected = optional_number_of(row, "expected");
        out.push_back(std::move(line));
    }
    return out;
}

std::optional<std::string> number_text(const std::optional<std::int64_t>& number)
{
    if (!number) return std::nullopt;
    return std::to_string(*number);
}

// The least id that can have been made at this time: ids begin with it.
std::optional<std::string> first_id(const std::optional<wall_time>& at)
{
    if (!at) return std::nullopt;
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(at->time_since_epoch()).count();
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%08llx-%04llx-0000-0000-000000000000",
                  (static_cast<unsigned long long>(ms) >> 16U) & 0xffff'ffffULL,
                  static_cast<unsigned long long>(ms) & 0xffffULL);
    return std::string(text.data());
}

}  // namespace

void insert(store::tx& on, document& what, const std::string& by)
{
    const auto cost = number_text(what.total_cost);
    auto row = document_of(
        on.exec(kInsert, what.id, std::string(prefix_of(what.kind)), static_cast<int>(what.kind),
                static_cast<int>(what.status), what.location_id, nullable(what.to_location_id),
                nullable(what.supplier), nullable(what.reason), nullable(what.note), what.currency,
                nullable(cost), null_if_empty(by))
            .front());
    if (!what.lines.empty()) {
        array_text variants, quantities, costs, lots, days;
        for (const auto& line : what.lines) {
            variants.add(line.what.variant_id);
            quantities.add(line.quantity);
            costs.add(line.unit_cost);
            lots.add(line.lot);
            days.add(line.expires_on);
        }
        on.exec(kInsertLines, what.id, variants.text(), quantities.text(), costs.text(),
                lots.text(), days.text());
        row.lines = lines_of(on, what.id);
    }
    what = std::move(row);
}

store::seen<std::optional<document>> read(store::tx& on, const std::string& id)
{
    const auto row = on.exec(kRead, id).front();
    store::seen<std::optional<document>> out{std::nullopt, number_of(row, "pos")};
    if (row["id"].is_null()) return out;
    out.value = document_of(row);
    out.value->lines = lines_of(on, id);
    return out;
}

std::optional<document> find(store::tx& on, const std::string& id)
{
    return read(on, id).value;
}

std::optional<document> lock(store::tx& on, const std::string& id)
{
    const auto rows = on.exec(kLock, id);
    if (rows.empty()) return std::nullopt;
    return document_of(rows.front());
}

void set_status(store::tx& on, const std::string& id, document_status to, const std::string& by)
{
    on.exec(kSetStatus, id, static_cast<int>(to), null_if_empty(by));
}

bool count(store::tx& on, const std::string& id, const std::vector<document_line>& lines,
           const std::string& by)
{
    array_text variants, quantities, lots, times;
    for (const auto& line : lines) {
        variants.add(line.what.variant_id);
        quantities.add(line.quantity);
        lots.add(line.lot);
        if (line.counted_at)
            times.add(to_iso8601(*line.counted_at));
        else
            times.add_null();
    }
    on.exec(kCount, id, variants.text(), quantities.text(), lots.text(), times.text());
    set_status(on, id, document_status::open, by);
    return number_of(on.exec(kCountedLines, id).front(), "lines") <=
           static_cast<std::int64_t>(kMaxDocumentLines);
}

void expect(store::tx& on, const std::string& id)
{
    on.exec(kExpect, id);
}

store::seen<catalog::page<document>> list(store::tx& on, const document_query& query)
{
    const auto status = number_text(
        query.status ? std::optional<std::int64_t>(static_cast<int>(*query.status)) : std::nullopt);
    const auto kind = number_text(
        query.kind ? std::optional<std::int64_t>(static_cast<int>(*query.kind)) : std::nullopt);
    const auto from = first_id(query.from), to = first_id(query.to);
    const auto shared = [&](const statement& what, auto... more) {
        return on.exec(what, nullable(status), nullable(from), nullable(to),
                       null_if_empty(query.before), query.limit + 1, nullable(kind),
                       nullable(query.location_id), more...);
    };
    const auto rows = query.number ? shared(kNumbered, *query.number)
                      : query.kind ? shared(kOfKind)
                                   : shared(kAll);
    store::seen<catalog::page<document>> out;
    for (const auto& row : rows) {
        out.pos = number_of(row, "pos");
        if (row["id"].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(query.limit)) {
            out.value.next.emplace();
            break;
        }
        out.value.items.push_back(document_of(row));
    }
    return out;
}

}  // namespace kieng::inventory::document_store

#include "base/json_reader.hpp"
#include "base/money.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/inventory/document_json.hpp"
#include "node/inventory/text_json.hpp"

#include <utility>

namespace kieng::inventory {
namespace {

using need = object_reader::need;

// What a kind's document says beyond location, note and lines.
struct form_row {
    bool supplier, reason, reason_needed, money, unit_cost, last_day, lots;
};

form_row form_of(document_kind kind) noexcept
{
    switch (kind) {
    case document_kind::receipt: return {true, false, false, true, true, true, true};
    case document_kind::opening: return {false, false, false, true, true, true, true};
    case document_kind::supplier_return: return {true, true, false, true, true, false, true};
    case document_kind::destruction: return {false, true, false, false, false, false, true};
    case document_kind::transfer: return {false, false, false, false, false, false, true};
    case document_kind::adjustment: return {false, true, true, false, false, true, true};
    case document_kind::count: return {false, true, false, false, false, false, true};
    }
    return {};
}

void read_goods(object_reader& from, document_line& to)
{
    const auto variant = from.uuid("variantId", need::optional);
    const auto product = from.uuid("productId", need::optional);
    const bool names_one = from.has("variantId") || from.has("productId");
    if (!names_one) from.fault("variantId", fault_code::required, "variantId|productId");
    if (variant && product) from.fault("productId", fault_code::duplicate, "variantId|productId");
    to.what.variant_id = variant.value_or("");
    to.what.product_id = product.value_or("");
}

// A code, or an empty text for goods that lie in no lot.
std::optional<std::string> read_lot(object_reader& from)
{
    auto lot = from.text("lot", need::optional, {0, 64, false});
    if (!lot || lot->empty()) return lot;
    if (const auto wrong = catalog::check_code(*lot)) {
        from.fault("lot", wrong->code, wrong->allowed);
        return std::nullopt;
    }
    return lot;
}

document_line read_line(object_reader& from, document_kind kind, const std::string& today)
{
    const auto form = form_of(kind);
    document_line out;
    read_goods(from, out);
    if (kind == document_kind::adjustment) {
        const auto delta =
            from.integer("quantityDelta", need::required, -kMaxQuantity, kMaxQuantity);
        if (delta == 0)
            from.fault("quantityDelta", fault_code::out_of_range,
                       "-1000000000000..1000000000000, not 0");
        out.quantity = delta.value_or(1);
    } else {
        const std::int64_t least = kind == document_kind::count ? 0 : 1;
        out.quantity = from.integer("quantity", need::required, least, kMaxQuantity).value_or(1);
    }
    if (form.unit_cost) out.unit_cost = from.integer("unitCost", need::optional, 0, kMaxMoney);
    if (form.lots) out.lot = read_lot(from);
    if (form.last_day) {
        out.expires_on = read_day(from, "expiresOn");
        if (out.expires_on && !from.has("lot")) from.fault("expiresOn", fault_code::depends, "lot");
        if (out.expires_on && kind == document_kind::receipt && *out.expires_on < today)
            from.fault("expiresOn", fault_code::in_the_past, today + "..");
    }
    return out;
}

void read_lines(object_reader& from, document& to, const std::string& today)
{
    const bool there =
        from.objects("lines", need::required, kMaxDocumentLines, [&](object_reader& line) {
            to.lines.push_back(read_line(line, to.kind, today));
        });
    if (there && to.lines.empty())
        from.fault("lines", fault_code::too_few, "1.." + std::to_string(kMaxDocumentLines));
}

void read_places(object_reader& from, document& to)
{
    const bool transfer = to.kind == document_kind::transfer;
    const char* const name = transfer ? "fromLocationId" : "locationId";
    to.location_id = from.uuid(name, need::optional).value_or("");
    if (!transfer) return;
    to.to_location_id = from.uuid("toLocationId", need::required);
    if (to.to_location_id == to.location_id)
        from.fault("toLocationId", fault_code::duplicate, "not fromLocationId");
}

}  // namespace

std::string shop_day(wall_time at)
{
    // Việt Nam has no summer time.
    return to_iso8601(at + std::chrono::hours(7)).substr(0, 10);
}

result<document> read_document(std::string_view body, document_kind kind, wall_time now)
{
    document out;
    out.kind = kind;
    const auto form = form_of(kind);
    const auto read = read_json_object(body, [&](object_reader& from) {
        read_places(from, out);
        if (form.supplier) out.supplier = read_text(from, "supplier", need::optional, 200);
        if (form.reason)
            out.reason = read_text(from, "reason",
                                   form.reason_needed ? need::required : need::optional, 200);
        out.note = read_text(from, "note", need::optional, 2000, true);
        if (form.money) {
            out.currency = from.text("currency", need::optional, {0, 10, false}).value_or("");
            if (!out.currency.empty()) {
                if (const auto wrong = catalog::check_currency(out.currency))
                    from.fault("currency", wrong->code, wrong->allowed);
            }
        }
        if (kind != document_kind::count) read_lines(from, out, shop_day(now));
    });
    if (!read) return read.error();
    auto cost = total_cost(out.lines);
    if (!cost) return cost.error();
    out.total_cost = *cost;
    return out;
}

result<std::vector<document_line>> read_count_lines(std::string_view body, wall_time now)
{
    document out;
    out.kind = document_kind::count;
    // A counter's own clock may be a little ahead.
    const auto latest = now + std::chrono::minutes(1);
    const auto read = read_json_object(body, [&](object_reader& from) {
        const auto read_one = [&](object_reader& line) {
            auto one = read_line(line, out.kind, {});
            one.counted_at = line.time("countedAt", need::optional);
            if (one.counted_at && *one.counted_at > latest)
                line.fault("countedAt", fault_code::out_of_range, ".." + to_wire_time(now));
            out.lines.push_back(std::move(one));
        };
        const bool there = from.objects("lines", need::required, kMaxDocumentLines, read_one);
        if (there && out.lines.empty())
            from.fault("lines", fault_code::too_few, "1.." + std::to_string(kMaxDocumentLines));
    });
    if (!read) return read.error();
    return std::move(out.lines);
}

}  // namespace kieng::inventory

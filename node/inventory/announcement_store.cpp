#include "base/json_text.hpp"
#include "node/inventory/row.hpp"
#include "node/inventory/stock_announcement.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>
#include <set>

namespace kieng::inventory {
namespace {

constexpr store::statement kNow{"stock_now", R"sql(
    SELECT s.*, l.product_id, l.sku, l.name FROM stock s LEFT JOIN variant_labels l USING (variant_id)
     WHERE s.variant_id = ANY ($1::uuid[]) ORDER BY s.variant_id, s.location_id)sql"};

template <class Row>
stock_line line_of(const Row& row)
{
    stock_line out;
    out.what = goods_of(row);
    out.location_id = text_of(row, "location_id");
    out.quantity = number_of(row, "quantity");
    out.reserved = number_of(row, "reserved");
    out.expired = number_of(row, "expired");
    out.rules = rules_of(row);
    return out;
}

void append_names(std::string& out, const stock_line& of)
{
    out += R"("variantId":")" + of.what.variant_id + R"(","productId":)";
    append_text_or_null(out, of.what.product_id);
    out += R"(,"locationId":")" + of.location_id + '"';
}

void append_item(std::string& out, const stock_line& of)
{
    out += '{';
    append_names(out, of);
    out += R"(,"quantity":)";
    append_number(out, of.quantity);
    out += R"(,"reserved":)";
    append_number(out, of.reserved);
    out += R"(,"available":)";
    append_number(out, of.available());
    out += '}';
}

std::string low_data(const stock_line& of)
{
    std::string out = R"({"topic":"inventory",)";
    append_names(out, of);
    out += R"(,"sku":)";
    append_text_or_null(out, of.what.sku);
    out += R"(,"name":)";
    append_text_or_null(out, of.what.name);
    out += R"(,"available":)";
    append_number(out, of.available());
    out += R"(,"threshold":)";
    append_number(out, of.rules.low_stock_threshold);
    return out + "}";
}

std::vector<std::string> tags_of(const std::vector<stock_line>& lines)
{
    std::set<std::string> out{"list:stock"};
    for (const auto& line : lines) {
        out.insert("stock:" + line.what.variant_id);
        if (!line.what.product_id.empty()) out.insert("product:" + line.what.product_id);
    }
    return {out.begin(), out.end()};
}

}  // namespace

void announce_stock(store::tx& on, const std::vector<std::string>& variants, std::string_view why,
                    const std::string& reference)
{
    if (variants.empty()) return;
    std::vector<stock_line> lines;
    for (const auto& row : on.exec(kNow, store::array_literal(variants)))
        lines.push_back(line_of(row));
    store::event what;
    what.type = "InventoryUpdatedEvent";
    what.entity = "stock";
    const std::set<std::string> distinct(variants.begin(), variants.end());
    if (distinct.size() == 1) what.entity_id = *distinct.begin();
    what.tags = tags_of(lines);
    what.data = R"({"topic":"inventory","reason":)" + json_string(why) + R"(,"referenceId":)";
    append_text_or_null(what.data, reference);
    what.data += R"(,"items":[)";
    for (const auto& line : lines) {
        if (what.data.back() != '[') what.data += ',';
        append_item(what.data, line);
    }
    what.data += "]}";
    on.announce(std::move(what));
}

void announce_low(store::tx& on, const std::vector<std::pair<std::string, std::string>>& which)
{
    if (which.empty()) return;
    std::vector<std::string> variants;
    for (const auto& [variant, location] : which) variants.push_back(variant);
    for (const auto& row : on.exec(kNow, store::array_literal(variants))) {
        const auto line = line_of(row);
        const std::pair key(line.what.variant_id, line.location_id);
        if (std::find(which.begin(), which.end(), key) == which.end()) continue;
        store::event what;
        what.type = "LowStock";
        what.entity = "stock";
        what.entity_id = line.what.variant_id;
        what.tags = tags_of({line});
        what.data = low_data(line);
        on.announce(std::move(what));
    }
}

void announce_location(store::tx& on, const std::string& id, std::int64_t version)
{
    on.announce({"LocationUpdatedEvent",
                 "location",
                 id,
                 version,
                 {"location:" + id, "list:locations"},
                 R"({"topic":"inventory"})"});
}

}  // namespace kieng::inventory

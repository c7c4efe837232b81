#include "node/inventory/stock_json.hpp"

#include "base/json_reader.hpp"
#include "base/json_text.hpp"
#include "node/inventory/text_json.hpp"

#include <array>

namespace kieng::inventory {
namespace {

using need = object_reader::need;

// ,"name": or, behind a brace, "name":
void append_member(std::string& out, std::string_view name)
{
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
}

void append_text_member(std::string& out, std::string_view name, std::string_view text)
{
    append_member(out, name);
    append_text_or_null(out, text);
}

void append_number_member(std::string& out, std::string_view name, std::int64_t number)
{
    append_member(out, name);
    append_number(out, number);
}

void append_flag_member(std::string& out, std::string_view name, bool flag)
{
    append_member(out, name);
    out += json_bool(flag);
}

void append_time_member(std::string& out, std::string_view name, const std::optional<wall_time>& at)
{
    append_member(out, name);
    if (at)
        append_time(out, *at);
    else
        out += "null";
}

void append_goods(std::string& out, const goods& of)
{
    append_text_member(out, "variantId", of.variant_id);
    append_text_member(out, "productId", of.product_id);
    append_text_member(out, "sku", of.sku);
    append_text_member(out, "name", of.name);
}

void append_rules(std::string& out, const stock_rules& of)
{
    append_number_member(out, "lowStockThreshold", of.low_stock_threshold);
    append_flag_member(out, "trackInventory", of.track_inventory);
    append_flag_member(out, "backorder", of.backorder);
    append_flag_member(out, "lotTracked", of.lot_tracked);
}

void append_counters(std::string& out, const stock_line& of)
{
    append_text_member(out, "locationId", of.location_id);
    append_number_member(out, "quantity", of.quantity);
    append_number_member(out, "reserved", of.reserved);
    append_number_member(out, "expired", of.expired);
    append_number_member(out, "available", of.available());
    append_text_member(out, "level", of.level());
    append_time_member(out, "updatedAt", of.updated_at);
}

void append_lot(std::string& out, const lot_line& of)
{
    append_text_member(out, "locationId", of.location_id);
    append_member(out, "lot");
    append_json_string(out, of.code);
    append_member(out, "expiresOn");
    append_optional(out, of.expires_on);
    append_number_member(out, "quantity", of.quantity);
    append_number_member(out, "reserved", of.reserved);
    append_flag_member(out, "expired", of.expired);
}

void append_item(std::string& out, const stock_line& of)
{
    append_goods(out, of.what);
    append_counters(out, of);
    append_rules(out, of.rules);
}

void append_item(std::string& out, const expiring_lot& of)
{
    append_goods(out, of.what);
    append_lot(out, of.lot);
}

void append_item(std::string& out, const reservation& of)
{
    append_text_member(out, "orderId", of.order_id);
    append_goods(out, of.what);
    append_text_member(out, "locationId", of.location_id);
    append_number_member(out, "quantity", of.quantity);
    append_number_member(out, "returned", of.returned);
    append_text_member(out, "state", name_of(of.state));
    append_time_member(out, "expiresAt", of.expires_at);
    append_time_member(out, "createdAt", of.created_at);
}

void append_movement(std::string& out, const movement& of, bool costs)
{
    append_number_member(out, "id", of.id);
    append_goods(out, of.what);
    append_text_member(out, "locationId", of.location_id);
    append_text_member(out, "kind", name_of(of.kind));
    append_number_member(out, "quantityDelta", of.quantity_delta);
    append_number_member(out, "reservedDelta", of.reserved_delta);
    append_member(out, "orderId");
    append_optional(out, of.order_id);
    append_member(out, "documentId");
    append_optional(out, of.document_id);
    append_member(out, "lot");
    append_optional(out, of.lot);
    append_member(out, "reason");
    append_optional(out, of.reason);
    if (costs) {
        append_member(out, "unitCost");
        append_optional(out, of.unit_cost);
    }
    append_member(out, "actorId");
    append_optional(out, of.actor_id);
    append_text_member(out, "node", of.node);
    append_time_member(out, "at", of.at);
}

template <class Item, class Append>
void append_items(std::string& out, const catalog::page<Item>& of, Append append)
{
    out += R"({"items":[)";
    for (const auto& item : of.items) {
        if (out.back() != '[') out += ',';
        out += '{';
        append(item);
        out += '}';
    }
    catalog::append_end(out, of);
}

std::optional<bool> read_flag(object_reader& from, std::string_view name)
{
    if (from.is_null(name)) from.fault(name, fault_code::not_null);
    return from.boolean(name, need::optional);
}

}  // namespace

result<rules_change> read_rules(std::string_view body)
{
    rules_change out;
    bool any = false;
    const auto read = read_json_object(body, [&](object_reader& from) {
        if (from.is_null("lowStockThreshold"))
            from.fault("lowStockThreshold", fault_code::not_null);
        out.low_stock_threshold =
            from.integer("lowStockThreshold", need::optional, 0, kMaxQuantity);
        out.track_inventory = read_flag(from, "trackInventory");
        out.backorder = read_flag(from, "backorder");
        out.lot_tracked = read_flag(from, "lotTracked");
        out.version = read_version(from);
        constexpr std::array members{"lowStockThreshold", "trackInventory", "backorder",
                                     "lotTracked", "version"};
        for (const char* name : members) any = any || from.has(name);
    });
    if (!read) return read.error();
    if (!any) return invalid("", fault_code::too_few, "at least 1 member");
    return out;
}

void append_card(std::string& out, const stock_card& of)
{
    out += '{';
    append_goods(out, of.what);
    append_rules(out, of.rules);
    append_number_member(out, "version", of.version);
    out += R"(,"locations":[)";
    for (const auto& place : of.places) {
        if (out.back() != '[') out += ',';
        out += '{';
        append_counters(out, place);
        out += '}';
    }
    out += R"(],"lots":[)";
    for (const auto& lot : of.lots) {
        if (out.back() != '[') out += ',';
        out += '{';
        append_lot(out, lot);
        out += '}';
    }
    out += "]}";
}

void append_page(std::string& out, const catalog::page<stock_line>& of)
{
    append_items(out, of, [&](const stock_line& item) { append_item(out, item); });
}

void append_page(std::string& out, const catalog::page<movement>& of, bool costs)
{
    append_items(out, of, [&](const movement& item) { append_movement(out, item, costs); });
}

void append_page(std::string& out, const catalog::page<expiring_lot>& of)
{
    append_items(out, of, [&](const expiring_lot& item) { append_item(out, item); });
}

void append_page(std::string& out, const catalog::page<reservation>& of)
{
    append_items(out, of, [&](const reservation& item) { append_item(out, item); });
}

}  // namespace kieng::inventory

#include "node/orders/order_announcement.hpp"

#include "base/json_text.hpp"

#include <set>

namespace kieng::orders {
namespace {

std::vector<std::string> tags_of(const order& of)
{
    std::vector<std::string> out{"order:" + of.id, "list:orders"};
    // Whose it is decides who may see the event.
    if (!of.customer_id.empty()) out.push_back("user:" + of.customer_id);
    return out;
}

// What every event of an order says.
std::string data_of(const order& of, std::string_view topic)
{
    std::string out = R"({"topic":)" + json_string(topic) + R"(,"orderId":)" + json_string(of.id) +
                      R"(,"number":)" + json_string(of.number) + R"(,"userId":)";
    append_text_or_null(out, of.customer_id);
    out += R"(,"status":)" + json_string(name_of(of.at));
    out += R"(,"channel":)" + json_string(name_of(of.through));
    out += R"(,"paymentMethod":)" + json_string(name_of(of.method));
    out += R"(,"totalAmount":)";
    append_number(out, of.total);
    out += R"(,"currency":)" + json_string(of.currency);
    out += R"(,"timestamp":)" + json_time(of.updated_at);
    return out;
}

void append_items(std::string& out, const order& of)
{
    out += R"(,"items":[)";
    for (const auto& line : of.lines) {
        if (out.back() != '[') out += ',';
        out += R"({"productId":)" + json_string(line.product_id) + R"(,"variantId":)" +
               json_string(line.variant_id) + R"(,"quantity":)";
        append_number(out, line.quantity);
        out += R"(,"price":)";
        append_number(out, line.unit_price);
        out += '}';
    }
    out += ']';
}

void add_goods_tags(std::vector<std::string>& tags, const order& of)
{
    std::set<std::string> goods{"list:stock"};
    for (const auto& line : of.lines) {
        goods.insert("stock:" + line.variant_id);
        goods.insert("product:" + line.product_id);
    }
    tags.insert(tags.end(), goods.begin(), goods.end());
}

store::event event_of(const char* type, const order& of, std::string data)
{
    return {type, "order", of.id, of.version, tags_of(of), std::move(data)};
}

const char* type_of(const order& of, std::optional<status> from)
{
    if (from && of.at == status::confirmed) return "OrderConfirmedEvent";
    if (from && of.at == status::cancelled) return "OrderCancelledEvent";
    return "OrderUpdatedEvent";
}

}  // namespace

store::event placed_event(const order& of)
{
    std::string data = data_of(of, "orders");
    data += R"(,"expiresAt":)";
    data += of.expires_at ? json_time(*of.expires_at) : "null";
    append_items(data, of);
    auto out = event_of("OrderPlacedEvent", of, data + "}");
    add_goods_tags(out.tags, of);
    return out;
}

std::vector<store::event> low_events(const placed_order& of)
{
    std::vector<store::event> out;
    for (const auto& low : of.low) {
        std::string data = R"({"topic":"inventory","variantId":)" + json_string(low.variant_id) +
                           R"(,"productId":)" + json_string(low.product_id) + R"(,"locationId":)";
        append_text_or_null(data, of.what.location_id);
        for (const auto& line : of.what.lines) {
            if (line.variant_id != low.variant_id) continue;
            data += R"(,"sku":)" + json_string(line.sku) + R"(,"name":)" + json_string(line.name);
            break;
        }
        data += R"(,"available":)";
        append_number(data, low.available);
        data += R"(,"threshold":)";
        append_number(data, low.threshold);
        out.push_back({"LowStock",
                       "stock",
                       low.variant_id,
                       0,
                       {"list:stock", "stock:" + low.variant_id, "product:" + low.product_id},
                       data + "}"});
    }
    return out;
}

store::event step_event(const order& of, std::optional<status> from)
{
    std::string data = data_of(of, "orders");
    data += R"(,"from":)";
    append_text_or_null(data, from ? name_of(*from) : std::string_view());
    data += R"(,"paymentStatus":)" + json_string(name_of(of.payment));
    data += R"(,"fulfillmentStatus":)" + json_string(name_of(of.fulfillment));
    data += R"(,"reason":)" + json_text(of.reason);
    data += R"(,"refundDue":)";
    append_number(data, of.refund_due);
    return event_of(type_of(of, from), of, data + "}");
}

store::event shipment_event(const order& of, const std::optional<std::string>& carrier,
                            const std::optional<std::string>& tracking_number)
{
    std::string data = data_of(of, "orders");
    data += R"(,"carrier":)" + json_text(carrier);
    data += R"(,"trackingNumber":)" + json_text(tracking_number);
    return event_of("ShipmentUpdated", of, data + "}");
}

store::event refund_event(const order& of, std::int64_t amount,
                          const std::optional<std::string>& reason)
{
    std::string data = data_of(of, "orders");
    data += R"(,"amount":)";
    append_number(data, amount);
    data += R"(,"refundDue":)";
    append_number(data, of.refund_due);
    data += R"(,"reason":)" + json_text(reason);
    return event_of("OrderRefundRequestedEvent", of, data + "}");
}

}  // namespace kieng::orders

#include "base/json_text.hpp"
#include "node/orders/order_json.hpp"

namespace kieng::orders {
namespace {

void member(std::string& out, std::string_view name)
{
    out += ",\"";
    out += name;
    out += "\":";
}

void text_member(std::string& out, std::string_view name, std::string_view text)
{
    member(out, name);
    append_json_string(out, text);
}

void number_member(std::string& out, std::string_view name, std::int64_t value)
{
    member(out, name);
    append_number(out, value);
}

void json_member(std::string& out, std::string_view name, const std::optional<std::string>& json)
{
    member(out, name);
    out += json ? *json : "null";
}

void time_member(std::string& out, std::string_view name, const std::optional<wall_time>& at)
{
    member(out, name);
    if (at)
        append_time(out, *at);
    else
        out += "null";
}

void append_line(std::string& out, const order_line& line, const std::string* product)
{
    out += "{\"line\":";
    append_number(out, line.line);
    text_member(out, "productId", line.product_id);
    text_member(out, "variantId", line.variant_id);
    text_member(out, "sku", line.sku);
    text_member(out, "name", line.name);
    json_member(out, "attributes", line.attributes);
    member(out, "image");
    append_optional(out, line.image);
    number_member(out, "quantity", line.quantity);
    number_member(out, "unitPrice", line.unit_price);
    number_member(out, "priceVersion", line.price_version);
    number_member(out, "total", line.unit_price * line.quantity);  // part of a total that fits
    number_member(out, "returned", line.returned);
    member(out, "offlinePrice");
    out += json_bool(line.offline_price);
    if (product) {
        member(out, "product");
        out += *product;
    }
    out += '}';
}

void append_head(std::string& out, const order& what)
{
    out += "{\"id\":";
    append_json_string(out, what.id);
    text_member(out, "number", what.number);
    text_member(out, "status", name_of(what.at));
    text_member(out, "channel", name_of(what.through));
    text_member(out, "currency", what.currency);
    number_member(out, "total", what.total);
    number_member(out, "paid", what.paid);
    number_member(out, "refunded", what.refunded);
    number_member(out, "refundDue", what.refund_due);
    text_member(out, "paymentMethod", name_of(what.method));
    text_member(out, "paymentStatus", name_of(what.payment));
    text_member(out, "fulfillmentStatus", name_of(what.fulfillment));
    member(out, "customerId");
    append_text_or_null(out, what.customer_id);
    json_member(out, "customer", what.customer);
    json_member(out, "shippingAddress", what.shipping_address);
    member(out, "note");
    append_optional(out, what.note);
    member(out, "reason");
    append_optional(out, what.reason);
    time_member(out, "expiresAt", what.expires_at);
    time_member(out, "deliveredAt", what.delivered_at);
    time_member(out, "soldAt", what.sold_at);
    time_member(out, "createdAt", what.created_at);
    time_member(out, "updatedAt", what.updated_at);
    number_member(out, "rowVersion", what.version);
}

void append_lines(std::string& out, const order& what, const std::vector<std::string>* products)
{
    member(out, "items");
    out += '[';
    for (std::size_t i = 0; i < what.lines.size(); ++i) {
        if (i > 0) out += ',';
        const bool has = products && i < products->size();
        append_line(out, what.lines[i], has ? &(*products)[i] : nullptr);
    }
    out += ']';
}

void append_history(std::string& out, const std::vector<history_entry>& entries)
{
    member(out, "history");
    out += '[';
    for (const auto& one : entries) {
        if (out.back() != '[') out += ',';
        out += "{\"from\":";
        if (one.from)
            append_json_string(out, name_of(*one.from));
        else
            out += "null";
        text_member(out, "to", name_of(one.to));
        member(out, "actor");
        append_optional(out, one.actor);
        text_member(out, "node", one.node);
        member(out, "reason");
        append_optional(out, one.reason);
        time_member(out, "at", one.at);
        out += '}';
    }
    out += ']';
}

std::string named(const order& what)
{
    std::string out = "{\"orderId\":";
    append_json_string(out, what.id);
    text_member(out, "number", what.number);
    text_member(out, "status", name_of(what.at));
    text_member(out, "statusUrl", "/orders/" + what.id + "/status");
    return out;
}

}  // namespace

void append_order(std::string& out, const order& what)
{
    append_head(out, what);
    append_lines(out, what, nullptr);
    out += '}';
}

void append_order(std::string& out, const shown_order& what)
{
    append_head(out, what.what);
    append_lines(out, what.what, what.products.empty() ? nullptr : &what.products);
    if (what.payments) json_member(out, "payments", what.payments);
    if (!what.history.empty()) append_history(out, what.history);
    out += '}';
}

void append_page(std::string& out, const std::vector<order>& items,
                 const std::optional<std::string>& next)
{
    out += "{\"items\":[";
    for (const auto& one : items) {
        if (out.back() != '[') out += ',';
        append_head(out, one);
        out += '}';
    }
    out += ']';
    if (next) text_member(out, "nextCursor", *next);
    out += '}';
}

void append_status(std::string& out, const order& what)
{
    out += "{\"orderId\":";
    append_json_string(out, what.id);
    text_member(out, "number", what.number);
    text_member(out, "status", name_of(what.at));
    text_member(out, "paymentStatus", name_of(what.payment));
    text_member(out, "fulfillmentStatus", name_of(what.fulfillment));
    member(out, "reason");
    append_optional(out, what.reason);
    time_member(out, "expiresAt", what.expires_at);
    time_member(out, "updatedAt", what.updated_at);
    number_member(out, "rowVersion", what.version);
    member(out, "next");
    std::vector<std::string_view> next;
    for (const status to : next_of(what.at)) next.push_back(name_of(to));
    append_texts(out, next);
    out += '}';
}

std::string placed_body(const order& what)
{
    std::string out = named(what);
    member(out, "order");
    append_order(out, what);
    return out + '}';
}

std::string sold_body(const order& what, std::string_view payments, std::int64_t change)
{
    std::string out = named(what);
    number_member(out, "change", change);
    member(out, "payments");
    out += payments;
    member(out, "order");
    append_order(out, what);
    return out + '}';
}

}  // namespace kieng::orders

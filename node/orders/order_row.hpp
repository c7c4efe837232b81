// From rows to orders and lines. Included by *_store.cpp files only.
#pragma once

#include "node/orders/order.hpp"
#include "node/orders/row.hpp"

namespace kieng::orders {

// All columns of orders.
template <class Row>
order order_of(const Row& row)
{
    order out;
    out.id = text_of(row, "id");
    out.number = text_of(row, "number");
    out.at = enum_of<status>(row, "status");
    out.through = enum_of<channel>(row, "channel");
    out.method = enum_of<payment_method>(row, "payment_method");
    out.payment = enum_of<payment_status>(row, "payment_status");
    out.fulfillment = enum_of<fulfillment_status>(row, "fulfillment_status");
    out.currency = text_of(row, "currency");
    out.total = number_of(row, "total");
    out.paid = number_of(row, "paid");
    out.refunded = number_of(row, "refunded");
    out.refund_due = number_of(row, "refund_due");
    out.version = number_of(row, "version");
    out.location_id = text_of(row, "location_id");
    out.customer_id = text_of(row, "customer_id");
    out.guest_id = text_of(row, "guest_id");
    out.customer = optional_text_of(row, "customer");
    out.shipping_address = optional_text_of(row, "shipping_address");
    out.note = optional_text_of(row, "note");
    out.reason = optional_text_of(row, "reason");
    out.created_at = time_of(row, "created_at");
    out.updated_at = time_of(row, "updated_at");
    out.expires_at = optional_time_of(row, "expires_at");
    out.delivered_at = optional_time_of(row, "delivered_at");
    out.sold_at = optional_time_of(row, "sold_at");
    return out;
}

// All columns of order_lines but the order's id.
template <class Row>
order_line line_of(const Row& row)
{
    order_line out;
    out.line = small_of(row, "line");
    out.product_id = text_of(row, "product_id");
    out.variant_id = text_of(row, "variant_id");
    out.sku = text_of(row, "sku");
    out.name = text_of(row, "name");
    out.image = optional_text_of(row, "image");
    out.attributes = text_of(row, "attributes");
    out.quantity = number_of(row, "quantity");
    out.unit_price = number_of(row, "unit_price");
    out.price_version = number_of(row, "price_version");
    out.returned = number_of(row, "returned");
    out.offline_price = flag_of(row, "offline_price");
    return out;
}

}  // namespace kieng::orders

#include "base/json_text.hpp"
#include "node/inventory/document_json.hpp"

namespace kieng::inventory {
namespace {

void append_member(std::string& out, std::string_view name)
{
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
}

void append_line(std::string& out, const document_line& line, document_kind kind, bool costs)
{
    out += '{';
    append_member(out, "variantId");
    append_json_string(out, line.what.variant_id);
    append_member(out, "productId");
    append_text_or_null(out, line.what.product_id);
    append_member(out, "sku");
    append_text_or_null(out, line.what.sku);
    append_member(out, "name");
    append_text_or_null(out, line.what.name);
    append_member(out, kind == document_kind::adjustment ? "quantityDelta" : "quantity");
    append_number(out, line.quantity);
    append_member(out, "lot");
    append_optional(out, line.lot);
    if (line.expires_on) {
        append_member(out, "expiresOn");
        append_json_string(out, *line.expires_on);
    }
    if (costs && line.unit_cost) {
        append_member(out, "unitCost");
        append_number(out, *line.unit_cost);
    }
    if (line.counted_at) {
        append_member(out, "countedAt");
        append_time(out, *line.counted_at);
    }
    if (line.expected) {
        append_member(out, "expected");
        append_number(out, *line.expected);
        append_member(out, "difference");
        append_number(out, line.quantity - *line.expected);
    }
    out += '}';
}

void append_head(std::string& out, const document& of, bool costs)
{
    append_member(out, "id");
    append_json_string(out, of.id);
    append_member(out, "number");
    append_json_string(out, of.number);
    append_member(out, "kind");
    append_json_string(out, name_of(of.kind));
    append_member(out, "status");
    append_json_string(out, name_of(of.status));
    append_member(out, "locationId");
    append_json_string(out, of.location_id);
    append_member(out, "toLocationId");
    append_optional(out, of.to_location_id);
    append_member(out, "supplier");
    append_optional(out, of.supplier);
    append_member(out, "reason");
    append_optional(out, of.reason);
    append_member(out, "note");
    append_optional(out, of.note);
    append_member(out, "currency");
    append_json_string(out, of.currency);
    if (costs) {
        append_member(out, "totalCost");
        append_optional(out, of.total_cost);
    }
    append_member(out, "version");
    append_number(out, of.version);
    append_member(out, "createdAt");
    append_time(out, of.created_at);
    append_member(out, "createdBy");
    append_optional(out, of.created_by);
    append_member(out, "updatedAt");
    append_time(out, of.updated_at);
    append_member(out, "updatedBy");
    append_optional(out, of.updated_by);
    append_member(out, "node");
    append_json_string(out, of.node);
}

}  // namespace

void append_document(std::string& out, const document& of, bool costs)
{
    out += '{';
    append_head(out, of, costs);
    out += R"(,"lines":[)";
    for (const auto& line : of.lines) {
        if (out.back() != '[') out += ',';
        append_line(out, line, of.kind, costs);
    }
    out += "]}";
}

void append_documents(std::string& out, const catalog::page<document>& of, bool costs)
{
    out += R"({"items":[)";
    for (const auto& one : of.items) {
        if (out.back() != '[') out += ',';
        out += '{';
        append_head(out, one, costs);
        out += '}';
    }
    catalog::append_end(out, of);
}

}  // namespace kieng::inventory

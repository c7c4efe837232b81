#include "node/inventory/list_query.hpp"

#include "base/ids.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_query.hpp"
#include "node/identity/route_tools.hpp"
#include "node/inventory/text_json.hpp"

#include <charconv>

namespace kieng::inventory {
namespace {

using http::query_reader;
using http::request;

// What tells one query from another: a cursor belongs to one.
class mark {
public:
    explicit mark(std::string_view list) : text_(list) {}
    mark& operator<<(const std::optional<std::string>& value)
    {
        text_ += ';';
        text_ += value.value_or("");
        return *this;
    }
    mark& operator<<(std::int64_t number) { return *this << std::optional(std::to_string(number)); }
    mark& operator<<(const std::optional<wall_time>& at)
    {
        return *this << (at ? std::optional(to_iso8601(*at)) : std::nullopt);
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

std::string mark_of(const stock_query& q)
{
    return (mark("stock") << q.product_id << q.variant_id << q.location_id << q.q
                          << static_cast<std::int64_t>(q.at_least))
        .text();
}

std::string mark_of(const movement_query& q)
{
    return (mark("movements") << q.product_id << q.variant_id << q.location_id
                              << static_cast<std::int64_t>(q.kind ? static_cast<int>(*q.kind) : 0)
                              << q.from << q.to)
        .text();
}

std::string mark_of(const lot_query& q)
{
    return (mark("lots") << q.location_id << q.days).text();
}

std::string mark_of(const reservation_query& q)
{
    return (mark("reservations") << q.order_id << q.variant_id << q.location_id).text();
}

std::string mark_of(const document_query& q)
{
    return (mark("documents") << static_cast<std::int64_t>(q.kind ? static_cast<int>(*q.kind) : 0)
                              << static_cast<std::int64_t>(q.status ? static_cast<int>(*q.status)
                                                                    : 0)
                              << q.location_id << q.number << q.from << q.to)
        .text();
}

// The parts of a place: texts between semicolons.
result<std::vector<std::string>> parts_of(const std::string& cursor, const std::string& query,
                                          std::size_t count)
{
    const auto place = catalog::decode_place(cursor, query);
    if (!place) return place.error();
    std::vector<std::string> out(1);
    for (const char c : *place) {
        if (c == ';')
            out.emplace_back();
        else
            out.back() += c;
    }
    if (out.size() != count) return failure(errc::cursor_invalid);
    return out;
}

// Cursors come from outside: what is no id or number never reaches PostgreSQL.
bool are_ids(const std::string& a, const std::string& b)
{
    return parse_uuid(a).has_value() && parse_uuid(b).has_value();
}

std::optional<std::int64_t> number_in(const std::string& text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::optional<wall_time> time_in(const std::string& text)
{
    constexpr std::int64_t latest = 253'402'300'799'999'999;  // year 9999
    const auto us = number_in(text);
    if (!us || *us > latest) return std::nullopt;
    return wall_time(std::chrono::microseconds(*us));
}

std::string micros(wall_time at)
{
    return std::to_string(at.time_since_epoch().count());
}

std::optional<wall_time> read_time(query_reader& in, std::string_view name)
{
    const auto text = in.text(name, 40);
    if (!text) return std::nullopt;
    const auto at = from_iso8601(*text);
    if (!at) in.fault(name, fault_code::bad_format, "2026-11-21T00:00:00Z");
    return at;
}

struct paging {
    int limit = 20;
    std::optional<std::string> cursor;
};

paging read_paging(query_reader& in)
{
    paging out;
    out.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
    out.cursor = in.text("cursor", 2048);
    return out;
}

result<stock_query> read_levels(const request& from, bool asks_how_short)
{
    stock_query out;
    paging page;
    const auto read = identity::read_query(from, [&](query_reader& in) {
        out.product_id = in.uuid("productId");
        out.variant_id = in.uuid("variantId");
        if (out.product_id && out.variant_id)
            in.fault("productId", fault_code::duplicate, "productId|variantId");
        out.location_id = in.uuid("locationId");
        out.q = in.text("q");
        if (out.q && catalog::trim(*out.q).empty()) in.fault("q", fault_code::too_short, "1..200");
        if (asks_how_short) {
            if (in.boolean("low").value_or(false)) out.at_least = shortness::low;
            if (in.boolean("out").value_or(false)) out.at_least = shortness::out;
        } else {
            out.at_least = shortness::low;
        }
        page = read_paging(in);
    });
    if (!read) return read.error();
    out.limit = page.limit;
    if (!page.cursor) return out;
    const auto at = parts_of(*page.cursor, mark_of(out), 2);
    if (!at) return at.error();
    if (!are_ids((*at)[0], (*at)[1])) return failure(errc::cursor_invalid);
    out.after_variant = (*at)[0];
    out.after_location = (*at)[1];
    return out;
}

}  // namespace

result<stock_query> read_stock_query(const request& from)
{
    return read_levels(from, true);
}

result<stock_query> read_low_query(const request& from)
{
    return read_levels(from, false);
}

result<movement_query> read_movement_query(const request& from)
{
    movement_query out;
    paging page;
    const auto read = identity::read_query(from, [&](query_reader& in) {
        out.product_id = in.uuid("productId");
        out.variant_id = in.uuid("variantId");
        if (out.product_id && out.variant_id)
            in.fault("productId", fault_code::duplicate, "productId|variantId");
        out.location_id = in.uuid("locationId");
        if (const auto kind = in.choice("kind", movement_kind_names()))
            out.kind = movement_kind_named(*kind);
        out.from = read_time(in, "from");
        out.to = read_time(in, "to");
        page = read_paging(in);
    });
    if (!read) return read.error();
    out.limit = page.limit;
    if (!page.cursor) return out;
    const auto at = parts_of(*page.cursor, mark_of(out), 2);
    if (!at) return at.error();
    out.before_at = time_in((*at)[0]);
    const auto id = number_in((*at)[1]);
    if (!out.before_at || !id) return failure(errc::cursor_invalid);
    out.before_id = *id;
    return out;
}

result<lot_query> read_lot_query(const request& from)
{
    lot_query out;
    paging page;
    const auto read = identity::read_query(from, [&](query_reader& in) {
        out.location_id = in.uuid("locationId");
        out.days = static_cast<int>(in.integer("days", 0, 3650).value_or(30));
        page = read_paging(in);
    });
    if (!read) return read.error();
    out.limit = page.limit;
    if (!page.cursor) return out;
    const auto at = parts_of(*page.cursor, mark_of(out), 2);
    if (!at) return at.error();
    if (!is_day((*at)[0]) || !parse_uuid((*at)[1])) return failure(errc::cursor_invalid);
    out.after_day = (*at)[0];
    out.after_id = (*at)[1];
    return out;
}

result<reservation_query> read_reservation_query(const request& from)
{
    reservation_query out;
    paging page;
    const auto read = identity::read_query(from, [&](query_reader& in) {
        out.order_id = in.uuid("orderId");
        out.variant_id = in.uuid("variantId");
        if (out.order_id && out.variant_id)
            in.fault("orderId", fault_code::duplicate, "orderId|variantId");
        out.location_id = in.uuid("locationId");
        page = read_paging(in);
    });
    if (!read) return read.error();
    out.limit = page.limit;
    if (!page.cursor) return out;
    const auto at = parts_of(*page.cursor, mark_of(out), 3);
    if (!at) return at.error();
    if (!(*at)[0].empty()) {
        out.after_time = time_in((*at)[0]);
        if (!out.after_time) return failure(errc::cursor_invalid);
    }
    if (!are_ids((*at)[1], (*at)[2])) return failure(errc::cursor_invalid);
    out.after_order = (*at)[1];
    out.after_variant = (*at)[2];
    return out;
}

result<document_query> read_document_query(const request& from)
{
    document_query out;
    paging page;
    const auto read = identity::read_query(from, [&](query_reader& in) {
        if (const auto kind = in.choice("kind", document_kind_names()))
            out.kind = document_kind_named(*kind);
        if (const auto status = in.choice("status", {"open", "done", "cancelled"}))
            out.status = document_status_named(*status);
        out.location_id = in.uuid("locationId");
        out.number = in.text("number", 40);
        out.from = read_time(in, "from");
        out.to = read_time(in, "to");
        page = read_paging(in);
    });
    if (!read) return read.error();
    out.limit = page.limit;
    if (!page.cursor) return out;
    const auto at = parts_of(*page.cursor, mark_of(out), 1);
    if (!at) return at.error();
    if (!parse_uuid(at->front())) return failure(errc::cursor_invalid);
    out.before = at->front();
    return out;
}

std::string cursor_behind(const stock_line& last, const stock_query& of)
{
    return catalog::encode_place(last.what.variant_id + ";" + last.location_id, mark_of(of));
}

std::string cursor_behind(const movement& last, const movement_query& of)
{
    return catalog::encode_place(micros(last.at) + ";" + std::to_string(last.id), mark_of(of));
}

std::string cursor_behind(const expiring_lot& last, const lot_query& of)
{
    return catalog::encode_place(last.lot.expires_on.value_or("") + ";" + last.lot.id, mark_of(of));
}

std::string cursor_behind(const reservation& last, const reservation_query& of)
{
    const auto at = last.expires_at ? micros(*last.expires_at) : std::string();
    return catalog::encode_place(at + ";" + last.order_id + ";" + last.what.variant_id,
                                 mark_of(of));
}

std::string cursor_behind(const document& last, const document_query& of)
{
    return catalog::encode_place(last.id, mark_of(of));
}

}  // namespace kieng::inventory

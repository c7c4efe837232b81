#include "node/catalog/pg_text.hpp"
#include "node/orders/order_placing.hpp"
#include "node/orders/placing_failures.hpp"
#include "node/orders/row.hpp"
#include "node/platform/store/tx.hpp"

#include <map>
#include <set>

namespace kieng::orders {
namespace {

using catalog::array_text;

constexpr store::statement kPlace{"orders_place", R"sql(
    SELECT * FROM place_orders($1::uuid[], $2::smallint[], $3::smallint[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::bigint[],
                               $10::jsonb[], $11::jsonb[], $12::text[], $13::int[], $14::timestamptz[], $15::boolean[], $16::int[], $17::uuid[],
                               $18::uuid[], $19::bigint[], $20::bigint[], $21::bigint[],
                               '01900000-0000-7000-8000-000000000001', $22))sql"};
constexpr store::statement kFind{"orders_find_goods", R"sql(
    SELECT variant_id, added FROM stock_found($1::uuid, $2::uuid[], $3::bigint[], '01900000-0000-7000-8000-000000000001', $4::uuid, $5))sql"};

// The numbers that place_orders answers with.
enum class outcome : std::uint8_t {
    placed = 1,
    price_changed,
    unavailable,
    insufficient,
    currency_mixed,
    overflow,
    known,
    low,
};

// One column per parameter of place_orders.
struct columns {
    array_text ids, channels, methods, customers, guests, actors, principals, keys, hashes,
        contacts, addresses, notes, holds, sold, offline;
    array_text order, products, variants, quantities, prices, versions;
};

void add_line(columns& to, std::size_t order, const wanted_line& line)
{
    to.order.add(static_cast<std::int64_t>(order));
    to.products.add_or_null(line.product_id);
    to.variants.add_or_null(line.variant_id);
    to.quantities.add(line.quantity);
    to.prices.add(line.expected_price);
    to.versions.add(line.price_version);
}

void add_order(columns& to, const order_draft& draft)
{
    to.ids.add(draft.id);
    to.channels.add(static_cast<std::int64_t>(draft.through));
    to.methods.add(static_cast<std::int64_t>(draft.what.method));
    to.customers.add_or_null(draft.customer_id);
    to.guests.add_or_null(draft.guest_id);
    to.actors.add_or_null(draft.actor);
    to.principals.add(draft.principal);
    to.keys.add(draft.key);
    to.hashes.add(draft.request_hash);
    to.contacts.add(draft.what.customer);
    to.addresses.add(draft.what.shipping_address);
    to.notes.add(draft.what.note);
    if (draft.finished)
        to.holds.add_null();
    else
        to.holds.add(hold_of(draft.what.method).count());
    if (draft.what.sold_at)
        to.sold.add(to_iso8601(*draft.what.sold_at));
    else
        to.sold.add_null();
    to.offline.add(std::string_view(draft.what.offline ? "t" : "f"));
}

pqxx::result ask(store::tx& on, std::span<const order_draft* const> drafts, const std::string& node)
{
    columns c;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        add_order(c, *drafts[i]);
        for (const auto& line : drafts[i]->what.lines) add_line(c, i + 1, line);
    }
    return on.exec(kPlace, c.ids.text(), c.channels.text(), c.methods.text(), c.customers.text(),
                   c.guests.text(), c.actors.text(), c.principals.text(), c.keys.text(),
                   c.hashes.text(), c.contacts.text(), c.addresses.text(), c.notes.text(),
                   c.holds.text(), c.sold.text(), c.offline.text(), c.order.text(),
                   c.products.text(), c.variants.text(), c.quantities.text(), c.prices.text(),
                   c.versions.text(), node);
}

// What the rows of one order say.
struct gathered {
    std::optional<placed_order> placed;
    std::optional<known_order> known;
    std::optional<errc> other;
    std::vector<changed_price> changed;
    std::vector<missing_line> missing;
    std::vector<short_line> shorts;
};

template <class Row>
order head_of(const Row& row, const order_draft& draft)
{
    order out;
    out.id = draft.id;
    out.number = text_of(row, "number");
    out.at = draft.finished ? status::delivered : status::pending;
    out.through = draft.through;
    out.method = draft.what.method;
    out.fulfillment =
        draft.finished ? fulfillment_status::delivered : fulfillment_status::unfulfilled;
    out.currency = text_of(row, "currency");
    out.total = number_of(row, "total");
    out.paid = draft.finished ? out.total : 0;
    out.payment = draft.finished ? payment_status::paid : payment_of(out);
    out.customer_id = draft.customer_id;
    out.guest_id = draft.guest_id;
    out.customer = draft.what.customer;
    out.shipping_address = draft.what.shipping_address;
    out.note = draft.what.note;
    out.created_at = out.updated_at = time_of(row, "placed_at");
    out.expires_at = optional_time_of(row, "expires_at");
    out.sold_at = draft.what.sold_at;
    if (draft.finished) out.delivered_at = out.created_at;
    return out;
}

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
    out.unit_price = number_of(row, "price");
    out.price_version = number_of(row, "price_version");
    out.offline_price = flag_of(row, "offline_price");
    return out;
}

template <class Row>
void read_row(const Row& row, outcome what, const order_draft& draft, gathered& to)
{
    switch (what) {
    case outcome::placed:
        if (!to.placed) to.placed = placed_order{head_of(row, draft), {}};
        to.placed->what.lines.push_back(line_of(row));
        break;
    case outcome::price_changed: {
        const int line = small_of(row, "line");
        const auto& wanted = draft.what.lines[static_cast<std::size_t>(line - 1)];
        to.changed.push_back({line, text_of(row, "product_id"), text_of(row, "variant_id"),
                              text_of(row, "name"), wanted.expected_price, number_of(row, "price"),
                              wanted.price_version, number_of(row, "price_version")});
        break;
    }
    case outcome::unavailable:
        to.missing.push_back(
            {small_of(row, "line"), text_of(row, "product_id"), text_of(row, "variant_id")});
        break;
    case outcome::insufficient:
        to.shorts.push_back({text_of(row, "product_id"), text_of(row, "variant_id"),
                             text_of(row, "sku"), text_of(row, "name"), number_of(row, "quantity"),
                             number_of(row, "available")});
        break;
    case outcome::currency_mixed: to.other = errc::currency_mixed; break;
    case outcome::overflow: to.other = errc::money_overflow; break;
    case outcome::known:
        to.known = known_order{text_of(row, "order_id"),
                               number_of(row, "price_version") == draft.request_hash};
        break;
    case outcome::low: break;
    }
}

placing_outcome end_of(gathered&& what)
{
    if (what.placed) return *std::move(what.placed);
    if (what.known) return *std::move(what.known);
    if (!what.missing.empty()) return product_unavailable(what.missing);
    if (!what.changed.empty()) return price_changed(what.changed);
    if (!what.shorts.empty()) return insufficient_stock(what.shorts);
    return failure(what.other.value_or(errc::internal_error));
}

// What fell low is told with the first order that took of it.
void tell_low(std::vector<gathered>& all, const std::vector<low_stock>& low)
{
    for (const auto& one : low) {
        for (auto& g : all) {
            if (!g.placed) continue;
            const auto& lines = g.placed->what.lines;
            const bool took = std::any_of(lines.begin(), lines.end(), [&](const order_line& l) {
                return l.variant_id == one.variant_id;
            });
            if (!took) continue;
            g.placed->low.push_back(one);
            break;
        }
    }
}

std::vector<gathered> place_once(store::tx& on, std::span<const order_draft* const> drafts,
                                 const std::string& node)
{
    const auto rows = ask(on, drafts, node);
    std::vector<gathered> out(drafts.size());
    std::vector<low_stock> low;
    for (const auto& row : rows) {
        const auto what = enum_of<outcome>(row, "outcome");
        if (what == outcome::low) {
            low.push_back({text_of(row, "product_id"), text_of(row, "variant_id"),
                           number_of(row, "quantity"), number_of(row, "available")});
            continue;
        }
        const auto index = static_cast<std::size_t>(number_of(row, "ord") - 1);
        read_row(row, what, *drafts[index], out[index]);
    }
    tell_low(out, low);
    return out;
}

// The goods lie in the seller's hand: the book is put right before they are sold.
void find_goods(store::tx& on, const order_draft& draft, const std::vector<short_line>& shorts,
                const std::string& node)
{
    array_text variants, quantities;
    for (const auto& one : shorts) {
        variants.add(one.variant_id);
        quantities.add(one.wanted);
    }
    on.exec(kFind, draft.id, variants.text(), quantities.text(), null_if_empty(draft.actor), node);
}

}  // namespace

std::vector<placing_outcome> place(store::tx& on, std::span<const order_draft* const> drafts,
                                   const std::string& node)
{
    auto all = place_once(on, drafts, node);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (all[i].shorts.empty() || !drafts[i]->beyond_stock) continue;
        find_goods(on, *drafts[i], all[i].shorts, node);
        all[i] = std::move(place_once(on, drafts.subspan(i, 1), node).front());
    }
    std::vector<placing_outcome> out;
    out.reserve(all.size());
    for (auto& one : all) out.push_back(end_of(std::move(one)));
    return out;
}

}  // namespace kieng::orders

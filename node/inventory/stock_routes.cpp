#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/inventory/inventory_routes.hpp"
#include "node/inventory/list_query.hpp"
#include "node/inventory/stock_json.hpp"

namespace kieng::inventory {
namespace {

using http::body_kind;
using http::keyed;
using http::request;
using http::response;
using http::verb;

// What lists of stock show changes with every sale, so that no cache keeps them.
template <class Page, class Query, class Append>
response page_response(result<store::seen<Page>> got, const Query& query, const request& from,
                       Append append)
{
    if (!got) return http::problem(got.error(), from);
    auto& page = got->value;
    if (page.next) page.next = cursor_behind(page.items.back(), query);
    std::string body;
    append(body, page);
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    return out;
}

task<response> show_levels(inventory_service& stock, const request& from,
                           result<stock_query> (*read)(const request&))
{
    const auto query = read(from);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await stock.levels(*query);
    co_return page_response(std::move(got), *query, from,
                            [](std::string& out, const auto& page) { append_page(out, page); });
}

task<response> show_movements(inventory_service& stock, const request& from)
{
    const auto query = read_movement_query(from);
    if (!query) co_return http::problem(query.error(), from);
    const bool costs = from.who.may(identity::stock_write);
    auto got = co_await stock.movements(*query);
    co_return page_response(
        std::move(got), *query, from,
        [costs](std::string& out, const auto& page) { append_page(out, page, costs); });
}

task<response> show_expiring(inventory_service& stock, const request& from)
{
    const auto query = read_lot_query(from);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await stock.expiring(*query);
    co_return page_response(std::move(got), *query, from,
                            [](std::string& out, const auto& page) { append_page(out, page); });
}

task<response> show_reservations(inventory_service& stock, const request& from)
{
    const auto query = read_reservation_query(from);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await stock.reservations(*query);
    co_return page_response(std::move(got), *query, from,
                            [](std::string& out, const auto& page) { append_page(out, page); });
}

task<response> show_card(inventory_service& stock, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const auto got = co_await stock.card(*id);
    if (!got) co_return http::problem(got.error(), from);
    if (!got->value) {
        const failure nothing(errc::not_found);
        co_return http::problem(nothing, from);
    }
    std::string body;
    append_card(body, *got->value);
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

task<response> edit_rules(inventory_service& stock, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto wanted = read_rules(from.body);
    if (!wanted) co_return http::problem(wanted.error(), from);
    const auto version = identity::version_of(from, wanted->version);
    if (!version) co_return http::problem(version.error(), from);
    wanted->version = *version;
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await stock.set_rules(std::move(who), std::move(key), *id, *std::move(wanted));
    if (!done) co_return http::problem(done.error(), from);
    co_return identity::to_response(*std::move(done));
}

}  // namespace

std::vector<http::route> stock_routes(inventory_service& stock)
{
    using identity::stock_adjust;
    using identity::stock_read;
    const auto plain = [&stock](task<response> (*handle)(inventory_service&, const request&)) {
        return http::handler([&stock, handle](request& from) { return handle(stock, from); });
    };
    const auto levels = [&stock](result<stock_query> (*read)(const request&)) {
        return http::handler(
            [&stock, read](request& from) { return show_levels(stock, from, read); });
    };
    return {
        // verb      path                      who may       repeats       body             what
        {verb::get, "/inventory", stock_read, keyed::never, body_kind::none,
         levels(read_stock_query)},
        {verb::get, "/inventory/low-stock", stock_read, keyed::never, body_kind::none,
         levels(read_low_query)},
        {verb::get, "/inventory/movements", stock_read, keyed::never, body_kind::none,
         plain(show_movements)},
        {verb::get, "/inventory/expiring", stock_read, keyed::never, body_kind::none,
         plain(show_expiring)},
        {verb::get, "/inventory/reservations", stock_read, keyed::never, body_kind::none,
         plain(show_reservations)},
        {verb::get, "/inventory/{id}", stock_read, keyed::never, body_kind::none, plain(show_card)},
        {verb::patch, "/inventory/{id}", stock_adjust, keyed::must, body_kind::merge,
         plain(edit_rules)},
    };
}

}  // namespace kieng::inventory

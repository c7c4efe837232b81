#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/inventory/inventory_routes.hpp"
#include "node/inventory/location_json.hpp"

namespace kieng::inventory {
namespace {

using http::body_kind;
using http::keyed;
using http::request;
using http::response;
using http::verb;

task<result<cache::loaded>> load_list(location_service& locations, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return plain.error();
    const auto got = co_await locations.list();
    if (!got) co_return got.error();
    cache::loaded out;
    append_locations(out.body, got->value);
    out.tags = {"list:locations"};
    out.pos = got->pos;
    co_return out;
}

task<result<cache::loaded>> load_one(location_service& locations, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return plain.error();
    const auto id = identity::id_of(from);
    if (!id) co_return id.error();
    const auto got = co_await locations.find(*id);
    if (!got) co_return got.error();
    cache::loaded out;
    // A new default changes the old one as well.
    out.tags = {"location:" + *id};
    out.pos = got->pos;
    if (!got->value) {
        out.status = 404;
        co_return out;
    }
    append_location(out.body, *got->value);
    out.version = std::to_string(got->value->version);
    co_return out;
}

response written_response(result<store::written> done, const request& from)
{
    if (!done) return http::problem(done.error(), from);
    return identity::to_response(*std::move(done));
}

task<response> create(location_service& locations, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = read_location(from.body, true);
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await locations.create(std::move(who), std::move(key), *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> edit(location_service& locations, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto wanted = read_location(from.body, false);
    if (!wanted) co_return http::problem(wanted.error(), from);
    const auto version = identity::version_of(from, wanted->version);
    if (!version) co_return http::problem(version.error(), from);
    wanted->version = *version;
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await locations.edit(std::move(who), std::move(key), *id, *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> remove(location_service& locations, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const auto version = identity::version_of(from, std::nullopt);
    if (!version) co_return http::problem(version.error(), from);
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await locations.remove(std::move(who), std::move(key), *id, *version);
    co_return written_response(std::move(done), from);
}

}  // namespace

std::vector<http::route> location_routes(location_service& locations)
{
    using identity::stock_adjust;
    using identity::stock_read;
    const auto cached =
        [&locations](task<result<cache::loaded>> (*load)(location_service&, const request&)) {
            return http::cached{
                [&locations, load](const request& from) { return load(locations, from); }};
        };
    const auto plain = [&locations](task<response> (*handle)(location_service&, const request&)) {
        return http::handler(
            [&locations, handle](request& from) { return handle(locations, from); });
    };
    return {
        // verb      path                           who may       repeats        body             what
        {verb::get, "/inventory/locations", stock_read, keyed::never, body_kind::none,
         cached(load_list)},
        {verb::post, "/inventory/locations", stock_adjust, keyed::must, body_kind::json,
         plain(create)},
        {verb::get, "/inventory/locations/{id}", stock_read, keyed::never, body_kind::none,
         cached(load_one)},
        {verb::patch, "/inventory/locations/{id}", stock_adjust, keyed::must, body_kind::merge,
         plain(edit)},
        {verb::del, "/inventory/locations/{id}", stock_adjust, keyed::must, body_kind::none,
         plain(remove)},
    };
}

}  // namespace kieng::inventory

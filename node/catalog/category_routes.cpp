#include "node/catalog/category_routes.hpp"

#include "node/catalog/category_json.hpp"
#include "node/catalog/fold.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"

namespace kieng::catalog {
namespace {

using http::body_kind;
using http::keyed;
using http::request;
using http::response;
using http::verb;
using identity::actor_of;
using identity::id_of;
using identity::no_query;
using identity::read_query;
using identity::to_response;
using identity::version_of;
using identity::write_key_of;

task<result<cache::loaded>> load_list(category_service& categories, const request& from)
{
    category_store::category_query query;
    std::optional<std::string> cursor;
    const auto read = read_query(from, [&](http::query_reader& in) {
        query.parent = in.text("parent");
        if (query.parent && query.parent->empty())
            in.fault("parent", fault_code::too_short, "1..200");
        if (const auto q = in.text("q")) {
            if (trim(*q).empty()) in.fault("q", fault_code::too_short, "1..200");
            query.q = fold(trim(*q));
        }
        query.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
        query.total = in.boolean("total").value_or(false);
    });
    if (!read) co_return read.error();
    const std::string mark = "categories;" + query.parent.value_or("") + ";" + query.q.value_or("");
    if (cursor) {
        auto place = decode_place(*cursor, mark);
        if (!place) co_return place.error();
        query.after = *std::move(place);
    }
    auto got = co_await categories.list(std::move(query));
    if (!got) co_return got.error();
    if (got->value.next) got->value.next = encode_place(*got->value.next, mark);
    cache::loaded out;
    append_page(out.body, got->value);
    out.tags = {"list:categories"};
    out.pos = got->pos;
    co_return out;
}

task<result<cache::loaded>> load_category(category_service& categories, const request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return plain.error();
    const auto id = id_of(from);
    if (!id) co_return id.error();
    const auto got = co_await categories.find(*id);
    if (!got) co_return got.error();
    cache::loaded out;
    out.tags = {"category:" + *id};
    out.pos = got->pos;
    if (!got->value) {
        out.status = 404;
        co_return out;
    }
    append_category(out.body, *got->value);
    out.version = std::to_string(got->value->version);
    co_return out;
}

response written_response(result<store::written> done, const request& from)
{
    if (!done) return http::problem(done.error(), from);
    return to_response(*std::move(done));
}

task<response> create(category_service& categories, const request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = read_category(from.body, form::create);
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await categories.create(std::move(who), std::move(key), *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> edit(category_service& categories, const request& from, form as)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto wanted = read_category(from.body, as);
    if (!wanted) co_return http::problem(wanted.error(), from);
    const auto version = version_of(from, wanted->version);
    if (!version) co_return http::problem(version.error(), from);
    wanted->version = *version;
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await categories.edit(std::move(who), std::move(key), *id, *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> remove(category_service& categories, const request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const auto version = version_of(from, std::nullopt);
    if (!version) co_return http::problem(version.error(), from);
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await categories.remove(std::move(who), std::move(key), *id, *version);
    co_return written_response(std::move(done), from);
}

}  // namespace

std::vector<http::route> category_routes(category_service& categories)
{
    using identity::catalog_read;
    using identity::catalog_write;
    const auto cached =
        [&categories](task<result<cache::loaded>> (*load)(category_service&, const request&)) {
            return http::cached{
                [&categories, load](const request& from) { return load(categories, from); }};
        };
    const auto plain = [&categories](task<response> (*handle)(category_service&, const request&)) {
        return http::handler(
            [&categories, handle](request& from) { return handle(categories, from); });
    };
    const auto editing = [&categories](form as) {
        return http::handler(
            [&categories, as](request& from) { return edit(categories, from, as); });
    };
    return {
        // verb      path                who may        repeats       body             what
        {verb::get, "/categories", catalog_read, keyed::never, body_kind::none, cached(load_list)},
        {verb::post, "/categories", catalog_write, keyed::may, body_kind::json, plain(create)},
        {verb::get, "/categories/{id}", catalog_read, keyed::never, body_kind::none,
         cached(load_category)},
        {verb::put, "/categories/{id}", catalog_write, keyed::may, body_kind::json,
         editing(form::replace)},
        {verb::patch, "/categories/{id}", catalog_write, keyed::may, body_kind::merge,
         editing(form::patch)},
        {verb::del, "/categories/{id}", catalog_write, keyed::may, body_kind::none, plain(remove)},
    };
}

}  // namespace kieng::catalog

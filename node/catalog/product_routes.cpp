#include "node/catalog/product_routes.hpp"

#include "node/catalog/product_history_json.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_reads.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"

#include <charconv>
#include <limits>

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

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

// ---- the past of a product

struct history_page {
    int limit = 20;
    std::int64_t version = kLast;
    std::int64_t seq = 0;
};

result<history_page> read_history_query(const request& from, const std::string& mark)
{
    history_page out;
    std::optional<std::string> cursor;
    const auto read = read_query(from, [&](http::query_reader& in) {
        out.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
    });
    if (!read) return read.error();
    if (!cursor) return out;
    const auto place = decode_place(*cursor, mark);
    if (!place) return place.error();
    const char* end = place->data() + place->size();
    const auto version = std::from_chars(place->data(), end, out.version);
    if (version.ec != std::errc{} || version.ptr == end || *version.ptr != '.')
        return failure(errc::cursor_invalid);
    const auto seq = std::from_chars(version.ptr + 1, end, out.seq);
    if (seq.ec != std::errc{} || seq.ptr != end || out.version < 0 || out.seq < 0 ||
        out.seq > 1'000)
        return failure(errc::cursor_invalid);
    return out;
}

template <class Items, class Place>
response history_response(Items items, int limit, const std::string& mark, std::int64_t pos,
                          Place place)
{
    std::optional<std::string> next;
    if (items.size() > static_cast<std::size_t>(limit)) {
        items.resize(static_cast<std::size_t>(limit));
        next = encode_place(place(items.back()), mark);
    }
    std::string body;
    append_page(body, items, next);
    response out = http::json_response(200, std::move(body));
    out.pos = pos;
    return out;
}

task<response> show_prices(product_service& products, const request& from)
{
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const std::string mark = "prices;" + *id;
    const auto query = read_history_query(from, mark);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await products.price_changes(*id, query->version, query->seq, query->limit + 1);
    if (!got) co_return http::problem(got.error(), from);
    co_return history_response(std::move(got->value), query->limit, mark, got->pos,
                               [](const product_store::price_change& c) {
                                   return std::to_string(c.price_version) + "." +
                                          std::to_string(c.seq);
                               });
}

task<response> show_versions(product_service& products, const request& from)
{
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const std::string mark = "versions;" + *id;
    const auto query = read_history_query(from, mark);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await products.versions(*id, query->version, query->limit + 1);
    if (!got) co_return http::problem(got.error(), from);
    co_return history_response(
        std::move(got->value), query->limit, mark, got->pos,
        [](const product_store::kept_version& v) { return std::to_string(v.version) + ".0"; });
}

// ---- writing

response written_response(result<store::written> done, const request& from)
{
    if (!done) return http::problem(done.error(), from);
    return to_response(*std::move(done));
}

// One answer names all faults, so the categories are looked at even if other fields are wrong.
task<result<product_change>> read_body(product_service& products, const request& from, form as)
{
    product_change refused;
    auto wanted = read_product(from.body, as, &refused);
    const bool names_category =
        (refused.category && *refused.category) || (refused.subcategory && *refused.subcategory);
    if (wanted || !names_category) co_return wanted;
    failure why = wanted.error();
    const auto unknown = co_await products.unknown_categories(std::move(refused));
    if (unknown) why.fields.insert(why.fields.end(), unknown->begin(), unknown->end());
    co_return why;
}

task<response> create(product_service& products, const request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = co_await read_body(products, from, form::create);
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await products.create(std::move(who), std::move(key), *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> edit(product_service& products, const request& from, form as)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto wanted = co_await read_body(products, from, as);
    if (!wanted) co_return http::problem(wanted.error(), from);
    const auto version = version_of(from, wanted->version);
    if (!version) co_return http::problem(version.error(), from);
    wanted->version = *version;
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await products.edit(std::move(who), std::move(key), *id, *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> remove(product_service& products, const request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const auto version = version_of(from, std::nullopt);
    if (!version) co_return http::problem(version.error(), from);
    auto who = actor_of(from);
    auto key = write_key_of(from);
    auto done = co_await products.remove(std::move(who), std::move(key), *id, *version);
    co_return written_response(std::move(done), from);
}

}  // namespace

std::vector<http::route> product_routes(product_service& products)
{
    using identity::catalog_read;
    using identity::catalog_read_all;
    using identity::catalog_write;
    const auto cached =
        [&products](task<result<cache::loaded>> (*load)(product_service&, const request&)) {
            return http::cached{
                [&products, load](const request& from) { return load(products, from); }};
        };
    const auto plain = [&products](task<response> (*handle)(product_service&, const request&)) {
        return http::handler([&products, handle](request& from) { return handle(products, from); });
    };
    const auto editing = [&products](form as) {
        return http::handler([&products, as](request& from) { return edit(products, from, as); });
    };
    return {
        // verb      path                            who may           repeats       body             what
        {verb::get, "/products", catalog_read, keyed::never, body_kind::none, cached(load_list)},
        {verb::post, "/products", catalog_write, keyed::may, body_kind::json, plain(create)},
        {verb::get, "/products/lookup", catalog_read, keyed::never, body_kind::none,
         cached(load_by_code)},
        {verb::get, "/products/by-slug/{slug}", catalog_read, keyed::never, body_kind::none,
         cached(load_by_slug)},
        {verb::get, "/products/{id}", catalog_read, keyed::never, body_kind::none,
         cached(load_product)},
        {verb::put, "/products/{id}", catalog_write, keyed::may, body_kind::json,
         editing(form::replace)},
        {verb::patch, "/products/{id}", catalog_write, keyed::may, body_kind::merge,
         editing(form::patch)},
        {verb::del, "/products/{id}", catalog_write, keyed::may, body_kind::none, plain(remove)},
        {verb::get, "/products/{id}/price-history", catalog_read_all, keyed::never, body_kind::none,
         plain(show_prices)},
        {verb::get, "/products/{id}/versions", catalog_read_all, keyed::never, body_kind::none,
         plain(show_versions)},
        {verb::get, "/tags", catalog_read, keyed::never, body_kind::none, cached(load_tags)},
        {verb::get, "/brands", catalog_read, keyed::never, body_kind::none, cached(load_brands)},
    };
}

}  // namespace kieng::catalog

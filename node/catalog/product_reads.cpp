#include "node/catalog/product_reads.hpp"

#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_json.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"

#include <algorithm>

namespace kieng::catalog {
namespace {

using http::request;
using identity::id_of;
using identity::no_query;
using identity::read_query;

bool sees_all(const http::caller& who)
{
    return who.may(identity::catalog_read_all);
}

bool may_see(const http::caller& who, const std::optional<product>& p)
{
    return p && (is_public(*p) || sees_all(who));
}

std::vector<status> visible_to(const http::caller& who)
{
    if (sees_all(who)) return {status::draft, status::active, status::archived, status::scheduled};
    return {status::active};
}

cache::loaded nothing(std::vector<std::string> tags, std::int64_t pos)
{
    cache::loaded out;
    out.status = 404;
    out.tags = std::move(tags);
    out.pos = pos;
    return out;
}

std::vector<std::string> tags_of(const product& p)
{
    std::vector<std::string> out{"product:" + p.id};
    if (!p.fields.category.id.empty()) out.push_back("category:" + p.fields.category.id);
    if (!p.fields.subcategory.id.empty()) out.push_back("category:" + p.fields.subcategory.id);
    return out;
}

cache::loaded shown(const product& p, std::int64_t pos)
{
    cache::loaded out;
    append_product(out.body, p);
    out.body.shrink_to_fit();  // it may be kept for long
    out.version = std::to_string(p.version);
    out.tags = tags_of(p);
    out.pos = pos;
    return out;
}

result<product_query> read_list_query(const request& from)
{
    product_query query;
    result<void> allowed;
    std::optional<std::string> cursor;
    const auto read = read_query(from, [&](http::query_reader& in) {
        if (auto q = in.text("q")) {
            const auto question = trim(*q);
            if (const verdict wrong = check_text(question, {1, 200}))
                in.fault("q", wrong->code, wrong->allowed);
            else
                query.filter.q = std::string(question);
        }
        allowed = read_filter(in, from.who, query.filter);
        query.filter.min_price = in.integer("minPrice", 0, kMaxMoney);
        query.filter.max_price = in.integer("maxPrice", 0, kMaxMoney);
        if (query.filter.min_price && query.filter.max_price &&
            *query.filter.min_price > *query.filter.max_price)
            in.fault("maxPrice", fault_code::out_of_range, ">= minPrice");
        const auto sort = in.choice(
            "sort", {"newest", "name", "-name", "price", "-price", "updated", "relevance"});
        query.sort = sort             ? *sort_named(*sort)
                     : query.filter.q ? product_sort::relevance
                                      : product_sort::newest;
        if (query.sort == product_sort::relevance && !query.filter.q && sort)
            in.fault("sort", fault_code::depends, "q");
        query.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
        query.total = in.boolean("total").value_or(false);
    });
    if (!read) return read.error();
    if (!allowed) return allowed.error();
    if (cursor) {
        auto at = decode_cursor(*cursor, fingerprint_of(query));
        if (!at) return at.error();
        if (!fits(*at, query.sort)) return failure(errc::cursor_invalid);
        query.from = *std::move(at);
    }
    return query;
}

task<result<cache::loaded>> load_labels(product_service& products, const request& from,
                                        product_list_store::label_kind kind)
{
    product_list_store::label_query query;
    query.kind = kind;
    query.statuses = visible_to(from.who);
    std::optional<std::string> cursor;
    const auto read = read_query(from, [&](http::query_reader& in) {
        if (const auto q = in.text("q", 100)) {
            if (trim(*q).empty()) in.fault("q", fault_code::too_short, "1..100");
            query.begins = fold(trim(*q));
        }
        query.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
    });
    if (!read) co_return read.error();
    const std::string mark =
        std::string(kind == product_list_store::label_kind::tag ? "tags;" : "brands;") +
        query.begins;
    if (cursor) {
        auto place = decode_place(*cursor, mark);
        if (!place) co_return place.error();
        query.after = *std::move(place);
    }
    auto got = co_await products.labels(std::move(query));
    if (!got) co_return got.error();
    if (got->value.next) got->value.next = encode_place(*got->value.next, mark);
    cache::loaded out;
    append_page(out.body, got->value);
    out.tags = {kind == product_list_store::label_kind::tag ? "list:tags" : "list:brands"};
    out.pos = got->pos;
    co_return out;
}

}  // namespace

task<result<cache::loaded>> load_list(product_service& products, const http::request& from)
{
    auto query = read_list_query(from);
    if (!query) co_return query.error();
    auto got = co_await products.written_list(*std::move(query));
    if (!got) co_return got.error();
    cache::loaded out;
    out.body = std::move(got->value.body);
    out.tags = {"list:products"};
    for (const auto& id : got->value.ids) out.tags.push_back("product:" + id);
    out.pos = got->pos;
    co_return out;
}

task<result<cache::loaded>> load_product(product_service& products, const http::request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return plain.error();
    const auto id = id_of(from);
    if (!id) co_return id.error();
    const auto got = co_await products.find(*id);
    if (!got) co_return got.error();
    if (!may_see(from.who, got->value)) co_return nothing({"product:" + *id}, got->pos);
    co_return shown(*got->value, got->pos);
}

task<result<cache::loaded>> load_by_slug(product_service& products, const http::request& from)
{
    const auto plain = no_query(from);
    if (!plain) co_return plain.error();
    const std::string slug(from.param("slug"));
    if (check_slug(slug)) co_return failure(errc::not_found);
    const auto got = co_await products.find_by_slug(slug);
    if (!got) co_return got.error();
    const std::string key = "slug:" + slug;
    const auto& p = got->value.what;
    if (!may_see(from.who, p)) {
        std::vector<std::string> tags{key};
        if (p) tags.push_back("product:" + p->id);
        co_return nothing(std::move(tags), got->pos);
    }
    cache::loaded out = shown(*p, got->pos);
    out.tags.push_back(key);
    if (p->fields.slug != slug) {
        out.status = 308;
        out.location = "/products/by-slug/" + p->fields.slug;
        out.body.clear();
        out.version.clear();
    }
    co_return out;
}

task<result<cache::loaded>> load_by_code(product_service& products, const http::request& from)
{
    std::string code;
    const auto read = read_query(from, [&](http::query_reader& in) {
        const auto text = in.text("code", 64);
        if (!text) {
            if (!from.query_value("code")) in.fault("code", fault_code::required);
            return;
        }
        if (const verdict wrong = check_code(*text)) in.fault("code", wrong->code, wrong->allowed);
        code = *text;
    });
    if (!read) co_return read.error();
    const auto got = co_await products.find_by_code(code);
    if (!got) co_return got.error();
    const auto& p = got->value.what;
    std::vector<std::string> keys{"sku:" + code, "barcode:" + code};
    if (!may_see(from.who, p)) {
        if (p) keys.push_back("product:" + p->id);
        co_return nothing(std::move(keys), got->pos);
    }
    cache::loaded out;
    out.body = R"({"product":)";
    append_product(out.body, *p);
    out.body += R"(,"variantId":")" + got->value.variant_id + R"(","matched":")" +
                (got->value.by_barcode ? "barcode" : "sku") + "\"}";
    out.tags = tags_of(*p);
    out.tags.insert(out.tags.end(), keys.begin(), keys.end());
    out.pos = got->pos;
    co_return out;
}

task<result<cache::loaded>> load_tags(product_service& products, const http::request& from)
{
    return load_labels(products, from, product_list_store::label_kind::tag);
}

task<result<cache::loaded>> load_brands(product_service& products, const http::request& from)
{
    return load_labels(products, from, product_list_store::label_kind::brand);
}

result<void> read_filter(http::query_reader& in, const http::caller& who, product_filter& out)
{
    const auto text = [&](const char* name, length_rule rule) {
        auto value = in.text(name, rule.max);
        if (value && value->empty())
            in.fault(name, fault_code::too_short, "1.." + std::to_string(rule.max));
        return value;
    };
    out.category = text("category", kCategoryRefRule);
    out.tag = text("tag", kTagRule);
    out.brand = text("brand", kBrandRule);
    out.statuses = visible_to(who);
    const auto named = in.choice("status", {"draft", "active", "archived"});
    if (!named) return {};
    const status wanted = *status_named(*named);
    if (std::find(out.statuses.begin(), out.statuses.end(), wanted) == out.statuses.end())
        return failure(who.signed_in() ? errc::forbidden : errc::unauthenticated);
    out.statuses = {wanted};
    if (wanted == status::active && sees_all(who)) out.statuses.push_back(status::scheduled);
    return {};
}

}  // namespace kieng::catalog

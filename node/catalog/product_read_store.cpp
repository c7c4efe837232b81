#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>
#include <unordered_map>

namespace kieng::catalog::product_store {
namespace {

using store::statement;

// Three kinds of rows, told apart by the first column: the head's position, products, their variants. No aggregation, no JSON: both
// would cost more than the reading.
constexpr statement kLoad{"catalog_load", R"sql(
    SELECT 0, pos::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM cluster_head
    UNION ALL
    SELECT 1, p.id::text, p.name, p.slug, p.sku, p.description, p.price::text, p.currency::text, p.compare_at_price::text,
           (SELECT slug FROM categories WHERE id = p.category_id), p.category_id::text,
           (SELECT slug FROM categories WHERE id = p.subcategory_id), p.subcategory_id::text,
           p.tags::text, p.brand, p.image_urls::text, p.image_alts::text, p.primary_image::text,
           p.seo_title, p.seo_description, p.seo_keywords::text, p.status::text, p.published_at::text,
           p.price_version::text, p.version::text, p.created_at::text, p.updated_at::text, p.updated_by::text, p.changed_fields::text
      FROM products p WHERE p.id = ANY ((SELECT $1)::uuid[])
    UNION ALL
    SELECT 2, v.product_id::text, v.id::text, v.sku, v.barcode, v.attributes::text, v.price::text, v.position::text, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM variants v WHERE v.product_id = ANY ((SELECT $1)::uuid[]))sql"};

constexpr statement kLock{"catalog_lock",
                          "SELECT FROM products WHERE id = $1::uuid FOR NO KEY UPDATE"};

constexpr statement kFindSlug{"catalog_find_slug", R"sql(
    SELECT h.pos, coalesce(p.id, o.id), coalesce(p.slug, o.slug)
      FROM cluster_head h
      LEFT JOIN products p ON p.slug = $1
      LEFT JOIN LATERAL (SELECT n.id, n.slug FROM product_slugs s JOIN products n ON n.id = s.product_id WHERE s.slug = $1) o ON p.id IS NULL)sql"};

constexpr statement kFindCode{"catalog_find_code", R"sql(
    SELECT h.pos, coalesce(b.product_id, s.product_id), coalesce(b.id, s.id), b.id IS NOT NULL
      FROM cluster_head h
      LEFT JOIN variants b ON b.barcode = $1
      LEFT JOIN variants s ON s.sku = $1)sql"};

constexpr statement kOwners{"catalog_owners", R"sql(
    WITH asked AS MATERIALIZED (SELECT k.sku, k.n FROM unnest($1::text[]) WITH ORDINALITY k (sku, n)),
    found AS MATERIALIZED (SELECT p.id FROM products p WHERE p.id IN (SELECT v.product_id FROM asked a JOIN variants v ON v.sku = a.sku)
                            ORDER BY p.id FOR NO KEY UPDATE)
    SELECT f.id, v.position = 0 FROM asked a LEFT JOIN variants v ON v.sku = a.sku LEFT JOIN found f ON f.id = v.product_id ORDER BY a.n)sql"};

constexpr statement kVersionOf{
    "catalog_version_of",
    "SELECT product::text FROM product_versions WHERE product_id = $1::uuid AND version = $2"};

constexpr statement kPriceChanges{"catalog_price_changes", R"sql(
    SELECT price_version, seq, variant_id, old_price, new_price, currency, changed_at, changed_by FROM price_history
     WHERE product_id = $1::uuid AND (price_version, seq) < ($2::bigint, $3::smallint)
     ORDER BY price_version DESC, seq DESC LIMIT $4)sql"};

constexpr statement kVersions{"catalog_versions", R"sql(
    SELECT version, changed, changed_at, changed_by, product::text FROM product_versions
     WHERE product_id = $1::uuid AND version < $2 ORDER BY version DESC LIMIT $3)sql"};

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

std::string text(const pqxx::field& f)
{
    return std::string(f.c_str(), f.size());
}

std::optional<std::string> text_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return text(f);
}

std::optional<std::int64_t> number_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return number_of(view(f));
}

std::vector<image> images_of(const pqxx::row& r)
{
    std::vector<image> out;
    auto urls = texts_of(view(r[15]));
    auto alts = texts_of(view(r[16]));
    const auto primary = number_or_none(r[17]).value_or(0);
    for (std::size_t i = 0; i < urls.size() && i < alts.size(); ++i)
        out.push_back(
            {std::move(urls[i]), std::move(alts[i]), static_cast<std::int64_t>(i) + 1 == primary});
    return out;
}

product product_of(const pqxx::row& r)
{
    product p;
    auto& f = p.fields;
    p.id = text(r[1]);
    f.name = text(r[2]);
    f.slug = text(r[3]);
    f.sku = text(r[4]);
    f.description = text(r[5]);
    f.price = number_of(view(r[6]));
    f.currency = text(r[7]);
    f.compare_at_price = number_or_none(r[8]);
    f.category = {text(r[10]), text(r[9])};
    f.subcategory = {text(r[12]), text(r[11])};
    f.tags = texts_of(view(r[13]));
    f.brand = text_or_none(r[14]);
    f.images = images_of(r);
    f.seo = {text_or_none(r[18]), text_or_none(r[19]), texts_of(view(r[20]))};
    f.status = static_cast<status>(number_of(view(r[21])));
    if (!r[22].is_null()) p.published_at = time_of(view(r[22]));
    p.price_version = number_of(view(r[23]));
    p.version = number_of(view(r[24]));
    p.created_at = time_of(view(r[25]));
    p.updated_at = time_of(view(r[26]));
    p.updated_by = text(r[27]);
    p.changed = texts_of(view(r[28]));
    return p;
}

struct placed_variant {
    std::int64_t position;
    variant what;
};

placed_variant variant_of(const pqxx::row& r)
{
    return {number_of(view(r[7])),
            {text(r[2]), text(r[3]), text_or_none(r[4]), text(r[5]), number_or_none(r[6])}};
}

}  // namespace

store::loaded<product> load(store::tx& on, const std::vector<std::string>& ids)
{
    store::loaded<product> out;
    out.values.resize(ids.size());
    const auto rows = on.exec(kLoad, store::array_literal(ids));
    std::unordered_map<std::string, std::pair<std::optional<product>, std::vector<placed_variant>>>
        found;
    for (const auto& r : rows) {
        const char kind = r[0].c_str()[0];
        if (kind == '0')
            out.pos = number_of(view(r[1]));
        else if (kind == '1')
            found[text(r[1])].first = product_of(r);
        else
            found[text(r[1])].second.push_back(variant_of(r));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto at = found.find(ids[i]);
        if (at == found.end() || !at->second.first) continue;
        auto& [p, variants] = at->second;
        std::sort(variants.begin(), variants.end(),
                  [](const auto& a, const auto& b) { return a.position < b.position; });
        for (auto& v : variants) p->fields.variants.push_back(std::move(v.what));
        variants.clear();  // a key may stand twice: the variants are in the product by then
        out.values[i] = *p;
    }
    return out;
}

std::optional<product> lock(store::tx& on, const std::string& id)
{
    if (on.exec(kLock, id).empty()) return std::nullopt;
    const std::vector<std::string> one{id};
    return load(on, one).values.front();
}

slug_target find_slug(store::tx& on, const std::string& slug)
{
    const auto row = on.exec(kFindSlug, slug).front();
    return {text(row[1]), text(row[2]), number_of(view(row[0]))};
}

code_target find_code(store::tx& on, const std::string& code)
{
    const auto row = on.exec(kFindCode, code).front();
    return {text(row[1]), text(row[2]), view(row[3]) == "t", number_of(view(row[0]))};
}

std::vector<sku_owner> owners_of(store::tx& on, const std::vector<std::string>& skus)
{
    std::vector<sku_owner> out;
    for (const auto& row : on.exec(kOwners, store::array_literal(skus)))
        out.push_back({text(row[0]), view(row[1]) == "t"});
    return out;
}

std::vector<price_change> price_changes(store::tx& on, const std::string& id,
                                        std::int64_t before_version, std::int64_t before_seq,
                                        int limit)
{
    std::vector<price_change> out;
    for (const auto& r : on.exec(kPriceChanges, id, before_version, before_seq, limit)) {
        out.push_back({number_of(view(r[0])), number_of(view(r[1])), text(r[2]),
                       number_or_none(r[3]), number_or_none(r[4]), text(r[5]), time_of(view(r[6])),
                       text(r[7])});
    }
    return out;
}

std::vector<kept_version> versions(store::tx& on, const std::string& id, std::int64_t before,
                                   int limit)
{
    std::vector<kept_version> out;
    for (const auto& r : on.exec(kVersions, id, before, limit))
        out.push_back({number_of(view(r[0])), texts_of(view(r[1])), time_of(view(r[2])), text(r[3]),
                       text(r[4])});
    return out;
}

std::optional<std::string> version_json(store::tx& on, const std::string& id, std::int64_t version)
{
    const auto rows = on.exec(kVersionOf, id, version);
    if (rows.empty()) return std::nullopt;
    return text(rows.front()[0]);
}

}  // namespace kieng::catalog::product_store

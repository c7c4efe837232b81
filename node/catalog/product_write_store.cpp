#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_columns.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>
#include <unordered_map>

namespace kieng::catalog::product_store {
namespace {

using store::array_literal;
using store::statement;

// Arrays that rows are joined by come out of subqueries, so that the planner never sees how long they are: it would take plans for few
// rows to be cheaper than the one for any number of them, and plan every execution anew.

// All rows of new products in one statement.
constexpr statement kInsert{"catalog_insert", R"sql(
    WITH p AS (
        INSERT INTO products (id, status, price, compare_at_price, currency, published_at, slug, sku, category_id, subcategory_id, variant_count,
                              primary_image, image_urls, image_alts, seo_title, seo_description, seo_keywords, name, description, brand, tags,
                              labels, codes, updated_by)
        SELECT u.id, u.status, u.price, u.compare, u.currency,
               coalesce('epoch'::timestamptz + u.published * interval '1 microsecond', CASE WHEN u.status = 2 THEN date_trunc('milliseconds', now()) END), u.slug, u.sku, u.category, u.subcategory, u.variants,
               u.primary_image, u.urls::text[], u.alts::text[], u.seo_title, u.seo_description, u.seo_keywords::text[], u.name, u.description, u.brand,
               u.tags::text[], u.labels, u.codes, $23::uuid
          FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::uuid[], $10::smallint[],
                      $11::smallint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                      $20::text[], $21::text[], $22::text[], $35::bigint[])
               u (id, status, price, compare, currency, slug, sku, category, subcategory, variants, primary_image, urls, alts, seo_title,
                  seo_description, seo_keywords, name, description, brand, tags, labels, codes, published)),
    v AS (
        INSERT INTO variants (id, product_id, position, sku, barcode, attributes, price)
        SELECT u.id, u.product, u.position, u.sku, u.barcode, u.attributes::jsonb, u.price
          FROM unnest($24::uuid[], $25::uuid[], $26::smallint[], $27::text[], $28::text[], $29::text[], $30::bigint[])
               u (id, product, position, sku, barcode, attributes, price)),
    l AS (
        INSERT INTO product_labels (kind, fold, name, status, product_id)
        SELECT u.kind, vn_fold(u.name), u.name, u.status, u.product
          FROM unnest($31::smallint[], $32::text[], $33::smallint[], $34::uuid[]) u (kind, name, status, product))
    SELECT now(), date_trunc('milliseconds', now()))sql"};

// What an edit says of terms is written alone if it can be: a column that is not named costs no folding and no facets anew.
#define KIENG_SET_TERMS                                                                                                                                                                  \
    "UPDATE products p SET status = u.status, price = u.price, compare_at_price = u.compare, currency = u.currency,"                                                                     \
    " published_at = coalesce('epoch'::timestamptz + u.published * interval '1 microsecond', CASE WHEN u.status = 2 THEN date_trunc('milliseconds', now()) END), updated_by = $9::uuid," \
    " changed_fields = u.changed::text[], price_version = u.price_version, version = u.version,"                                                                                         \
    " updated_at = greatest(now(), p.updated_at + interval '1 microsecond')"
#define KIENG_SET_LOOKS                                                                                                    \
    ", slug = u.slug, sku = u.sku, category_id = u.category, subcategory_id = u.subcategory, variant_count = u.variants,"  \
    " primary_image = u.primary_image, image_urls = u.urls::text[], image_alts = u.alts::text[], seo_title = u.seo_title," \
    " seo_description = u.seo_description, seo_keywords = u.seo_keywords::text[]"
#define KIENG_SET_WORDS \
    ", name = u.name, description = u.description, brand = u.brand, tags = u.tags::text[], labels = u.labels, codes = u.codes"
#define KIENG_FROM_TERMS \
    " FROM unnest((SELECT $1)::uuid[], (SELECT $2)::smallint[], (SELECT $3)::bigint[], (SELECT $4)::bigint[], (SELECT $5)::text[], (SELECT $6)::text[], (SELECT $7)::bigint[], (SELECT $8)::bigint[], (SELECT $10)::bigint[]"
#define KIENG_FROM_LOOKS                                                                                                                                                                                              \
    ", (SELECT $11)::text[], (SELECT $12)::text[], (SELECT $13)::uuid[], (SELECT $14)::uuid[], (SELECT $15)::smallint[], (SELECT $16)::smallint[], (SELECT $17)::text[], (SELECT $18)::text[], (SELECT $19)::text[]," \
    " (SELECT $20)::text[], (SELECT $21)::text[]"
#define KIENG_FROM_WORDS \
    ", (SELECT $22)::text[], (SELECT $23)::text[], (SELECT $24)::text[], (SELECT $25)::text[], (SELECT $26)::text[], (SELECT $27)::text[]"
#define KIENG_AS_TERMS \
    ") u (id, status, price, compare, currency, changed, price_version, version, published"
#define KIENG_AS_LOOKS \
    ", slug, sku, category, subcategory, variants, primary_image, urls, alts, seo_title, seo_description, seo_keywords"
#define KIENG_AS_WORDS ", name, description, brand, tags, labels, codes"
#define KIENG_WRITTEN ") WHERE p.id = u.id RETURNING p.id, p.updated_at, p.published_at"
constexpr statement kUpdateTerms{"catalog_update_terms",
                                 KIENG_SET_TERMS KIENG_FROM_TERMS KIENG_AS_TERMS KIENG_WRITTEN};
constexpr statement kUpdateLooks{"catalog_update_looks",
                                 KIENG_SET_TERMS KIENG_SET_LOOKS KIENG_FROM_TERMS KIENG_FROM_LOOKS
                                     KIENG_AS_TERMS KIENG_AS_LOOKS KIENG_WRITTEN};
constexpr statement kUpdateAll{
    "catalog_update_all",
    KIENG_SET_TERMS KIENG_SET_LOOKS KIENG_SET_WORDS KIENG_FROM_TERMS KIENG_FROM_LOOKS
        KIENG_FROM_WORDS KIENG_AS_TERMS KIENG_AS_LOOKS KIENG_AS_WORDS KIENG_WRITTEN};

constexpr statement kKeep{"catalog_keep", R"sql(
    WITH trimmed AS (
        DELETE FROM product_versions WHERE product_id = ANY ((SELECT $1)::uuid[]) AND superseded_at < now() - interval '90 days')
    INSERT INTO product_versions (product_id, version, product, changed, changed_at, changed_by)
    SELECT u.id, u.version, u.product::jsonb, u.changed::text[], 'epoch'::timestamptz + u.at * interval '1 microsecond', u.by
      FROM unnest((SELECT $1)::uuid[], (SELECT $2)::bigint[], (SELECT $3)::text[], (SELECT $4)::text[], (SELECT $5)::bigint[], (SELECT $6)::uuid[]) u (id, version, product, changed, at, by))sql"};

// Codes may move between the variants of a product, so rows are changed in place in one statement and keep their ids.
constexpr statement kRemoveVariants{
    "catalog_remove_variants",
    "DELETE FROM variants WHERE product_id = $1::uuid AND id <> ALL ((SELECT $2)::uuid[])"};
constexpr statement kChangeVariants{"catalog_change_variants", R"sql(
    UPDATE variants v SET position = u.position, sku = u.sku, barcode = u.barcode, attributes = u.attributes::jsonb, price = u.price
      FROM unnest((SELECT $1)::uuid[], (SELECT $2)::uuid[], (SELECT $3)::smallint[], (SELECT $4)::text[], (SELECT $5)::text[], (SELECT $6)::text[], (SELECT $7)::bigint[])
           u (id, product, position, sku, barcode, attributes, price)
     WHERE v.id = u.id AND v.product_id = u.product)sql"};
constexpr statement kAddVariants{"catalog_add_variants", R"sql(
    INSERT INTO variants (id, product_id, position, sku, barcode, attributes, price)
    SELECT u.id, u.product, u.position, u.sku, u.barcode, u.attributes::jsonb, u.price
      FROM unnest((SELECT $1)::uuid[], (SELECT $2)::uuid[], (SELECT $3)::smallint[], (SELECT $4)::text[], (SELECT $5)::text[], (SELECT $6)::text[], (SELECT $7)::bigint[])
           u (id, product, position, sku, barcode, attributes, price)
     WHERE NOT EXISTS (SELECT FROM variants v WHERE v.id = u.id))sql"};

constexpr statement kDropLabels{"catalog_drop_labels", R"sql(
    DELETE FROM product_labels l USING unnest((SELECT $1)::smallint[], (SELECT $2)::text[], (SELECT $3)::smallint[], (SELECT $4)::uuid[]) u (kind, name, status, product)
     WHERE l.kind = u.kind AND l.fold = vn_fold(u.name) AND l.name = u.name AND l.status = u.status AND l.product_id = u.product)sql"};
constexpr statement kAddLabels{"catalog_add_labels", R"sql(
    INSERT INTO product_labels (kind, fold, name, status, product_id)
    SELECT u.kind, vn_fold(u.name), u.name, u.status, u.product
      FROM unnest($1::smallint[], $2::text[], $3::smallint[], $4::uuid[]) u (kind, name, status, product))sql"};

constexpr statement kRetireSlug{"catalog_retire_slug", R"sql(
    WITH back AS (DELETE FROM product_slugs WHERE slug = $3)
    INSERT INTO product_slugs (slug, product_id) VALUES ($2, $1::uuid)
    ON CONFLICT (slug) DO UPDATE SET product_id = excluded.product_id, retired_at = now())sql"};
constexpr statement kPriceHistory{"catalog_price_history", R"sql(
    INSERT INTO price_history (product_id, price_version, seq, variant_id, old_price, new_price, currency, changed_by)
    SELECT u.product, u.price_version, u.seq, u.variant, u.before, u.after, u.currency, $8::uuid
      FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::text[])
           u (product, price_version, seq, variant, before, after, currency))sql"};
constexpr statement kRemove{"catalog_remove", "DELETE FROM products WHERE id = $1::uuid"};

wall_time time_in(const pqxx::field& f)
{
    return time_of({f.c_str(), f.size()});
}

// How much of the row an edit writes.
enum class reach : std::uint8_t { terms = 1, looks, words };

reach reach_of(const product_fields& was, const product_fields& is)
{
    const auto same_in = [&](std::initializer_list<field> fields) {
        return std::all_of(fields.begin(), fields.end(), [&](field f) { return same(f, was, is); });
    };
    if (!same_in({field::name, field::description, field::brand, field::tags}) ||
        codes_text(was) != codes_text(is))
        return reach::words;
    return same_in({field::slug, field::sku, field::category, field::subcategory, field::images,
                    field::seo})
               ? reach::terms
               : reach::looks;
}

void write_rows(store::tx& on, reach how, const std::vector<rewrite>& goods)
{
    product_columns c;
    array_text changed, price_version, version;
    std::unordered_map<std::string, product*> by_id;
    for (const auto& [before, after] : goods) {
        if (reach_of(before->fields, after->fields) != how) continue;
        c.add(*after);
        changed.add(array_literal(after->changed));
        price_version.add(after->price_version);
        version.add(after->version);
        by_id.emplace(after->id, after);
    }
    if (by_id.empty()) return;
    const char* by = null_if_empty(by_id.begin()->second->updated_by);
    const auto with = [&](const statement& what, const auto&... more) {
        return on.exec(what, c.id.text(), c.status.text(), c.price.text(), c.compare.text(),
                       c.currency.text(), changed.text(), price_version.text(), version.text(), by,
                       c.published.text(), more.text()...);
    };
    const auto with_looks = [&](const statement& what, const auto&... more) {
        return with(what, c.slug, c.sku, c.category, c.subcategory, c.variants, c.primary, c.urls,
                    c.alts, c.seo_title, c.seo_description, c.seo_keywords, more...);
    };
    const auto rows = how == reach::terms   ? with(kUpdateTerms)
                      : how == reach::looks ? with_looks(kUpdateLooks)
                                            : with_looks(kUpdateAll, c.name, c.description, c.brand,
                                                         c.tags, c.labels, c.codes);
    for (const auto& row : rows) {
        auto& p = *by_id.at(row[0].c_str());
        p.updated_at = time_in(row[1]);
        if (!row[2].is_null()) p.fields.published_at = time_in(row[2]);
    }
}

void keep(store::tx& on, const std::vector<rewrite>& goods)
{
    array_text id, version, text, changed, at, by;
    for (const auto& [before, after] : goods) {
        std::string json;
        append_product(json, *before);
        id.add(before->id);
        version.add(before->version);
        text.add(json);
        changed.add(array_literal(before->changed));
        at.add(static_cast<std::int64_t>(before->updated_at.time_since_epoch().count()));
        by.add_or_null(before->updated_by);
    }
    on.defer(kKeep, id.text(), version.text(), text.text(), changed.text(), at.text(), by.text());
}

// At once, not with the commit: the same unit may read them again.
void write_variants(store::tx& on, const product& before, const product& after)
{
    if (before.fields.variants == after.fields.variants) return;
    variant_columns v;
    v.add(after);
    on.exec(kRemoveVariants, after.id, v.id.text());
    for (const auto* change : {&kChangeVariants, &kAddVariants})
        on.exec(*change, v.id.text(), v.product.text(), v.position.text(), v.sku.text(),
                v.barcode.text(), v.attributes.text(), v.price.text());
}

void write_labels(store::tx& on, const statement& how, const label_columns& labels)
{
    if (labels.count == 0) return;
    on.defer(how, labels.kind.text(), labels.name.text(), labels.status.text(),
             labels.product.text());
}

void write_price_history(store::tx& on, const std::vector<rewrite>& goods)
{
    price_columns changes;
    for (const auto& [before, after] : goods) changes.add(*before, *after);
    if (changes.count == 0) return;
    on.defer(kPriceHistory, changes.product.text(), changes.price_version.text(),
             changes.seq.text(), changes.variant.text(), changes.before.text(),
             changes.after.text(), changes.currency.text(),
             null_if_empty(goods.front().after->updated_by));
}

}  // namespace

void insert(store::tx& on, const std::vector<product*>& goods)
{
    if (goods.empty()) return;
    product_columns c;
    variant_columns v;
    label_columns l;
    for (const auto* p : goods) {
        c.add(*p);
        v.add(*p);
        l.add(*p);
    }
    const auto row =
        on.exec(kInsert, c.id.text(), c.status.text(), c.price.text(), c.compare.text(),
                c.currency.text(), c.slug.text(), c.sku.text(), c.category.text(),
                c.subcategory.text(), c.variants.text(), c.primary.text(), c.urls.text(),
                c.alts.text(), c.seo_title.text(), c.seo_description.text(), c.seo_keywords.text(),
                c.name.text(), c.description.text(), c.brand.text(), c.tags.text(), c.labels.text(),
                c.codes.text(), null_if_empty(goods.front()->updated_by), v.id.text(),
                v.product.text(), v.position.text(), v.sku.text(), v.barcode.text(),
                v.attributes.text(), v.price.text(), l.kind.text(), l.name.text(), l.status.text(),
                l.product.text(), c.published.text())
            .front();
    const auto at = time_in(row[0]);
    for (auto* p : goods) {
        p->created_at = p->updated_at = at;
        if (is_public(*p) && !p->fields.published_at) p->fields.published_at = time_in(row[1]);
    }
}

void update(store::tx& on, const std::vector<rewrite>& goods)
{
    if (goods.empty()) return;
    for (const auto how : {reach::terms, reach::looks, reach::words}) write_rows(on, how, goods);
    label_columns were, are;
    for (const auto& [before, after] : goods) {
        const auto& was = before->fields;
        const auto& is = after->fields;
        write_variants(on, *before, *after);
        if (was.slug != is.slug) on.defer(kRetireSlug, after->id, was.slug, is.slug);
        if (was.tags == is.tags && was.brand == is.brand &&
            stored_status(*before) == stored_status(*after))
            continue;
        were.add(*before);
        are.add(*after);
    }
    keep(on, goods);
    write_labels(on, kDropLabels, were);
    write_labels(on, kAddLabels, are);
    write_price_history(on, goods);
}

void remove(store::tx& on, const product& p)
{
    label_columns labels;
    labels.add(p);
    write_labels(on, kDropLabels, labels);
    on.exec(kRemove, p.id);
}

}  // namespace kieng::catalog::product_store

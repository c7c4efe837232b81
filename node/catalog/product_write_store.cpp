#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>

namespace kieng::catalog::product_store {
namespace {

using store::array_literal;
using store::statement;

constexpr statement kNormalise{
    "catalog_nfc",
    "SELECT normalize(t, NFC) FROM unnest($1::text[]) WITH ORDINALITY u (t, n) ORDER BY n"};
constexpr statement kLockCodes{"catalog_lock_codes", "SELECT lock_codes($1::text[])"};
constexpr statement kTaken{"catalog_taken", R"sql(
    SELECT 1, slug FROM products WHERE slug = $2 AND id <> $1::uuid
    UNION ALL SELECT 2, sku FROM variants WHERE sku = ANY ($3::text[]) AND product_id <> $1::uuid
    UNION ALL SELECT 3, barcode FROM variants WHERE barcode = ANY ($4::text[]) AND product_id <> $1::uuid)sql"};

// '-' is followed by digits only: between '-0' and '-:' in byte order lies everything that may be a number.
constexpr statement kFreeSlug{"catalog_free_slug", R"sql(
    SELECT CASE WHEN EXISTS (SELECT FROM products WHERE slug = $1)
                THEN greatest((SELECT max(substr(slug, length($1) + 2)::bigint) FROM products
                                WHERE slug > $1 || '-0' AND slug < $1 || '-:' AND substr(slug, length($1) + 2) ~ '^[0-9]{1,9}$'), 1) + 1 END)sql"};
constexpr statement kFreeSku{"catalog_free_sku", R"sql(
    SELECT CASE WHEN EXISTS (SELECT FROM variants WHERE sku = $1)
                THEN greatest((SELECT max(substr(sku, length($1) + 2)::bigint) FROM variants
                                WHERE sku > $1 || '-0' AND sku < $1 || '-:' AND substr(sku, length($1) + 2) ~ '^[0-9]{1,9}$'), 1) + 1 END)sql"};

// All rows of a new product in one statement.
constexpr statement kInsert{"catalog_insert", R"sql(
    WITH p AS (
        INSERT INTO products (id, status, price, compare_at_price, published_at, updated_by, category_id, subcategory_id, variant_count,
                              primary_image, currency, sku, slug, name, brand, tags, image_urls, image_alts, seo_title, seo_description,
                              seo_keywords, description, labels, codes)
        VALUES ($1::uuid, $2::smallint, $3::bigint, $4::bigint, CASE WHEN $2::smallint = 2 THEN now() END, $5::uuid, $6::uuid, $7::uuid, $8::smallint, $9::smallint,
                $10, $11, $12, $13, $14, $15::text[], $16::text[], $17::text[], $18, $19, $20::text[], $21, $22, $30)
        RETURNING id, created_at, published_at),
    v AS (
        INSERT INTO variants (id, product_id, position, sku, barcode, attributes, price)
        SELECT u.id, p.id, u.n - 1, u.sku, nullif(u.barcode, ''), u.attributes::jsonb, nullif(u.price, -1)
          FROM p, unnest($23::uuid[], $24::text[], $25::text[], $26::text[], $27::bigint[]) WITH ORDINALITY u (id, sku, barcode, attributes, price, n)),
    l AS (
        INSERT INTO product_labels (kind, fold, name, status, product_id)
        SELECT u.kind, vn_fold(u.name), u.name, $2::smallint, p.id FROM p, unnest($28::smallint[], $29::text[]) u (kind, name))
    SELECT created_at, published_at FROM p)sql"};

constexpr statement kUpdate{"catalog_update", R"sql(
    WITH old AS (
        INSERT INTO product_versions (product_id, version, product, changed, changed_at, changed_by)
        SELECT id, version, $26::jsonb, changed_fields, updated_at, updated_by FROM products WHERE id = $1::uuid),
    trimmed AS (
        DELETE FROM product_versions WHERE product_id = $1::uuid AND superseded_at < now() - interval '90 days')
    UPDATE products SET status = $2::smallint, price = $3::bigint, compare_at_price = $4::bigint,
           published_at = CASE WHEN $2::smallint = 2 THEN coalesce(published_at, now()) ELSE published_at END,
           updated_by = $5::uuid, category_id = $6::uuid, subcategory_id = $7::uuid, variant_count = $8::smallint, primary_image = $9::smallint, currency = $10,
           sku = $11, slug = $12, name = $13, brand = $14, tags = $15::text[], image_urls = $16::text[], image_alts = $17::text[], seo_title = $18,
           seo_description = $19, seo_keywords = $20::text[], description = $21, labels = $22, codes = $27, changed_fields = $23::text[],
           price_version = $24::bigint, version = $25::bigint, updated_at = greatest(now(), updated_at + interval '1 microsecond')
     WHERE id = $1::uuid
    RETURNING updated_at, published_at)sql"};

// Codes may move between the variants of a product, so rows are changed in place in one statement and keep their ids.
constexpr statement kRemoveVariants{
    "catalog_remove_variants",
    "DELETE FROM variants WHERE product_id = $1::uuid AND id <> ALL ($2::uuid[])"};
constexpr statement kChangeVariants{"catalog_change_variants", R"sql(
    UPDATE variants v SET position = u.n - 1, sku = u.sku, barcode = nullif(u.barcode, ''), attributes = u.attributes::jsonb, price = nullif(u.price, -1)
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY u (id, sku, barcode, attributes, price, n)
     WHERE v.id = u.id AND v.product_id = $1::uuid)sql"};
constexpr statement kAddVariants{"catalog_add_variants", R"sql(
    INSERT INTO variants (id, product_id, position, sku, barcode, attributes, price)
    SELECT u.id, $1::uuid, u.n - 1, u.sku, nullif(u.barcode, ''), u.attributes::jsonb, nullif(u.price, -1)
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY u (id, sku, barcode, attributes, price, n)
     WHERE NOT EXISTS (SELECT FROM variants v WHERE v.id = u.id))sql"};

constexpr statement kDropLabels{"catalog_drop_labels", R"sql(
    DELETE FROM product_labels l USING unnest($2::smallint[], $3::text[]) u (kind, name)
     WHERE l.kind = u.kind AND l.fold = vn_fold(u.name) AND l.name = u.name AND l.status = $4::smallint AND l.product_id = $1::uuid)sql"};
constexpr statement kAddLabels{"catalog_add_labels", R"sql(
    INSERT INTO product_labels (kind, fold, name, status, product_id)
    SELECT u.kind, vn_fold(u.name), u.name, $4::smallint, $1::uuid FROM unnest($2::smallint[], $3::text[]) u (kind, name))sql"};

constexpr statement kRetireSlug{"catalog_retire_slug", R"sql(
    WITH back AS (DELETE FROM product_slugs WHERE slug = $3)
    INSERT INTO product_slugs (slug, product_id) VALUES ($2, $1::uuid)
    ON CONFLICT (slug) DO UPDATE SET product_id = excluded.product_id, retired_at = now())sql"};
constexpr statement kPriceHistory{"catalog_price_history", R"sql(
    INSERT INTO price_history (product_id, price_version, seq, variant_id, old_price, new_price, currency, changed_by)
    SELECT $1::uuid, $2::bigint, u.n - 1, nullif(u.variant, '')::uuid, nullif(u.before, -1), nullif(u.after, -1), $3, $4::uuid
      FROM unnest($5::text[], $6::bigint[], $7::bigint[]) WITH ORDINALITY u (variant, before, after, n))sql"};
constexpr statement kRemove{"catalog_remove", "DELETE FROM products WHERE id = $1::uuid"};

const char* null_if_empty(const std::string& text)
{
    return text.empty() ? nullptr : text.c_str();
}

const char* nullable(const std::optional<std::string>& text)
{
    return text ? text->c_str() : nullptr;
}

std::optional<std::string> digits(const std::optional<std::int64_t>& number)
{
    if (!number) return std::nullopt;
    return std::to_string(*number);
}

// -1 stands for none: prices are never below 0, and an array of numbers is shorter than one with NULLs in it.
std::string price_text(const std::optional<std::int64_t>& price)
{
    return std::to_string(price.value_or(-1));
}

template <class Of>
std::string array_of(const std::vector<variant>& variants, Of of)
{
    std::vector<std::string> out;
    out.reserve(variants.size());
    for (const auto& v : variants) out.push_back(of(v));
    return array_literal(out);
}

// The columns of product_fields as parameters.
struct columns {
    explicit columns(const product_fields& f)
        : status(static_cast<int>(f.status)),
          compare(digits(f.compare_at_price)),
          tags(array_literal(f.tags)),
          keywords(array_literal(f.seo.keywords)),
          ids(array_of(f.variants, [](const variant& v) { return v.id; })),
          skus(array_of(f.variants, [](const variant& v) { return v.sku; })),
          barcodes(array_of(f.variants, [](const variant& v) { return v.barcode.value_or(""); })),
          attributes(array_of(f.variants, [](const variant& v) { return v.attributes; })),
          prices(array_of(f.variants, [](const variant& v) { return price_text(v.price); }))
    {
        std::vector<std::string> urls, alts;
        for (std::size_t i = 0; i < f.images.size(); ++i) {
            urls.push_back(f.images[i].url);
            alts.push_back(f.images[i].alt);
            if (f.images[i].primary) primary = std::to_string(i + 1);
        }
        image_urls = array_literal(urls);
        image_alts = array_literal(alts);
        labels = f.brand.value_or("");
        const auto add = [this](const std::string& text) { labels += ' ' + text; };
        std::for_each(f.tags.begin(), f.tags.end(), add);
        for (const auto& v : f.variants) codes += v.sku + ' ' + v.barcode.value_or("") + ' ';
    }
    int status;
    std::optional<std::string> compare, primary;
    std::string tags, keywords, image_urls, image_alts, labels, codes, ids, skus, barcodes,
        attributes, prices;
};

struct label_arrays {
    explicit label_arrays(const product_fields& f)
    {
        std::vector<std::string> kind(f.tags.size(), "1"), name = f.tags;
        if (f.brand) {
            kind.push_back("2");
            name.push_back(*f.brand);
        }
        kinds = array_literal(kind);
        names = array_literal(name);
    }
    std::string kinds, names;
};

wall_time time_in(const pqxx::field& f)
{
    return time_of({f.c_str(), f.size()});
}

void write_variants(store::tx& on, const product& before, const product& after)
{
    if (before.fields.variants == after.fields.variants) return;
    const columns c(after.fields);
    on.exec(kRemoveVariants, after.id, c.ids);
    on.exec(kChangeVariants, after.id, c.ids, c.skus, c.barcodes, c.attributes, c.prices);
    on.exec(kAddVariants, after.id, c.ids, c.skus, c.barcodes, c.attributes, c.prices);
}

void write_labels(store::tx& on, const product& before, const product& after)
{
    const auto& was = before.fields;
    const auto& is = after.fields;
    if (was.tags == is.tags && was.brand == is.brand && was.status == is.status) return;
    const label_arrays old_labels(was), new_labels(is);
    on.exec(kDropLabels, after.id, old_labels.kinds, old_labels.names,
            static_cast<int>(was.status));
    on.exec(kAddLabels, after.id, new_labels.kinds, new_labels.names, static_cast<int>(is.status));
}

void write_price_history(store::tx& on, const product& before, const product& after)
{
    if (before.price_version == after.price_version) return;
    std::vector<std::string> ids, from, to;
    const auto note = [&](const std::string& id, const std::optional<std::int64_t>& was,
                          const std::optional<std::int64_t>& is) {
        ids.push_back(id);
        from.push_back(price_text(was));
        to.push_back(price_text(is));
    };
    if (before.fields.price != after.fields.price ||
        before.fields.currency != after.fields.currency)
        note("", before.fields.price, after.fields.price);
    const auto find = [](const std::vector<variant>& in, const std::string& id) {
        const auto at =
            std::find_if(in.begin(), in.end(), [&](const variant& v) { return v.id == id; });
        return at == in.end() ? std::nullopt : at->price;
    };
    for (const auto& v : after.fields.variants) {
        const auto was = find(before.fields.variants, v.id);
        if (was != v.price) note(v.id, was, v.price);
    }
    for (const auto& v : before.fields.variants) {
        const bool gone = std::none_of(after.fields.variants.begin(), after.fields.variants.end(),
                                       [&](const variant& n) { return n.id == v.id; });
        if (gone && v.price) note(v.id, v.price, std::nullopt);
    }
    on.exec(kPriceHistory, after.id, after.price_version, after.fields.currency,
            null_if_empty(after.updated_by), array_literal(ids), array_literal(from),
            array_literal(to));
}

std::string numbered(const std::string& stem, const pqxx::result& found)
{
    const auto number = found.front()[0];
    return number.is_null() ? stem : stem + "-" + number.c_str();
}

}  // namespace

std::vector<std::string> normalised(store::tx& on, const std::vector<std::string>& texts)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(kNormalise, array_literal(texts)))
        out.emplace_back(row[0].c_str(), row[0].size());
    return out;
}

void lock_codes(store::tx& on, const std::vector<std::string>& slugs,
                const std::vector<std::string>& skus, const std::vector<std::string>& barcodes)
{
    std::vector<std::string> names;
    for (const auto& slug : slugs) names.push_back("slug:" + slug);
    for (const auto& sku : skus) names.push_back("sku:" + sku);
    for (const auto& barcode : barcodes) names.push_back("barcode:" + barcode);
    if (!names.empty()) on.exec(kLockCodes, array_literal(names));
}

taken_codes taken(store::tx& on, const std::string& product_id, const std::string& slug,
                  const std::vector<std::string>& skus, const std::vector<std::string>& barcodes)
{
    taken_codes out;
    for (const auto& row :
         on.exec(kTaken, product_id, slug, array_literal(skus), array_literal(barcodes))) {
        const char kind = row[0].c_str()[0];
        if (kind == '1')
            out.slug = true;
        else
            (kind == '2' ? out.skus : out.barcodes).emplace_back(row[1].c_str());
    }
    return out;
}

std::string free_slug(store::tx& on, const std::string& stem)
{
    return numbered(stem, on.exec(kFreeSlug, stem));
}

std::string free_sku(store::tx& on, const std::string& stem)
{
    return numbered(stem, on.exec(kFreeSku, stem));
}

void insert(store::tx& on, product& p)
{
    const auto& f = p.fields;
    const columns c(f);
    const label_arrays labels(f);
    const auto row =
        on.exec(kInsert, p.id, c.status, f.price, nullable(c.compare), null_if_empty(p.updated_by),
                null_if_empty(f.category.id), null_if_empty(f.subcategory.id), f.variants.size(),
                nullable(c.primary), f.currency, f.sku, f.slug, f.name, nullable(f.brand), c.tags,
                c.image_urls, c.image_alts, nullable(f.seo.title), nullable(f.seo.description),
                c.keywords, f.description, c.labels, c.ids, c.skus, c.barcodes, c.attributes,
                c.prices, labels.kinds, labels.names, c.codes)
            .front();
    p.created_at = p.updated_at = time_in(row[0]);
    if (!row[1].is_null()) p.published_at = time_in(row[1]);
}

void update(store::tx& on, const product& before, product& after)
{
    const auto& f = after.fields;
    const columns c(f);
    std::string was;
    append_product(was, before);
    const auto row =
        on.exec(kUpdate, after.id, c.status, f.price, nullable(c.compare),
                null_if_empty(after.updated_by), null_if_empty(f.category.id),
                null_if_empty(f.subcategory.id), f.variants.size(), nullable(c.primary), f.currency,
                f.sku, f.slug, f.name, nullable(f.brand), c.tags, c.image_urls, c.image_alts,
                nullable(f.seo.title), nullable(f.seo.description), c.keywords, f.description,
                c.labels, array_literal(after.changed), after.price_version, after.version, was,
                c.codes)
            .front();
    after.updated_at = time_in(row[0]);
    if (!row[1].is_null()) after.published_at = time_in(row[1]);
    write_variants(on, before, after);
    write_labels(on, before, after);
    write_price_history(on, before, after);
    if (before.fields.slug != f.slug) on.exec(kRetireSlug, after.id, before.fields.slug, f.slug);
}

void remove(store::tx& on, const product& p)
{
    const label_arrays labels(p.fields);
    on.exec(kDropLabels, p.id, labels.kinds, labels.names, static_cast<int>(p.fields.status));
    on.exec(kRemove, p.id);
}

}  // namespace kieng::catalog::product_store

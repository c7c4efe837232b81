#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_rows_store.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>

namespace kieng::catalog::product_store {
namespace {

using store::array_literal;
using store::statement;

// Locks and reads in one statement. Whoever had to wait for a lock gets the row as it is now, but all else as it was when the statement
// began; such rows are told by '3' and read again.
#define KIENG_LOCKED(which)                                                                           \
    "WITH locked AS MATERIALIZED ("                                                                   \
    " SELECT p.id, p.name, p.slug, p.sku, p.description, p.price, p.currency, p.compare_at_price,"    \
    " p.category_id, p.subcategory_id, p.tags, p.brand, p.image_urls, p.image_alts, p.primary_image," \
    " p.seo_title, p.seo_description, p.seo_keywords, p.status, p.published_at, p.price_version,"     \
    " p.version, p.created_at, p.updated_at, p.updated_by, p.changed_fields,"                         \
    " (SELECT x.version FROM products x WHERE x.id = p.id) AS seen"                                   \
    " FROM products p WHERE p.id " which " ORDER BY p.id FOR NO KEY UPDATE OF p)"                     \
    "SELECT " KIENG_PRODUCT_ROW(                                                                      \
        "CASE WHEN p.version = p.seen THEN '1' ELSE '3' END") " FROM locked p UNION ALL "
constexpr statement kLock{"catalog_lock",
                          KIENG_LOCKED("= $1::uuid") KIENG_VARIANT_ROWS "v.product_id = $1::uuid"};
constexpr statement kLockBySku{
    "catalog_lock_by_sku",
    KIENG_LOCKED("IN (SELECT product_id FROM variants WHERE sku = ANY ((SELECT $1)::text[]))")
        KIENG_VARIANT_ROWS "v.product_id IN (SELECT id FROM locked)"};

constexpr statement kNormalise{
    "catalog_nfc",
    "SELECT normalize(t, NFC) FROM unnest($1::text[]) WITH ORDINALITY u (t, n) ORDER BY n"};
constexpr statement kLockCodes{"catalog_lock_codes", "SELECT lock_codes($1::text[])"};
constexpr statement kTaken{"catalog_taken", R"sql(
    SELECT 1, slug FROM products WHERE slug = ANY ((SELECT $2)::text[]) AND id IS DISTINCT FROM $1::uuid
    UNION ALL SELECT 2, sku FROM variants WHERE sku = ANY ((SELECT $3)::text[]) AND product_id IS DISTINCT FROM $1::uuid
    UNION ALL SELECT 3, barcode FROM variants WHERE barcode = ANY ((SELECT $4)::text[]) AND product_id IS DISTINCT FROM $1::uuid)sql"};

// Per stem as many codes as wanted: the stem itself if it is free, then numbers behind all in use, passing over what another unit is about
// to use instead of waiting for it. '-' is followed by digits only: between '-0' and '-:' in byte order lies everything that may be a number.
#define KIENG_PICK(kind, table, column)                                                                                        \
    "SELECT s.stem, picked.code FROM unnest((SELECT $1)::text[], (SELECT $2)::bigint[]) s (stem, wanted) CROSS JOIN LATERAL (" \
    " SELECT CASE WHEN i = 0 AND not f.used THEN s.stem"                                                                       \
    "             ELSE s.stem || '-' || (f.last + i + CASE WHEN f.used THEN 1 ELSE 0 END) END AS code"                         \
    "   FROM (SELECT EXISTS (SELECT FROM " table " WHERE " column " = s.stem) AS used,"                                        \
    "                greatest((SELECT max(substr(" column                                                                      \
    ", length(s.stem) + 2)::bigint) FROM " table "                           WHERE " column                                    \
    " > s.stem || '-0' AND " column " < s.stem || '-:'"                                                                        \
    "                             AND substr(" column                                                                          \
    ", length(s.stem) + 2) ~ '^[0-9]{1,9}$'), 1) AS last"                                                                      \
    "           OFFSET 0) f,"                                                                                                  \
    "        LATERAL (SELECT generate_series(0, 99999) AS i) n"                                                                \
    "  WHERE pg_try_advisory_xact_lock(hashtextextended('" kind ":' ||"                                                        \
    "            CASE WHEN i = 0 AND not f.used THEN s.stem"                                                                   \
    "                 ELSE s.stem || '-' || (f.last + i + CASE WHEN f.used THEN 1 ELSE 0 END) END, 4711))"                     \
    "  LIMIT s.wanted) picked"
// A slug that a product had before still leads there; whoever names it in a request may have it all the same.
#define KIENG_ALL_SLUGS "(SELECT slug FROM products UNION ALL SELECT slug FROM product_slugs) known"
constexpr statement kPickSlugs{"catalog_pick_slugs", KIENG_PICK("slug", KIENG_ALL_SLUGS, "slug")};
constexpr statement kPickSkus{"catalog_pick_skus", KIENG_PICK("sku", "variants", "sku")};

std::vector<product> locked(store::tx& on, const pqxx::result& rows)
{
    std::vector<std::string> ids;
    bool waited = false;
    for (const auto& r : rows) {
        const char kind = r[0].c_str()[0];
        if (kind == '2') continue;
        ids.emplace_back(r[1].c_str());
        waited = waited || kind == '3';
    }
    auto read = waited ? load(on, ids) : products_of(rows, ids);
    std::vector<product> out;
    for (auto& p : read.values) {
        if (p) out.push_back(*std::move(p));
    }
    return out;
}

std::vector<std::string> picked(store::tx& on, const statement& how, const std::string& stem)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(how, array_literal({stem}), "{1}"))
        out.emplace_back(row[1].c_str());
    return out;
}

}  // namespace

std::optional<product> lock(store::tx& on, const std::string& id)
{
    auto found = locked(on, on.exec(kLock, id));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<product> lock_by_skus(store::tx& on, const std::vector<std::string>& skus)
{
    return locked(on, on.exec(kLockBySku, array_literal(skus)));
}

std::vector<std::string> normalised(store::tx& on, const std::vector<std::string>& texts)
{
    std::vector<std::string> out;
    for (const auto& row : on.exec(kNormalise, array_literal(texts)))
        out.emplace_back(row[0].c_str(), row[0].size());
    return out;
}

void lock_codes(store::tx& on, const codes& which)
{
    std::vector<std::string> names;
    for (const auto& slug : which.slugs) names.push_back("slug:" + slug);
    for (const auto& sku : which.skus) names.push_back("sku:" + sku);
    for (const auto& barcode : which.barcodes) names.push_back("barcode:" + barcode);
    if (!names.empty()) on.exec(kLockCodes, array_literal(names));
}

codes taken(store::tx& on, const std::string& product_id, const codes& which)
{
    codes out;
    const char* id = product_id.empty() ? nullptr : product_id.c_str();
    for (const auto& row : on.exec(kTaken, id, array_literal(which.slugs),
                                   array_literal(which.skus), array_literal(which.barcodes))) {
        const char kind = row[0].c_str()[0];
        auto& to = kind == '1' ? out.slugs : kind == '2' ? out.skus : out.barcodes;
        to.emplace_back(row[1].c_str());
    }
    return out;
}

std::map<std::string, std::vector<std::string>> pick_slugs(
    store::tx& on, const std::map<std::string, std::int64_t>& stems)
{
    array_text names, counts;
    for (const auto& [stem, wanted] : stems) {
        names.add(stem);
        counts.add(wanted);
    }
    std::map<std::string, std::vector<std::string>> out;
    if (stems.empty()) return out;
    for (const auto& row : on.exec(kPickSlugs, names.text(), counts.text()))
        out[row[0].c_str()].emplace_back(row[1].c_str());
    return out;
}

std::string pick_slug(store::tx& on, const std::string& stem)
{
    return picked(on, kPickSlugs, stem).front();
}

std::string pick_sku(store::tx& on, const std::string& stem)
{
    return picked(on, kPickSkus, stem).front();
}

}  // namespace kieng::catalog::product_store

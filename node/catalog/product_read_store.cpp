#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_rows_store.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::catalog::product_store {
namespace {

using store::statement;

#define KIENG_LOAD(which)                                                                         \
    KIENG_HEAD_ROW                                                                                \
    " UNION ALL SELECT " KIENG_PRODUCT_ROW(                                                       \
        "1") " FROM products p WHERE p.id " which " UNION ALL "                                   \
             "SELECT '2', v.product_id::text, v.id::text, v.sku, v.barcode, v.attributes::text, " \
             "v.price::text, v.position::text, " KIENG_NULLS_8 ", " KIENG_NULLS_8                 \
             ", NULL, NULL, NULL, NULL, "                                                         \
             "NULL FROM variants v WHERE v.product_id " which
constexpr statement kLoadOne{"catalog_load_one", KIENG_LOAD("= $1::uuid")};
// The array comes out of a subquery so that the planner never sees how long it is. Otherwise a plan for few ids looks cheaper than the plan for
// any number of them, and every execution is planned anew, which costs several times the reading.
constexpr statement kLoad{"catalog_load", KIENG_LOAD("= ANY ((SELECT $1)::uuid[])")};
#undef KIENG_LOAD

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

std::optional<std::int64_t> number_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return number_of(view(f));
}

}  // namespace

store::loaded<product> load(store::tx& on, const std::vector<std::string>& ids)
{
    const auto rows = ids.size() == 1 ? on.exec(kLoadOne, ids.front())
                                      : on.exec(kLoad, store::array_literal(ids));
    return products_of(rows, ids);
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

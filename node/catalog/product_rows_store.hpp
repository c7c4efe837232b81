// Products as PostgreSQL hands them over: rows of three kinds told apart by their first column, the head's position (0), products (1), their
// variants (2), all of one width so that one statement gives all. No aggregation, no JSON: both would cost more than the reading.
// Included by *_store.cpp files only. Pure functions, thread safe.
#pragma once

#include "node/catalog/product.hpp"
#include "node/platform/store/read_batcher.hpp"

#include <pqxx/pqxx>

#include <string>
#include <vector>

#define KIENG_NULLS_8 "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
#define KIENG_HEAD_ROW                                                            \
    "SELECT '0', pos::text, " KIENG_NULLS_8 ", " KIENG_NULLS_8 ", " KIENG_NULLS_8 \
    ", NULL, NULL, NULL"                                                          \
    " FROM cluster_head"
// Of the products `p`; `kind` is SQL that gives the first column.
#define KIENG_PRODUCT_ROW(kind)                                                                      \
    kind                                                                                             \
        "::text, p.id::text, p.name, p.slug, p.sku, p.description, p.price::text, p.currency::text," \
        " p.compare_at_price::text, (SELECT slug FROM categories WHERE id = p.category_id),"         \
        " p.category_id::text, (SELECT slug FROM categories WHERE id = p.subcategory_id),"           \
        " p.subcategory_id::text, p.tags::text, p.brand, p.image_urls::text, p.image_alts::text,"    \
        " p.primary_image::text, p.seo_title, p.seo_description, p.seo_keywords::text,"              \
        " p.status::text, p.published_at::text, p.price_version::text, p.version::text,"             \
        " p.created_at::text, p.updated_at::text, p.updated_by::text, p.changed_fields::text"
// A condition follows.
#define KIENG_VARIANT_ROWS                                                                              \
    "SELECT '2', v.product_id::text, v.id::text, v.sku, v.barcode, v.attributes::text, v.price::text, " \
    "v.position::text, " KIENG_NULLS_8 ", " KIENG_NULLS_8 ", NULL, NULL, NULL, NULL, NULL"              \
    " FROM variants v WHERE "

namespace kieng::catalog::product_store {

// The products among the rows, in the order of `ids`.
[[nodiscard]] store::loaded<product> products_of(const pqxx::result& rows,
                                                 const std::vector<std::string>& ids);

}  // namespace kieng::catalog::product_store

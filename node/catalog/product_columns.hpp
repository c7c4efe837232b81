// Products turned into columns: an array per column with one element per row, as unnest() takes them. Pure, not thread safe.
#pragma once

#include "node/catalog/pg_text.hpp"
#include "node/catalog/product.hpp"

#include <string>

namespace kieng::catalog::product_store {

struct product_columns {
    void add(const catalog::product& p);
    array_text id, status, published, price, compare, currency, slug, sku, category, subcategory,
        variants, primary, urls, alts, seo_title, seo_description, seo_keywords, name, description,
        brand, tags, labels, codes;
};

// The variants of all products added.
struct variant_columns {
    void add(const catalog::product& p);
    array_text id, product, position, sku, barcode, attributes, price;
};

// Their tags (kind 1) and brands (kind 2).
struct label_columns {
    void add(const catalog::product& p);
    std::size_t count = 0;
    array_text kind, name, status, product;
};

// What the price history says of edits: the product's price first, then those of variants.
struct price_columns {
    void add(const catalog::product& before, const catalog::product& after);
    std::size_t count = 0;
    array_text product, price_version, seq, variant, before, after, currency;
};

// SKUs and barcodes of all variants, as searches look at them.
[[nodiscard]] std::string codes_text(const product_fields& f);

[[nodiscard]] inline const char* null_if_empty(const std::string& text)
{
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace kieng::catalog::product_store

// What somebody wants of a product: the fields a request names, and how they become a product or an edit of one.
// Pure values and functions, thread safe.
#pragma once

#include "node/catalog/product.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog {

struct variant_input {
    std::optional<std::string> id;
    std::optional<std::string> sku;
    std::optional<std::string> barcode;
    std::string attributes = "{}";
    std::optional<std::int64_t> price;
};

// A field that may be set to nothing: absent leaves it as it is, present with nothing inside clears it.
template <class T>
using clearable = std::optional<std::optional<T>>;

struct seo_change {
    clearable<std::string> title;
    clearable<std::string> description;
    std::optional<std::vector<std::string>> keywords;
};

// What a request names. Categories are named by slug or id until category_choice says which they are.
struct product_change {
    std::optional<std::string> name;
    std::optional<std::string> slug;
    std::optional<std::string> sku;
    std::optional<std::string> description;
    std::optional<std::int64_t> price;
    std::optional<std::string> currency;
    clearable<std::int64_t> compare_at_price;
    clearable<std::string> category;
    clearable<std::string> subcategory;
    std::optional<std::vector<std::string>> tags;
    clearable<std::string> brand;
    std::optional<std::vector<image>> images;
    std::optional<std::vector<variant_input>> variants;
    std::optional<seo_change> seo;
    std::optional<catalog::status> status;
    clearable<wall_time> published_at;
    std::optional<std::int64_t> version;  // the one the edit started from
    // CSV has one image and one barcode per line: they go to the primary image and the default variant.
    clearable<std::string> primary_image_url;
    clearable<std::string> default_barcode;
};

// The categories a change names, found in the database; none where the change names none or clears it.
struct category_choice {
    category_ref category;
    category_ref subcategory;
};

// Gives a new variant its id.
using make_id = std::function<std::string()>;

// The fields after the change. `base` is the product it started from, or empty fields (no variants) for a new one.
// A missing SKU of a variant is made from the product's; the product's own must be there by then.
// Errors: validation_failed (unknown_variant, sku_mismatch, and the rules of faults_of).
[[nodiscard]] result<product_fields> apply(const product_fields& base, const product_change& change,
                                           const category_choice& categories,
                                           const make_id& new_id);

// The outcome of an edit that started from `base` while the product became `theirs`.
struct merge_outcome {
    product_fields fields;    // theirs, with what `yours` changed
    std::vector<field> kept;  // changed by others since, and kept
    std::vector<field>
        conflicts;  // changed by both to different values; fields is then meaningless
};

// Field-wise three-way merge. A field both changed to the same value is no conflict. Fields that hang together (price, currency and
// compareAtPrice; category and subcategory) conflict when each alone would merge but together they break a rule.
[[nodiscard]] merge_outcome merge(const product_fields& base, const product_fields& theirs,
                                  const product_fields& yours);

// The fields that differ, in the order of kFields.
[[nodiscard]] std::vector<field> differing(const product_fields& a, const product_fields& b);

}  // namespace kieng::catalog

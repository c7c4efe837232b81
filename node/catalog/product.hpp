// A product, what may be changed about it, and the rules it always keeps. Pure values: no clock, no database, no JSON.
// Rules and limits: docs/openapi.yaml (ProductInput).
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

using product_id = id<struct product_kind>;

inline constexpr std::size_t kMaxVariants = 200;
inline constexpr std::size_t kMaxImages = 20;
inline constexpr std::size_t kMaxTags = 50;

// `scheduled` is stored of goods that are active but not to be seen before their publishedAt, so that lists pass them over without looking
// at times. To people they are active: products and answers say so, and only lists and counts tell the two apart.
enum class status : std::uint8_t { draft = 1, active, archived, scheduled };
[[nodiscard]] std::string_view name_of(status s) noexcept;
[[nodiscard]] std::optional<status> status_named(std::string_view name) noexcept;
// draft to active, active to draft or archived, archived to active; staying is always allowed.
[[nodiscard]] bool may_become(status from, status to) noexcept;

struct product;
// What the database keeps as the status.
[[nodiscard]] status stored_status(const product& p) noexcept;
// Whether everybody may see and buy it.
[[nodiscard]] bool is_public(const product& p) noexcept;

// A category as a product names it: none when the id is empty.
struct category_ref {
    std::string id;
    std::string slug;
    friend bool operator==(const category_ref& a, const category_ref& b) { return a.id == b.id; }
};

struct image {
    std::string url;
    std::string alt;
    bool primary = false;
    friend bool operator==(const image&, const image&) = default;
};

struct variant {
    std::string id;
    std::string sku;
    std::optional<std::string> barcode;
    std::string attributes = "{}";      // canonical JSON text, see canonical_attributes
    std::optional<std::int64_t> price;  // none: the product's
    friend bool operator==(const variant&, const variant&) = default;
};

struct seo {
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::vector<std::string> keywords;
    friend bool operator==(const seo&, const seo&) = default;
};

// Everything about a product that people edit. The default variant is variants[0]; its SKU is the product's.
struct product_fields {
    std::string name;
    std::string slug;
    std::string sku;
    std::string description;
    std::int64_t price = 0;
    std::string currency;
    std::optional<std::int64_t> compare_at_price;
    category_ref category;
    category_ref subcategory;
    std::vector<std::string> tags;
    std::optional<std::string> brand;
    std::vector<image> images;
    std::vector<variant> variants;
    catalog::seo seo;
    catalog::status status = status::active;
    // From when on it is for everybody, while it is active; the database fills in the present for active goods without one.
    std::optional<wall_time> published_at = {};
};

struct product {
    std::string id;
    product_fields fields;
    bool scheduled = false;  // active, with a publishedAt that has not come yet
    std::int64_t price_version = 1;
    std::int64_t version = 1;
    wall_time created_at{};
    wall_time updated_at{};
    std::string updated_by;            // user id, may be empty
    std::vector<std::string> changed;  // fields that the present version changed
};

// The members of a product that are compared and merged, by their names on the wire.
enum class field : std::uint8_t {
    name = 1,
    slug,
    sku,
    description,
    price,
    currency,
    compare_at_price,
    category,
    subcategory,
    tags,
    brand,
    images,
    variants,
    seo,
    status,
    published_at,
};
inline constexpr std::array kFields{field::name,
                                    field::slug,
                                    field::sku,
                                    field::description,
                                    field::price,
                                    field::currency,
                                    field::compare_at_price,
                                    field::category,
                                    field::subcategory,
                                    field::tags,
                                    field::brand,
                                    field::images,
                                    field::variants,
                                    field::seo,
                                    field::status,
                                    field::published_at};
[[nodiscard]] std::string_view name_of(field f) noexcept;
// Whether two products have the same value there. The default variant's SKU counts as `sku`, not as `variants`.
[[nodiscard]] bool same(field f, const product_fields& a, const product_fields& b);
void copy(field f, const product_fields& from, product_fields& to);

// JSON text with the order and spacing PostgreSQL gives a jsonb: by length of the name, then by its bytes.
[[nodiscard]] std::string canonical_attributes(
    const std::map<std::string, std::string>& attributes);

// The rules that span fields: compareAtPrice above price, subcategory only with a category, one primary image, variants apart in
// attributes, SKUs and barcodes apart, variants[0].sku the product's. Empty when all hold.
[[nodiscard]] std::vector<field_fault> faults_of(const product_fields& fields);
// At most one image is marked; none marked makes the first the primary one.
void choose_primary(std::vector<image>& images);

// Whether prices differ: the product's price or currency, or the price of a variant that both have or one lacks.
[[nodiscard]] bool prices_differ(const product_fields& a, const product_fields& b);

}  // namespace kieng::catalog

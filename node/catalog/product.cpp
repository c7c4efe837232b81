#include "node/catalog/product.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kieng::catalog {
namespace {

bool same_variants(const std::vector<variant>& a, const std::vector<variant>& b)
{
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool sku_counts = i != 0;
        if (sku_counts ? a[i] != b[i]
                       : a[i].id != b[i].id || a[i].barcode != b[i].barcode ||
                             a[i].attributes != b[i].attributes || a[i].price != b[i].price)
            return false;
    }
    return true;
}

void check_variants(const std::vector<variant>& variants, std::vector<field_fault>& faults)
{
    std::set<std::string_view> skus, barcodes, attributes;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const auto& v = variants[i];
        const std::string pointer = "/variants/" + std::to_string(i);
        if (!skus.insert(v.sku).second)
            faults.push_back({pointer + "/sku", fault_code::duplicate, {}});
        if (v.barcode && !barcodes.insert(*v.barcode).second)
            faults.push_back({pointer + "/barcode", fault_code::duplicate, {}});
        if (!attributes.insert(v.attributes).second)
            faults.push_back({pointer + "/attributes", fault_code::duplicate, {}});
    }
}

}  // namespace

std::string_view name_of(status s) noexcept
{
    switch (s) {
    case status::draft: return "draft";
    case status::active: return "active";
    case status::archived: return "archived";
    case status::scheduled: return "active";
    }
    return "draft";
}

std::optional<status> status_named(std::string_view name) noexcept
{
    for (const auto s : {status::draft, status::active, status::archived}) {
        if (name_of(s) == name) return s;
    }
    return std::nullopt;
}

bool may_become(status from, status to) noexcept
{
    switch (from) {
    case status::draft: return to != status::archived;
    case status::active:
    case status::scheduled: return true;
    case status::archived: return to != status::draft;
    }
    return false;
}

status stored_status(const product& p) noexcept
{
    return p.fields.status == status::active && p.scheduled ? status::scheduled : p.fields.status;
}

bool is_public(const product& p) noexcept
{
    return stored_status(p) == status::active;
}

std::string_view name_of(field f) noexcept
{
    switch (f) {
    case field::name: return "name";
    case field::slug: return "slug";
    case field::sku: return "sku";
    case field::description: return "description";
    case field::price: return "price";
    case field::currency: return "currency";
    case field::compare_at_price: return "compareAtPrice";
    case field::category: return "category";
    case field::subcategory: return "subcategory";
    case field::tags: return "tags";
    case field::brand: return "brand";
    case field::images: return "images";
    case field::variants: return "variants";
    case field::seo: return "seo";
    case field::status: return "status";
    case field::published_at: return "publishedAt";
    }
    return "";
}

bool same(field f, const product_fields& a, const product_fields& b)
{
    switch (f) {
    case field::name: return a.name == b.name;
    case field::slug: return a.slug == b.slug;
    case field::sku: return a.sku == b.sku;
    case field::description: return a.description == b.description;
    case field::price: return a.price == b.price;
    case field::currency: return a.currency == b.currency;
    case field::compare_at_price: return a.compare_at_price == b.compare_at_price;
    case field::category: return a.category == b.category;
    case field::subcategory: return a.subcategory == b.subcategory;
    case field::tags: return a.tags == b.tags;
    case field::brand: return a.brand == b.brand;
    case field::images: return a.images == b.images;
    case field::variants: return same_variants(a.variants, b.variants);
    case field::seo: return a.seo == b.seo;
    case field::status: return a.status == b.status;
    case field::published_at: return a.published_at == b.published_at;
    }
    return true;
}

void copy(field f, const product_fields& from, product_fields& to)
{
    switch (f) {
    case field::name: to.name = from.name; return;
    case field::slug: to.slug = from.slug; return;
    case field::sku:
        to.sku = from.sku;
        if (!to.variants.empty()) to.variants.front().sku = from.sku;
        return;
    case field::description: to.description = from.description; return;
    case field::price: to.price = from.price; return;
    case field::currency: to.currency = from.currency; return;
    case field::compare_at_price: to.compare_at_price = from.compare_at_price; return;
    case field::category: to.category = from.category; return;
    case field::subcategory: to.subcategory = from.subcategory; return;
    case field::tags: to.tags = from.tags; return;
    case field::brand: to.brand = from.brand; return;
    case field::images: to.images = from.images; return;
    case field::variants:
        to.variants = from.variants;
        if (!to.variants.empty()) to.variants.front().sku = to.sku;
        return;
    case field::seo: to.seo = from.seo; return;
    case field::status: to.status = from.status; return;
    case field::published_at: to.published_at = from.published_at; return;
    }
}

std::string canonical_attributes(const std::map<std::string, std::string>& attributes)
{
    std::vector<const std::pair<const std::string, std::string>*> ordered;
    ordered.reserve(attributes.size());
    for (const auto& entry : attributes) ordered.push_back(&entry);
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
        return a->first.size() < b->first.size();
    });
    std::string out = "{";
    for (const auto* entry : ordered) {
        if (out.size() > 1) out += ", ";
        append_json_string(out, entry->first);
        out += ": ";
        append_json_string(out, entry->second);
    }
    return out + "}";
}

std::vector<field_fault> faults_of(const product_fields& fields)
{
    std::vector<field_fault> faults;
    if (fields.compare_at_price && *fields.compare_at_price <= fields.price)
        faults.push_back(
            {"/compareAtPrice", fault_code::not_above_price, "> " + std::to_string(fields.price)});
    if (!fields.subcategory.id.empty() && fields.category.id.empty())
        faults.push_back({"/subcategory", fault_code::depends, "category"});
    const auto marked = std::count_if(fields.images.begin(), fields.images.end(),
                                      [](const image& i) { return i.primary; });
    if (marked > 1) faults.push_back({"/images", fault_code::more_than_one_primary, "1"});
    if (fields.variants.empty())
        faults.push_back({"/variants", fault_code::too_few, "1..200"});
    else if (fields.variants.front().sku != fields.sku)
        faults.push_back({"/variants/0/sku", fault_code::sku_mismatch, fields.sku});
    check_variants(fields.variants, faults);
    return faults;
}

void choose_primary(std::vector<image>& images)
{
    const bool marked =
        std::any_of(images.begin(), images.end(), [](const image& i) { return i.primary; });
    if (!marked && !images.empty()) images.front().primary = true;
}

bool prices_differ(const product_fields& a, const product_fields& b)
{
    if (a.price != b.price || a.currency != b.currency) return true;
    std::map<std::string_view, std::optional<std::int64_t>> before;
    for (const auto& v : a.variants) before[v.id] = v.price;
    for (const auto& v : b.variants) {
        const auto at = before.find(v.id);
        if (at == before.end() ? v.price.has_value() : at->second != v.price) return true;
        if (at != before.end()) before.erase(at);
    }
    return std::any_of(before.begin(), before.end(),
                       [](const auto& gone) { return gone.second.has_value(); });
}

}  // namespace kieng::catalog

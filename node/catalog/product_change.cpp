#include "node/catalog/product_change.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace kieng::catalog {
namespace {

// The variant of `base` that an input means, by id or by SKU.
const variant* matched(const std::vector<variant>& base, const variant_input& input)
{
    const auto found = std::find_if(base.begin(), base.end(), [&](const variant& v) {
        return input.id ? v.id == *input.id : input.sku && v.sku == *input.sku;
    });
    return found == base.end() ? nullptr : &*found;
}

std::string made_sku(const std::string& product_sku, std::size_t index,
                     const std::set<std::string>& taken)
{
    const std::string stem = product_sku.substr(0, 58);
    for (std::size_t n = index + 1;; ++n) {
        std::string sku = stem + "-" + std::to_string(n);
        if (!taken.contains(sku)) return sku;
    }
}

void set_variants(const product_fields& base, const std::vector<variant_input>& inputs,
                  const make_id& new_id, product_fields& to, std::vector<field_fault>& faults)
{
    std::set<std::string> skus, ids;
    for (const auto& input : inputs) {
        if (input.sku) skus.insert(*input.sku);
    }
    to.variants.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto& input = inputs[i];
        const std::string pointer = "/variants/" + std::to_string(i);
        const variant* before = matched(base.variants, input);
        if (input.id && !before)
            faults.push_back({pointer + "/id", fault_code::unknown_variant, {}});
        if (before && !ids.insert(before->id).second)
            faults.push_back({pointer, fault_code::duplicate, {}});
        variant v;
        v.id = before ? before->id : new_id();
        if (input.sku)
            v.sku = *input.sku;
        else if (i == 0)
            v.sku = to.sku;
        else if (before)
            v.sku = before->sku;
        else
            v.sku = made_sku(to.sku, i, skus);
        skus.insert(v.sku);
        v.barcode = input.barcode;
        v.attributes = input.attributes;
        v.price = input.price;
        to.variants.push_back(std::move(v));
    }
}

// The SKU of the product after the change: named, or the default variant's, or what it was.
void set_sku(const product_fields& base, const product_change& change, product_fields& to,
             std::vector<field_fault>& faults)
{
    const variant_input* first =
        change.variants && !change.variants->empty() ? &change.variants->front() : nullptr;
    if (change.sku)
        to.sku = *change.sku;
    else if (first && first->sku)
        to.sku = *first->sku;
    if (change.sku && first && first->sku && *change.sku != *first->sku)
        faults.push_back({"/variants/0/sku", fault_code::sku_mismatch, *change.sku});
    if (!change.variants && to.sku != base.sku && !to.variants.empty())
        to.variants.front().sku = to.sku;
}

void set_primary_image(const std::optional<std::string>& url, std::vector<image>& images)
{
    const auto primary =
        std::find_if(images.begin(), images.end(), [](const image& i) { return i.primary; });
    if (!url) {
        if (primary != images.end()) images.erase(primary);
    } else if (primary != images.end()) {
        primary->url = *url;
    } else {
        images.insert(images.begin(), image{*url, "", true});
    }
    choose_primary(images);
}

void set_seo(const seo_change& change, seo& to)
{
    if (change.title) to.title = *change.title;
    if (change.description) to.description = *change.description;
    if (change.keywords) to.keywords = *change.keywords;
}

}  // namespace

result<product_fields> apply(const product_fields& base, const product_change& change,
                             const category_choice& categories, const make_id& new_id)
{
    product_fields to = base;
    std::vector<field_fault> faults;
    if (change.name) to.name = *change.name;
    if (change.slug) to.slug = *change.slug;
    if (change.description) to.description = *change.description;
    if (change.price) to.price = *change.price;
    if (change.currency) to.currency = *change.currency;
    if (change.compare_at_price) to.compare_at_price = *change.compare_at_price;
    if (change.category) to.category = categories.category;
    if (change.subcategory) to.subcategory = categories.subcategory;
    if (change.tags) to.tags = *change.tags;
    if (change.brand) to.brand = *change.brand;
    if (change.images) to.images = *change.images;
    if (change.seo) set_seo(*change.seo, to.seo);
    if (change.status) to.status = *change.status;
    if (change.published_at) to.published_at = *change.published_at;
    set_sku(base, change, to, faults);
    if (change.variants) set_variants(base, *change.variants, new_id, to, faults);
    if (to.variants.empty()) {
        std::string id = base.variants.empty() ? new_id() : base.variants.front().id;
        to.variants.push_back({std::move(id), to.sku, std::nullopt, "{}", std::nullopt});
    }
    choose_primary(to.images);
    if (change.primary_image_url) set_primary_image(*change.primary_image_url, to.images);
    if (change.default_barcode) to.variants.front().barcode = *change.default_barcode;
    if (faults.empty()) faults = faults_of(to);
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return to;
}

merge_outcome merge(const product_fields& base, const product_fields& theirs,
                    const product_fields& yours)
{
    merge_outcome out;
    out.fields = theirs;
    for (const field f : kFields) {
        const bool you = !same(f, base, yours);
        const bool they = !same(f, base, theirs);
        if (you && they && !same(f, theirs, yours))
            out.conflicts.push_back(f);
        else if (you && !they)
            copy(f, yours, out.fields);
        else if (they && !you)
            out.kept.push_back(f);
    }
    if (!out.conflicts.empty()) return out;
    // Each field merged, but a rule that spans fields may be broken by the combination.
    for (const auto& fault : faults_of(out.fields)) {
        const auto group =
            fault.pointer == "/compareAtPrice"  ? std::vector{field::price, field::compare_at_price}
            : fault.pointer == "/subcategory"   ? std::vector{field::category, field::subcategory}
            : fault.pointer.starts_with("/var") ? std::vector{field::sku, field::variants}
                                                : std::vector{field::images};
        for (const field f : group) {
            if (!same(f, theirs, yours)) out.conflicts.push_back(f);
        }
    }
    return out;
}

std::vector<field> differing(const product_fields& a, const product_fields& b)
{
    std::vector<field> out;
    std::copy_if(kFields.begin(), kFields.end(), std::back_inserter(out),
                 [&](field f) { return !same(f, a, b); });
    return out;
}

}  // namespace kieng::catalog

#include "node/catalog/product_revision.hpp"

#include "node/catalog/edit_failures.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_json.hpp"

#include <algorithm>
#include <utility>

namespace kieng::catalog {
namespace {

// What the answer says of a transition that is not allowed: from, to, and where it may go instead.
std::string transition_members(status from, status to)
{
    std::string out = "\"from\":" + json_string(name_of(from)) +
                      ",\"to\":" + json_string(name_of(to)) + ",\"allowed\":[";
    bool first = true;
    for (const auto next : {status::draft, status::active, status::archived}) {
        if (next == from || !may_become(from, next)) continue;
        out += (first ? "" : ",") + json_string(name_of(next));
        first = false;
    }
    return out + "]";
}

sentence transition_sentence(status from, status to)
{
    const std::string is(name_of(from)), would(name_of(to));
    return {"Sản phẩm đang ở trạng thái " + is + " nên không chuyển thẳng sang " + would +
                " được; allowed là những trạng thái chuyển được.",
            "A product that is " + is + " cannot become " + would +
                " directly; allowed names what it can become."};
}

bool comes_later(const product_fields& f, wall_time now)
{
    return f.status == status::active && f.published_at && *f.published_at > now;
}

// An audit line tells long texts by their beginnings; the versions of the product have them whole.
void shorten(std::string& text)
{
    constexpr std::size_t kShown = 300;
    if (text.size() <= kShown) return;
    std::size_t length = kShown;
    while ((static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
    text.resize(length);
    text += "...";
}

// Of many variants an edit changes few.
void leave_out_equal(std::vector<variant>& was, std::vector<variant>& is)
{
    const auto old = was;
    const auto in = [](const std::vector<variant>& all) {
        return
            [&all](const variant& v) { return std::find(all.begin(), all.end(), v) != all.end(); };
    };
    was.erase(std::remove_if(was.begin(), was.end(), in(is)), was.end());
    is.erase(std::remove_if(is.begin(), is.end(), in(old)), is.end());
}

std::string details_of(const product& before, const product& after)
{
    auto was = before.fields, is = after.fields;
    shorten(was.description);
    shorten(is.description);
    leave_out_equal(was.variants, is.variants);
    std::string out = "{";
    for (const field f : differing(before.fields, after.fields)) append_change(out, f, was, is);
    return out + "}";
}

// What a new or deleted product was, for the audit log.
std::string outline_of(const product_fields& f)
{
    std::string out = "{";
    for (const field which : {field::name, field::sku, field::slug, field::price, field::currency,
                              field::category, field::subcategory, field::status}) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name_of(which));
        out += ':';
        append_value(out, which, f);
    }
    return out + "}";
}

}  // namespace

std::string default_slug(const product_change& wanted)
{
    std::string stem = slugify(wanted.name.value_or(""), 180);
    if (stem.empty()) stem = slugify(wanted.sku.value_or(""), 180);
    return stem.empty() ? "product" : stem;
}

std::string default_sku(const std::string& slug)
{
    std::string out = slug.substr(0, 54);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    while (out.back() == '-') out.pop_back();
    return out;
}

result<product> begin(beginning with, const product_change& wanted,
                      const category_choice& categories, const make_id& new_id)
{
    const bool below_nothing =
        wanted.subcategory && *wanted.subcategory && !(wanted.category && *wanted.category);
    if (below_nothing) return invalid("/subcategory", fault_code::depends, "category");
    product_fields empty;
    empty.currency = std::move(with.currency);
    empty.slug = std::move(with.slug);
    empty.sku = std::move(with.sku);
    product p;
    p.id = new_id();
    p.updated_by = std::move(with.by);
    auto fields = apply(empty, wanted, categories, new_id);
    if (!fields) return fields.error();
    p.fields = *std::move(fields);
    p.scheduled = comes_later(p.fields, with.now);
    return p;
}

result<bool> settle(const product& before, product& after, const std::string& by, wall_time now)
{
    if (!may_become(before.fields.status, after.fields.status)) {
        failure refused(errc::status_transition_refused,
                        transition_sentence(before.fields.status, after.fields.status));
        refused.members = transition_members(before.fields.status, after.fields.status);
        return refused;
    }
    const auto fields = differing(before.fields, after.fields);
    if (fields.empty()) {
        after = before;
        return false;
    }
    after.changed.clear();
    for (const field f : fields) after.changed.emplace_back(name_of(f));
    after.updated_by = by;
    // PostgreSQL's clock said when goods were published; this node's may be behind it, and must not hide them again.
    const bool as_before = before.fields.status == status::active &&
                           after.fields.published_at == before.fields.published_at;
    after.scheduled = after.fields.status == status::active &&
                      (as_before ? before.scheduled : comes_later(after.fields, now));
    after.version = before.version + 1;
    if (prices_differ(before.fields, after.fields)) after.price_version = before.price_version + 1;
    return true;
}

product_store::codes new_codes(const product_fields* before, const product_fields& after)
{
    product_store::codes out;
    const auto had = [&](auto of, const std::string& code) {
        return before && std::any_of(before->variants.begin(), before->variants.end(),
                                     [&](const variant& v) { return of(v) == code; });
    };
    if (!before || before->slug != after.slug) out.slugs.push_back(after.slug);
    for (const auto& v : after.variants) {
        if (!had([](const variant& o) { return o.sku; }, v.sku)) out.skus.push_back(v.sku);
        if (v.barcode && !had([](const variant& o) { return o.barcode.value_or(""); }, *v.barcode))
            out.barcodes.push_back(*v.barcode);
    }
    return out;
}

failure taken_failure(const product_store::codes& taken, const product_fields& f)
{
    failure out(!taken.slugs.empty()  ? errc::slug_taken
                : !taken.skus.empty() ? errc::sku_taken
                                      : errc::barcode_taken);
    if (!taken.slugs.empty()) out.fields.push_back({"/slug", fault_code::slug_taken, {}});
    const auto has = [](const std::vector<std::string>& in, const std::string& code) {
        return std::find(in.begin(), in.end(), code) != in.end();
    };
    for (std::size_t i = 0; i < f.variants.size(); ++i) {
        const std::string pointer = "/variants/" + std::to_string(i);
        const auto& v = f.variants[i];
        if (has(taken.skus, v.sku))
            out.fields.push_back({i == 0 ? "/sku" : pointer + "/sku", fault_code::sku_taken, {}});
        if (v.barcode && has(taken.barcodes, *v.barcode))
            out.fields.push_back({pointer + "/barcode", fault_code::barcode_taken, {}});
    }
    return out;
}

identity::audit_entry audit_line_of(const product* before, const product* after)
{
    if (!before) return {"product.create", "product", after->id, outline_of(after->fields)};
    if (after) return {"product.update", "product", after->id, details_of(*before, *after)};
    return {"product.delete", "product", before->id, outline_of(before->fields)};
}

void each_text(product_change& c, const std::function<void(std::string&)>& visit)
{
    const auto one = [&](std::optional<std::string>& text) {
        if (text) visit(*text);
    };
    const auto two = [&](clearable<std::string>& text) {
        if (text) one(*text);
    };
    one(c.name);
    one(c.description);
    two(c.brand);
    two(c.category);
    two(c.subcategory);
    if (c.tags) std::for_each(c.tags->begin(), c.tags->end(), visit);
    if (c.images) {
        for (auto& i : *c.images) visit(i.alt);
    }
    if (c.variants) {
        for (auto& v : *c.variants) visit(v.attributes);
    }
    if (c.seo) {
        two(c.seo->title);
        two(c.seo->description);
        if (c.seo->keywords) std::for_each(c.seo->keywords->begin(), c.seo->keywords->end(), visit);
    }
}

}  // namespace kieng::catalog

#include "node/catalog/product_editor.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "node/catalog/category_store.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/json_text.hpp"
#include "node/catalog/product_announcement.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_store.hpp"

#include <algorithm>
#include <functional>

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

// Brings all texts into NFC. Nearly none needs it, so PostgreSQL is asked only for those that may.
void normalise(store::tx& on, product_change& wanted)
{
    std::vector<std::string> texts;
    each_text(wanted, [&](std::string& t) {
        if (may_be_decomposed(t)) texts.push_back(t);
    });
    if (texts.empty()) return;
    auto composed = product_store::normalised(on, texts);
    auto next = composed.begin();
    each_text(wanted, [&](std::string& t) {
        if (may_be_decomposed(t)) t = std::move(*next++);
    });
}

failure taken_failure(const product_store::taken_codes& taken, const product_fields& f)
{
    failure out(taken.slug            ? errc::slug_taken
                : !taken.skus.empty() ? errc::sku_taken
                                      : errc::barcode_taken);
    if (taken.slug) out.fields.push_back({"/slug", fault_code::slug_taken, {}});
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

failure conflict_failure(const product& current, const product_fields* base,
                         const product_fields& yours, const std::vector<field>& fields)
{
    failure out(errc::version_conflict);
    out.members = "\"currentVersion\":";
    append_number(out.members, current.version);
    out.members += ",\"conflicts\":[";
    for (const field f : fields) {
        if (out.members.back() != '[') out.members += ',';
        out.members += "{\"field\":";
        append_json_string(out.members, name_of(f));
        if (base) {
            out.members += ",\"base\":";
            append_value(out.members, f, *base);
        }
        out.members += ",\"theirs\":";
        append_value(out.members, f, current.fields);
        out.members += ",\"yours\":";
        append_value(out.members, f, yours);
        out.members += '}';
    }
    out.members += ']';
    return out;
}

failure with_version(errc code, std::int64_t version)
{
    failure out(code);
    out.members = "\"currentVersion\":" + std::to_string(version);
    if (code == errc::version_conflict) out.members += ",\"conflicts\":[]";
    return out;
}

std::string details_of(const product& before, const product& after)
{
    std::string out = "{";
    for (const field f : differing(before.fields, after.fields)) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name_of(f));
        const bool large = f == field::description || f == field::variants || f == field::images;
        if (large) {
            out += ":{}";
            continue;
        }
        out += ":{\"from\":";
        append_value(out, f, before.fields);
        out += ",\"to\":";
        append_value(out, f, after.fields);
        out += '}';
    }
    return out + "}";
}

bool places_differ(const product_fields& a, const product_fields& b)
{
    return !(a.category == b.category) || !(a.subcategory == b.subcategory);
}

// Whether the subcategory lies below the category (or there is none).
bool well_placed(store::tx& on, const product_fields& f)
{
    if (f.subcategory.id.empty()) return true;
    const std::vector<std::string> both{f.category.id, f.subcategory.id};
    const auto found = category_store::resolve(on, both);
    return found[0] && found[1] && found[0]->id != found[1]->id &&
           is_within(found[1]->path, found[0]->path);
}

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

}  // namespace

make_id product_editor::ids() const
{
    return [this] { return make_uuid(now_, bits_); };
}

result<category_choice> product_editor::choose(store::tx& on, const product_change& wanted) const
{
    std::vector<std::string> references;
    std::vector<std::pair<const char*, category_ref*>> places;
    category_choice out;
    if (wanted.category && *wanted.category)
        references.push_back(**wanted.category), places.emplace_back("/category", &out.category);
    if (wanted.subcategory && *wanted.subcategory)
        references.push_back(**wanted.subcategory),
            places.emplace_back("/subcategory", &out.subcategory);
    if (references.empty()) return out;
    std::vector<field_fault> faults;
    const auto found = category_store::resolve(on, references);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i])
            *places[i].second = {found[i]->id, found[i]->fields.slug};
        else
            faults.push_back({places[i].first, fault_code::unknown_category, {}});
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

// Makes sure no other product has the codes that `after` uses and `before` did not, and that none can take them any more.
result<void> product_editor::claim(store::tx& on, const product_fields* before,
                                   product& after) const
{
    const auto& f = after.fields;
    std::vector<std::string> slugs, skus, barcodes;
    const auto had = [&](auto of, const std::string& code) {
        return before && std::any_of(before->variants.begin(), before->variants.end(),
                                     [&](const variant& v) { return of(v) == code; });
    };
    if (!before || before->slug != f.slug) slugs.push_back(f.slug);
    for (const auto& v : f.variants) {
        if (!had([](const variant& o) { return o.sku; }, v.sku)) skus.push_back(v.sku);
        if (v.barcode && !had([](const variant& o) { return o.barcode.value_or(""); }, *v.barcode))
            barcodes.push_back(*v.barcode);
    }
    if (slugs.empty() && skus.empty() && barcodes.empty()) return {};
    product_store::lock_codes(on, slugs, skus, barcodes);
    const auto taken =
        product_store::taken(on, after.id, slugs.empty() ? "" : f.slug, skus, barcodes);
    if (taken.slug || !taken.skus.empty() || !taken.barcodes.empty())
        return taken_failure(taken, f);
    return {};
}

result<product> product_editor::create(store::tx& on, const identity::actor& who,
                                       product_change wanted) const
{
    normalise(on, wanted);
    const bool below_nothing =
        wanted.subcategory && *wanted.subcategory && !(wanted.category && *wanted.category);
    if (below_nothing) return invalid("/subcategory", fault_code::depends, "category");
    auto categories = choose(on, wanted);
    if (!categories) return categories.error();
    const std::string stem = wanted.slug.value_or(default_slug(wanted));
    const bool names_sku = wanted.sku || (wanted.variants && !wanted.variants->empty() &&
                                          wanted.variants->front().sku);
    const std::string sku_stem = names_sku ? "" : default_sku(stem);
    product_store::lock_codes(on, wanted.slug ? std::vector<std::string>{} : std::vector{stem},
                              names_sku ? std::vector<std::string>{} : std::vector{sku_stem}, {});
    product_fields empty;
    empty.currency = currency_;
    empty.slug = wanted.slug ? stem : product_store::free_slug(on, stem);
    if (!names_sku) empty.sku = product_store::free_sku(on, sku_stem);
    product p;
    p.id = make_uuid(now_, bits_);
    p.updated_by = who.user_id;
    auto fields = apply(empty, wanted, *categories, ids());
    if (!fields) return fields.error();
    p.fields = *std::move(fields);
    if (!well_placed(on, p.fields)) return invalid("/subcategory", fault_code::not_a_descendant);
    const auto claimed = claim(on, nullptr, p);
    if (!claimed) return claimed.error();
    product_store::insert(on, p);
    log_.audit(on, who, {"product.create", "product", p.id, "{}"});
    announce_product(on, nullptr, &p);
    return p;
}

product_editor::base_of product_editor::find_base(store::tx& on, const product& current,
                                                  std::int64_t version) const
{
    if (version == current.version) return {current.fields, true};
    const auto kept = product_store::version_json(on, current.id, version);
    if (!kept) return {current.fields, false};
    return {read_stored(*kept), true};
}

result<product_editor::edited> product_editor::edit(store::tx& on, const identity::actor& who,
                                                    const std::string& id, product_change wanted,
                                                    bool any_version) const
{
    auto current = product_store::lock(on, id);
    if (!current) return failure(errc::not_found);
    if (!wanted.version && !any_version)
        return with_version(errc::version_required, current->version);
    normalise(on, wanted);
    const auto base = find_base(on, *current, wanted.version.value_or(current->version));
    auto categories = choose(on, wanted);
    if (!categories) return categories.error();
    auto yours = apply(base.fields, wanted, *categories, ids());
    if (!yours) return yours.error();
    if (places_differ(base.fields, *yours) && !well_placed(on, *yours))
        return invalid("/subcategory", fault_code::not_a_descendant);
    if (!base.kept) {
        const auto differ = differing(current->fields, *yours);
        if (!differ.empty()) return conflict_failure(*current, nullptr, *yours, differ);
        return edited{*std::move(current), {}, false};
    }
    auto outcome = merge(base.fields, current->fields, *yours);
    if (outcome.conflicts.empty() && places_differ(current->fields, outcome.fields) &&
        !well_placed(on, outcome.fields))
        outcome.conflicts = {field::category, field::subcategory};
    if (!outcome.conflicts.empty())
        return conflict_failure(*current, &base.fields, *yours, outcome.conflicts);
    edited after{*current, std::move(outcome.kept), true};
    after.now.fields = std::move(outcome.fields);
    return write(on, who, *current, std::move(after));
}

result<product_editor::edited> product_editor::write(store::tx& on, const identity::actor& who,
                                                     const product& before, edited after) const
{
    auto& p = after.now;
    if (!may_become(before.fields.status, p.fields.status)) {
        failure refused(errc::status_transition_refused);
        refused.members = transition_members(before.fields.status, p.fields.status);
        return refused;
    }
    p.changed.clear();
    for (const field f : differing(before.fields, p.fields)) p.changed.emplace_back(name_of(f));
    if (p.changed.empty()) {
        p = before;
        after.changed = false;
        return after;
    }
    const auto claimed = claim(on, &before.fields, p);
    if (!claimed) return claimed.error();
    p.updated_by = who.user_id;
    p.version = before.version + 1;
    if (prices_differ(before.fields, p.fields)) p.price_version = before.price_version + 1;
    product_store::update(on, before, p);
    log_.audit(on, who, {"product.update", "product", p.id, details_of(before, p)});
    announce_product(on, &before, &p);
    return after;
}

result<void> product_editor::remove(store::tx& on, const identity::actor& who,
                                    const std::string& id,
                                    std::optional<std::int64_t> version) const
{
    const auto current = product_store::lock(on, id);
    if (!current) return failure(errc::not_found);
    if (version && *version != current->version)
        return with_version(errc::version_conflict, current->version);
    product_store::remove(on, *current);
    std::string details = "{\"name\":";
    append_json_string(details, current->fields.name);
    details += ",\"sku\":";
    append_json_string(details, current->fields.sku);
    log_.audit(on, who, {"product.delete", "product", id, details + "}"});
    announce_product(on, &*current, nullptr);
    return {};
}

}  // namespace kieng::catalog

#include "node/catalog/product_editor.hpp"

#include "base/ids.hpp"
#include "node/catalog/category_store.hpp"
#include "node/catalog/edit_failures.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_announcement.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_revision.hpp"
#include "node/catalog/product_store.hpp"

#include <algorithm>
#include <utility>

namespace kieng::catalog {
namespace {

constexpr int kPicks = 4;

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

// Makes sure no other product has the codes that `after` uses and `before` did not, and that none can take them any more.
// Returns those that are taken.
product_store::codes claim(store::tx& on, const product_fields* before, const product& after)
{
    const auto codes = new_codes(before, after.fields);
    if (codes.empty()) return {};
    product_store::lock_codes(on, codes);
    return product_store::taken(on, after.id, codes);
}

// The variants that are no longer there.
std::vector<std::string> left_out(const product& before, const product& after)
{
    std::vector<std::string> out;
    for (const auto& was : before.fields.variants) {
        const auto& now = after.fields.variants;
        if (std::none_of(now.begin(), now.end(), [&](const variant& v) { return v.id == was.id; }))
            out.push_back(was.id);
    }
    return out;
}

}  // namespace

make_id product_editor::ids() const
{
    return [this] { return make_uuid(now_, bits_); };
}

void product_editor::normalise(store::tx& on, const std::vector<product_change*>& wanted)
{
    std::vector<std::string> texts;
    for (auto* change : wanted)
        each_text(*change, [&](std::string& t) {
            if (may_be_decomposed(t)) texts.push_back(t);
        });
    if (texts.empty()) return;
    auto composed = product_store::normalised(on, texts);
    auto next = composed.begin();
    for (auto* change : wanted)
        each_text(*change, [&](std::string& t) {
            if (may_be_decomposed(t)) t = std::move(*next++);
        });
}

void product_editor::record(store::tx& on, const identity::actor& who,
                            const std::vector<step>& steps) const
{
    std::vector<identity::audit_entry> lines;
    for (const auto& [before, after] : steps) {
        lines.push_back(audit_line_of(before, after));
        announce_product(on, before, after);
    }
    log_.audit_all(on, who, lines);
}

result<category_choice> product_editor::choose(store::tx& on, const product_change& wanted)
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

result<product> product_editor::create(store::tx& on, const identity::actor& who,
                                       product_change wanted) const
{
    const bool below_nothing =
        wanted.subcategory && *wanted.subcategory && !(wanted.category && *wanted.category);
    if (below_nothing) return invalid("/subcategory", fault_code::depends, "category");
    normalise(on, {&wanted});
    auto categories = choose(on, wanted);
    if (!categories) return categories.error();
    const std::string stem = wanted.slug.value_or(default_slug(wanted));
    const bool names_sku = wanted.sku || (wanted.variants && !wanted.variants->empty() &&
                                          wanted.variants->front().sku);
    for (int picks = 1;; ++picks) {
        beginning with{stem, {}, currency_, who.user_id, now()};
        if (!wanted.slug) with.slug = product_store::pick_slug(on, stem);
        if (!names_sku) with.sku = product_store::pick_sku(on, default_sku(stem));
        auto p = begin(std::move(with), wanted, *categories, ids());
        if (!p) return p.error();
        if (!well_placed(on, p->fields))
            return invalid("/subcategory", fault_code::not_a_descendant);
        const auto taken = claim(on, nullptr, *p);
        // What was picked may have been committed by another a moment before.
        const bool unlucky =
            (!wanted.slug && !taken.slugs.empty()) || (!names_sku && !taken.skus.empty());
        if (unlucky && picks < kPicks) continue;
        if (!taken.empty()) return taken_failure(taken, p->fields);
        product_store::insert(on, {&*p});
        record(on, who, {{nullptr, &*p}});
        return p;
    }
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
    normalise(on, {&wanted});
    const auto base = find_base(on, *current, wanted.version.value_or(current->version));
    auto categories = choose(on, wanted);
    if (!categories) return categories.error();
    auto yours = apply(base.fields, wanted, *categories, ids());
    if (!yours) return yours.error();
    if (places_differ(base.fields, *yours) && !well_placed(on, *yours))
        return invalid("/subcategory", fault_code::not_a_descendant);
    if (!base.kept) {
        const auto differ = differing(current->fields, *yours);
        if (!differ.empty())
            return conflict_failure<field, product_fields>(current->version, nullptr,
                                                           current->fields, *yours, differ);
        return edited{*std::move(current), {}, false};
    }
    auto outcome = merge(base.fields, current->fields, *yours);
    if (outcome.conflicts.empty() && places_differ(current->fields, outcome.fields) &&
        !well_placed(on, outcome.fields))
        outcome.conflicts = {field::category, field::subcategory};
    if (!outcome.conflicts.empty())
        return conflict_failure(current->version, &base.fields, current->fields, *yours,
                                outcome.conflicts);
    edited after{*current, std::move(outcome.kept), true};
    after.now.fields = std::move(outcome.fields);
    return write(on, who, *current, std::move(after));
}

result<product_editor::edited> product_editor::write(store::tx& on, const identity::actor& who,
                                                     const product& before, edited after) const
{
    const auto changed = settle(before, after.now, who.user_id, now());
    if (!changed) return changed.error();
    after.changed = *changed;
    if (!after.changed) return after;
    const auto taken = claim(on, &before.fields, after.now);
    if (!taken.empty()) return taken_failure(taken, after.now.fields);
    const auto gone = left_out(before, after.now);
    if (!gone.empty() && product_store::are_referenced(on, gone))
        return failure(errc::product_has_orders);
    product_store::update(on, {{&before, &after.now}});
    record(on, who, {{&before, &after.now}});
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
    if (product_store::is_referenced(on, id)) return failure(errc::product_has_orders);
    product_store::remove(on, *current);
    record(on, who, {{&*current, nullptr}});
    return {};
}

}  // namespace kieng::catalog

#include "node/catalog/import_batch.hpp"

#include "node/catalog/import_cells.hpp"
#include "node/catalog/product_revision.hpp"

#include <utility>

namespace kieng::catalog {
namespace {

// The faults of a refusal, by column.
std::vector<field_fault> csv_faults(const failure& why)
{
    std::vector<field_fault> out;
    for (const auto& fault : why.fields)
        out.push_back({csv_column_of(fault.pointer), fault.code, fault.allowed});
    if (!out.empty()) return out;
    if (why.code == errc::status_transition_refused)
        out.push_back({"status", fault_code::status_transition_refused, {}});
    else if (why.code == errc::category_too_deep)
        out.push_back({"category", fault_code::too_deep, std::to_string(kMaxCategoryLevels)});
    else
        out.push_back({"", fault_code::changed_meanwhile, {}});
    return out;
}

// How many parts a dry run's unit has at most, so that it stays short.
constexpr int kMaxParts = 20;

}  // namespace

// The codes that a dry run has to remember of a line.
void import_batch::note_codes(std::size_t i, const product_fields* before,
                              const product_fields& after)
{
    if (!how_.dry_run) return;
    codes_[i] = new_codes(before, after);
    codes_[i].skus = {after.sku};
    if (!before) return;
    const auto gone = new_codes(&after, *before);
    codes_[i].slugs.insert(codes_[i].slugs.end(), gone.slugs.begin(), gone.slugs.end());
    codes_[i].barcodes.insert(codes_[i].barcodes.end(), gone.barcodes.begin(), gone.barcodes.end());
}

void import_batch::fail(std::size_t i, const failure& why)
{
    outcomes_[i] = row_outcome::failed;
    faults_[i] = csv_faults(why);
}

result<const category*> import_batch::find_category(store::tx& on, const std::string& reference,
                                                    const category* above, const char* pointer)
{
    auto found = by_reference_.find(reference);
    const std::string named =
        above && found == by_reference_.end() ? above->id + "/" + reference : reference;
    found = by_reference_.find(named);
    if (found == by_reference_.end()) {
        if (!how_.create_categories) return invalid(pointer, fault_code::unknown_category);
        auto made = categories_.find_or_create(on, who_, reference, above);
        if (!made) {
            auto why = made.error();
            for (auto& fault : why.fields) fault.pointer = pointer;
            return why;
        }
        by_id_.emplace(made->id, *made);
        found = by_reference_.emplace(named, *std::move(made)).first;
    }
    return &found->second;
}

// Looks up the categories of a line, and makes them where that is wanted.
result<category_choice> import_batch::place(store::tx& on, const product_change& wanted)
{
    category_choice out;
    const category* above = nullptr;
    if (const auto* reference = text_in(wanted.category)) {
        const auto found = find_category(on, *reference, nullptr, "/category");
        if (!found) return found.error();
        above = *found;
        out.category = {above->id, above->fields.slug};
    }
    if (const auto* reference = text_in(wanted.subcategory)) {
        const bool alone = !above && !by_reference_.contains(*reference);
        if (alone) return invalid("/subcategory", fault_code::unknown_category);
        const auto found = find_category(on, *reference, above, "/subcategory");
        if (!found) return found.error();
        out.subcategory = {(*found)->id, (*found)->fields.slug};
    }
    return out;
}

bool import_batch::known_place(const product_fields& f) const
{
    return f.subcategory.id.empty() ||
           (by_id_.contains(f.category.id) && by_id_.contains(f.subcategory.id));
}

bool import_batch::well_placed(const product_fields& f) const
{
    if (f.subcategory.id.empty()) return true;
    const auto& above = by_id_.at(f.category.id);
    const auto& below = by_id_.at(f.subcategory.id);
    return above.id != below.id && is_within(below.path, above.path);
}

// Whether a line hangs on one before it, or moves codes about.
bool import_batch::in_order(std::size_t i) const
{
    const auto& row = rows_[i].what;
    const auto& change = row.change;
    if (used_skus_.contains(row.sku)) return true;
    const auto known = by_sku_.find(row.sku);
    if (known == by_sku_.end()) return false;
    const auto& f = known->second->fields;
    return (change.slug && *change.slug != f.slug) ||
           (change.default_barcode && *change.default_barcode != f.variants.front().barcode);
}

// The slug of a new product; nothing if a line before has it or somebody else was faster.
std::optional<std::string> import_batch::slug_for(const product_change& wanted)
{
    std::string slug;
    if (wanted.slug) {
        slug = *wanted.slug;
    } else {
        auto& picked = picked_slugs_[default_slug(wanted)];
        if (picked.empty()) return std::nullopt;
        slug = std::move(picked.front());
        picked.pop_front();
        if (taken_slugs_.contains(slug)) return std::nullopt;
    }
    if (used_slugs_.contains(slug)) return std::nullopt;
    return slug;
}

bool import_batch::decide_new(std::size_t i, const category_choice& places)
{
    const auto& change = changes_[i];
    const auto& sku = rows_[i].what.sku;
    const auto* barcode = text_in(change.default_barcode);
    if (taken_skus_.contains(sku) || (barcode && used_barcodes_.contains(*barcode))) return false;
    const auto slug = slug_for(change);
    if (!slug) return false;
    auto p = begin({*slug, sku, editor_.currency(), who_.user_id, editor_.now()}, change, places,
                   editor_.ids());
    if (!p) return fail(i, p.error()), true;
    if (!well_placed(p->fields))
        return fail(i, invalid("/subcategory", fault_code::not_a_descendant)), true;
    product_store::codes taken;
    if (taken_slugs_.contains(*slug)) taken.slugs.push_back(*slug);
    if (barcode && taken_barcodes_.contains(*barcode)) taken.barcodes.push_back(*barcode);
    if (!taken.empty()) return fail(i, taken_failure(taken, p->fields)), true;
    used_skus_.insert(sku);
    used_slugs_.insert(*slug);
    if (barcode) used_barcodes_.insert(*barcode);
    made_.push_back(*std::move(p));
    note_codes(i, nullptr, made_.back().fields);
    steps_.push_back({nullptr, &made_.back()});
    settle(i, row_outcome::created);
    return true;
}

bool import_batch::decide_known(std::size_t i, const product& current,
                                const category_choice& places)
{
    edit next{current, current};
    auto fields = apply(current.fields, changes_[i], places, editor_.ids());
    if (!fields) return fail(i, fields.error()), true;
    const bool moves = !(fields->category == current.fields.category) ||
                       !(fields->subcategory == current.fields.subcategory);
    if (moves && !known_place(*fields)) return false;
    if (moves && !well_placed(*fields))
        return fail(i, invalid("/subcategory", fault_code::not_a_descendant)), true;
    next.after.fields = *std::move(fields);
    const auto changed = catalog::settle(next.before, next.after, who_.user_id, editor_.now());
    if (!changed) return fail(i, changed.error()), true;
    if (!*changed) return settle(i, row_outcome::unchanged), true;
    used_skus_.insert(current.fields.sku);
    edits_.push_back(std::move(next));
    steps_.push_back({&edits_.back().before, &edits_.back().after});
    note_codes(i, &current.fields, edits_.back().after.fields);
    settle(i, row_outcome::updated);
    return true;
}

bool import_batch::decide(store::tx& on, std::size_t i)
{
    const auto& row = rows_[i].what;
    const auto refuse = [&](std::vector<field_fault> why) {
        outcomes_[i] = row_outcome::failed;
        faults_[i] = std::move(why);
        return true;
    };
    if (!row.faults.empty()) return refuse(row.faults);
    if (in_order(i)) return false;
    const auto known = by_sku_.find(row.sku);
    const bool is_new = known == by_sku_.end();
    if (is_new && of_variants_.contains(row.sku))
        return refuse({{"sku", fault_code::sku_taken, {}}});
    if (is_new) {
        auto missing = missing_in(changes_[i]);
        if (!missing.empty()) return refuse(std::move(missing));
    }
    const auto places = place(on, changes_[i]);
    if (!places) return fail(i, places.error()), true;
    return is_new ? decide_new(i, *places) : decide_known(i, *known->second, *places);
}

void import_batch::write_decided(store::tx& on)
{
    std::vector<product*> made;
    for (auto& p : made_) made.push_back(&p);
    product_store::insert(on, made);
    std::vector<product_store::rewrite> edits;
    for (auto& e : edits_) edits.push_back({&e.before, &e.after});
    product_store::update(on, edits);
    editor_.record(on, who_, steps_);
}

void import_batch::run_alone(store::tx& on, std::size_t i)
{
    auto change = changes_[i];
    const std::vector<std::string> one{rows_[i].what.sku};
    const auto owners = product_store::lock_by_skus(on, one);
    const bool is_new = owners.empty();
    if (!is_new && owners.front().fields.sku != one.front())
        return fail(i, invalid("/sku", fault_code::sku_taken));
    const auto places = place(on, change);
    if (!places) return fail(i, places.error());
    if (text_in(change.category)) **change.category = places->category.id;
    if (text_in(change.subcategory)) **change.subcategory = places->subcategory.id;
    if (is_new) {
        const auto made = editor_.create(on, who_, std::move(change));
        if (!made) return fail(i, made.error());
        note_codes(i, nullptr, made->fields);
        return settle(i, row_outcome::created);
    }
    const auto done = editor_.edit(on, who_, owners.front().id, std::move(change), true);
    if (!done) return fail(i, done.error());
    if (done->changed) note_codes(i, &owners.front().fields, done->now.fields);
    settle(i, done->changed ? row_outcome::updated : row_outcome::unchanged);
}

void import_batch::run_part(store::tx& on)
{
    forget_part();
    prepare(on);
    std::size_t i = done_;
    const auto ended_by = [&](std::size_t at) {
        stopped_ = how_.stop_on_error && !rows_[at].again && outcomes_[at] == row_outcome::failed;
        return stopped_;
    };
    while (i < rows_.size() && !stopped_ && decide(on, i)) ended_by(i++);
    write_decided(on);
    // A line alone, and those behind it that have to go alone as well.
    for (bool alone = i < rows_.size(); alone && !stopped_;
         alone = i < rows_.size() && rows_[i].what.faults.empty() && in_order(i)) {
        run_alone(on, i);
        ended_by(i++);
    }
    done_ = i;
}

result<store::answer> import_batch::run(store::tx& on)
{
    reset();
    run_part(on);
    if (!how_.dry_run) return store::answer{204, {}, {}};
    const auto goes_on = [&](int parts) {
        if (stopped_ || done_ == rows_.size()) return false;
        return parts < kMaxParts || rows_[done_].again;
    };
    for (int parts = 1; goes_on(parts); ++parts) run_part(on);
    // A refusal rolls everything back, which is all a dry run wants.
    return failure(errc::bad_request);
}

}  // namespace kieng::catalog

// How a batch learns what its lines are decided by.
#include "node/catalog/category_store.hpp"
#include "node/catalog/import_batch.hpp"
#include "node/catalog/import_cells.hpp"
#include "node/catalog/product_revision.hpp"

#include <algorithm>
#include <utility>

namespace kieng::catalog {
namespace {

template <class Set>
void put_all(Set& to, std::vector<std::string>& from)
{
    for (auto& text : from) to.insert(std::move(text));
}

}  // namespace

void import_batch::reset()
{
    done_ = 0;
    stopped_ = false;
    outcomes_.assign(rows_.size(), row_outcome::none);
    faults_.assign(rows_.size(), {});
    codes_.assign(rows_.size(), {});
    changes_.clear();
    for (const auto& row : rows_) {
        changes_.push_back(row.what.change);
        changes_.back().sku = row.what.sku;
    }
}

void import_batch::forget_part()
{
    by_reference_.clear();
    by_id_.clear();
    by_sku_.clear();
    for (auto* set : {&of_variants_, &taken_slugs_, &taken_skus_, &taken_barcodes_, &used_skus_,
                      &used_slugs_, &used_barcodes_})
        set->clear();
    picked_slugs_.clear();
    made_.clear();
    edits_.clear();
    steps_.clear();
}

// Everything the lines are decided by. Rows of goods are locked first, then categories, then codes, as by a single edit.
void import_batch::prepare(store::tx& on)
{
    std::vector<product_change*> texts;
    std::vector<std::string> skus, references;
    for (std::size_t i = done_; i < rows_.size(); ++i) {
        if (!rows_[i].what.faults.empty()) continue;
        texts.push_back(&changes_[i]);
        skus.push_back(rows_[i].what.sku);
    }
    product_editor::normalise(on, texts);
    for (const auto* change : texts) {
        for (const auto* cell : {&change->category, &change->subcategory}) {
            if (const auto* reference = text_in(*cell)) references.push_back(*reference);
        }
    }
    known_ = skus.empty() ? std::vector<product>() : product_store::lock_by_skus(on, skus);
    for (const auto& p : known_) {
        for (const auto& v : p.fields.variants) of_variants_.insert(v.sku);
        by_sku_.emplace(p.fields.sku, &p);
    }
    std::sort(references.begin(), references.end());
    references.erase(std::unique(references.begin(), references.end()), references.end());
    if (!references.empty()) {
        const auto found = category_store::resolve(on, references);
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (!found[i]) continue;
            by_id_.emplace(found[i]->id, *found[i]);
            by_reference_.emplace(references[i], *found[i]);
        }
    }
    claim_codes(on);
}

// Locks what new goods will use, and looks what of it others have.
void import_batch::claim_codes(store::tx& on)
{
    product_store::codes named;
    std::map<std::string, std::int64_t> stems;
    for (std::size_t i = done_; i < rows_.size(); ++i) {
        const auto& change = changes_[i];
        const auto& sku = rows_[i].what.sku;
        if (!rows_[i].what.faults.empty() || of_variants_.contains(sku)) continue;
        if (!missing_in(change).empty()) continue;
        named.skus.push_back(sku);
        if (const auto* barcode = text_in(change.default_barcode))
            named.barcodes.push_back(*barcode);
        if (change.slug)
            named.slugs.push_back(*change.slug);
        else
            ++stems[default_slug(change)];
    }
    if (named.skus.empty()) return;
    product_store::lock_codes(on, named);
    for (auto& [stem, slugs] : product_store::pick_slugs(on, stems)) {
        named.slugs.insert(named.slugs.end(), slugs.begin(), slugs.end());
        picked_slugs_[stem].assign(slugs.begin(), slugs.end());
    }
    auto taken = product_store::taken(on, "", named);
    put_all(taken_slugs_, taken.slugs);
    put_all(taken_skus_, taken.skus);
    put_all(taken_barcodes_, taken.barcodes);
}

}  // namespace kieng::catalog

// The lines of an import that share one unit of work. Lines are decided one after the other, as if each were alone, but written together:
// goods are locked and read in one statement, their codes claimed in one, new goods and edits written in one each. A line whose outcome
// hangs on a line before it (a SKU again, a code that moves from one product to another) goes through the editor by itself, behind
// what stands before it; then the unit ends, because what was read at its beginning may hold no more. A dry run is rolled back, so
// its unit goes on and reads anew instead, for the lines behind shall find what those before would have done (import_rehearsal.hpp).
//
// Runs on a pool thread, inside a unit of work. Not thread safe; run() may be called again after a unit that did not happen.
#pragma once

#include "node/catalog/category_service.hpp"
#include "node/catalog/product_csv.hpp"
#include "node/catalog/product_editor.hpp"
#include "node/catalog/product_store.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kieng::catalog {

struct import_options {
    bool dry_run = false;
    bool stop_on_error = false;
    // Categories that a line names and that are not there are made, from a slug or from names joined by '/'. They stay even if the
    // line is refused afterwards.
    bool create_categories = false;
};

struct numbered_row {
    std::int64_t number;  // the record, counted from 1 after the header
    csv_row what;
    csv_record record = {};  // as it was read; of a dry run
    bool again = false;      // of an earlier unit, done again for the lines that hang on it
};

enum class row_outcome : std::uint8_t { none = 1, created, updated, unchanged, failed };

class import_batch {
public:
    import_batch(const product_editor& editor, const category_service& categories,
                 identity::actor who, import_options how, std::vector<numbered_row> rows)
        : editor_(editor),
          categories_(categories),
          who_(std::move(who)),
          how_(how),
          rows_(std::move(rows))
    {}

    // Writes the lines, or their beginning, see done(). Refuses a dry run with bad_request, which rolls it back.
    result<store::answer> run(store::tx& on);

    // How many lines have an outcome, those done again among them; the others belong to the next unit.
    [[nodiscard]] std::size_t done() const noexcept { return done_; }
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }
    [[nodiscard]] const numbered_row& row(std::size_t i) const { return rows_[i]; }
    [[nodiscard]] row_outcome outcome_of(std::size_t i) const { return outcomes_[i]; }
    [[nodiscard]] const std::vector<field_fault>& faults_of(std::size_t i) const
    {
        return faults_[i];
    }
    // What a line of a dry run took or gave up; empty if it did nothing.
    [[nodiscard]] const product_store::codes& codes_of(std::size_t i) const { return codes_[i]; }

private:
    struct edit {
        product before, after;
    };

    void reset();
    void run_part(store::tx& on);
    void forget_part();
    void prepare(store::tx& on);
    void claim_codes(store::tx& on);
    [[nodiscard]] bool in_order(std::size_t i) const;
    // False: the line has to go by itself.
    bool decide(store::tx& on, std::size_t i);
    bool decide_new(std::size_t i, const category_choice& places);
    bool decide_known(std::size_t i, const product& current, const category_choice& places);
    void write_decided(store::tx& on);
    void run_alone(store::tx& on, std::size_t i);

    result<category_choice> place(store::tx& on, const product_change& wanted);
    result<const category*> find_category(store::tx& on, const std::string& reference,
                                          const category* above, const char* pointer);
    [[nodiscard]] bool known_place(const product_fields& f) const;
    [[nodiscard]] bool well_placed(const product_fields& f) const;
    [[nodiscard]] std::optional<std::string> slug_for(const product_change& wanted);
    void fail(std::size_t i, const failure& why);
    void note_codes(std::size_t i, const product_fields* before, const product_fields& after);
    void settle(std::size_t i, row_outcome came) { outcomes_[i] = came; }

    const product_editor& editor_;
    const category_service& categories_;
    const identity::actor who_;
    const import_options how_;
    const std::vector<numbered_row> rows_;

    // Of the present run:
    std::size_t done_ = 0;
    bool stopped_ = false;
    std::vector<row_outcome> outcomes_;
    std::vector<std::vector<field_fault>> faults_;
    std::vector<product_store::codes> codes_;
    std::vector<product_change> changes_;  // of the rows, in NFC
    // Of its present part, whose lines begin at done_:
    std::unordered_map<std::string, category> by_reference_, by_id_;
    std::vector<product> known_;                              // locked, as they are
    std::unordered_map<std::string, const product*> by_sku_;  // of the default variants
    std::unordered_set<std::string> of_variants_;             // other SKUs of known products
    std::unordered_set<std::string> taken_slugs_, taken_skus_, taken_barcodes_;  // by others
    std::map<std::string, std::deque<std::string>> picked_slugs_;                // by stem
    std::unordered_set<std::string> used_skus_, used_slugs_, used_barcodes_;     // by lines before
    std::deque<product> made_;
    std::deque<edit> edits_;
    std::vector<product_editor::step> steps_;
};

}  // namespace kieng::catalog

// What may happen to a product inside one transaction: created, edited, removed, with everything that goes along: codes claimed,
// concurrent edits merged, earlier versions and prices kept, the audit line, the announcement. The service runs it for one product,
// the import for many.
//
// Runs on a pool thread, inside a unit of work. Thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/product_change.hpp"
#include "node/identity/audit_service.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog {

class product_editor {
public:
    struct edited {
        product now;
        std::vector<field> merged;  // changed by others since the version named, and kept
        bool changed = true;
    };

    product_editor(const identity::audit_service& log, const clock& now, random& bits,
                   std::string currency)
        : log_(log),
          now_(now),
          bits_(bits),
          currency_(std::move(currency))
    {}

    // Errors: validation_failed, slug_taken, sku_taken, barcode_taken.
    [[nodiscard]] result<product> create(store::tx& on, const identity::actor& who,
                                         product_change wanted) const;
    // `wanted.version` names the version it starts from; none: the present one if `any_version`, else version_required.
    // Errors: not_found, version_required, version_conflict, validation_failed, status_transition_refused, slug_taken, sku_taken,
    // barcode_taken.
    [[nodiscard]] result<edited> edit(store::tx& on, const identity::actor& who,
                                      const std::string& id, product_change wanted,
                                      bool any_version = false) const;
    // Errors: not_found, version_conflict.
    [[nodiscard]] result<void> remove(store::tx& on, const identity::actor& who,
                                      const std::string& id,
                                      std::optional<std::int64_t> version) const;

    // The categories that a change names. Errors: validation_failed (unknown_category).
    [[nodiscard]] static result<category_choice> choose(store::tx& on,
                                                        const product_change& wanted);

    // What an import of many does together. Brings all texts of changes into NFC: nearly none needs it, so PostgreSQL is asked only for
    // those that may.
    static void normalise(store::tx& on, const std::vector<product_change*>& wanted);
    // Audit lines and announcements of what was written: created (`before` null), changed, deleted (`after` null).
    struct step {
        const product* before;
        const product* after;
    };
    void record(store::tx& on, const identity::actor& who, const std::vector<step>& steps) const;
    [[nodiscard]] make_id ids() const;
    [[nodiscard]] const identity::audit_service& log() const noexcept { return log_; }
    [[nodiscard]] wall_time now() const noexcept { return now_.wall(); }
    [[nodiscard]] const std::string& currency() const noexcept { return currency_; }

private:
    struct base_of {
        product_fields fields;
        bool kept = true;  // whether the version named is still known
    };

    [[nodiscard]] base_of find_base(store::tx& on, const product& current,
                                    std::int64_t version) const;
    [[nodiscard]] result<edited> write(store::tx& on, const identity::actor& who,
                                       const product& before, edited after) const;

    const identity::audit_service& log_;
    const clock& now_;
    random& bits_;
    std::string currency_;
};

}  // namespace kieng::catalog

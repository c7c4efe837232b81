// The use cases of categories. What other capabilities may call. Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/category.hpp"
#include "node/catalog/category_store.hpp"
#include "node/identity/audit_service.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <optional>
#include <string>

namespace kieng::catalog {

class category_service {
public:
    category_service(store::database& reads, store::unit_of_work& work,
                     const identity::audit_service& log, const clock& now, random& bits)
        : reads_(reads),
          work_(work),
          log_(log),
          now_(now),
          bits_(bits)
    {}

    // Errors: database_unavailable, overloaded.
    task<result<store::seen<std::optional<category>>>> find(std::string id);
    task<result<store::seen<page<category>>>> list(category_store::category_query query);

    // Errors: validation_failed, slug_taken, category_too_deep, those of unit_of_work::run.
    task<result<store::written>> create(identity::actor who, store::write_key key,
                                        category_change wanted);
    // Errors also: not_found, version_required, version_conflict, category_cycle, category_in_use.
    task<result<store::written>> edit(identity::actor who, store::write_key key, std::string id,
                                      category_change wanted);
    // Errors also: category_in_use.
    task<result<store::written>> remove(identity::actor who, store::write_key key, std::string id,
                                        std::optional<std::int64_t> version);

    // Inside a unit of work, for the import: the category of a slug or of names from the top joined by '/', made where it is missing.
    // Names are compared without case and diacritics. Errors: validation_failed, category_too_deep.
    result<category> find_or_create(store::tx& on, const identity::actor& who,
                                    const std::string& slug_or_names, const category* above) const;

private:
    result<category> create_in(store::tx& on, const identity::actor& who,
                               const category_change& wanted) const;
    struct edited {
        category now;
        std::vector<category_field> merged;
    };
    result<edited> edit_in(store::tx& on, const identity::actor& who, const std::string& id,
                           const category_change& wanted) const;
    result<void> remove_in(store::tx& on, const identity::actor& who, const std::string& id,
                           std::optional<std::int64_t> version) const;
    result<edited> write(store::tx& on, const identity::actor& who, const category& before,
                         edited after) const;

    store::database& reads_;
    store::unit_of_work& work_;
    const identity::audit_service& log_;
    const clock& now_;
    random& bits_;
};

}  // namespace kieng::catalog

// Reads goods from CSV as it comes, and writes goods to CSV. One import is many units of work: lines are committed in batches, and a
// line that changes nothing is no change, so that sending a file again is safe.
// Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "node/catalog/category_service.hpp"
#include "node/catalog/product_csv.hpp"
#include "node/catalog/product_editor.hpp"
#include "node/catalog/product_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kieng::catalog {

struct import_options {
    bool dry_run = false;
    bool stop_on_error = false;
    // Categories that a line names and that are not there are made, from a slug or from names joined by '/'. They stay even if the
    // line is refused afterwards.
    bool create_categories = false;
};

struct import_error {
    std::int64_t row = 0;  // the record, counted from 1 after the header
    field_fault what;      // its pointer is the column, empty for the whole line
};

struct import_report {
    static constexpr std::size_t kMaxErrors = 1'000;
    bool dry_run = false;
    bool stopped = false;
    std::int64_t rows = 0, created = 0, updated = 0, unchanged = 0, failed = 0;
    std::vector<import_error> errors;
    bool truncated = false;
};

class import_service {
public:
    // The next piece of the file, empty at its end.
    using source = std::function<task<result<std::string>>()>;

    import_service(store::database& reads, store::unit_of_work& work, const product_editor& editor,
                   const category_service& categories)
        : reads_(reads),
          work_(work),
          editor_(editor),
          categories_(categories)
    {}

    // Errors: csv_invalid; those of the source; database_unavailable, overloaded, outcome_unknown (what was committed before stays).
    task<result<import_report>> import_csv(identity::actor who, source from, import_options how);

    // The next lines of an export in order of creation: at most kExportRows goods behind the id `after`, which moves on; empty at the end.
    static constexpr int kExportRows = 200;
    struct export_part {
        std::string lines;
        std::string last_id;
    };
    task<result<export_part>> export_csv(product_filter what, std::string after);

private:
    struct batch;
    struct progress;

    task<result<void>> flush(const identity::actor& who, const import_options& how, progress& to);
    result<store::answer> run(store::tx& on, batch& what) const;
    void import_row(store::tx& on, batch& what, std::size_t index, std::string& known_id) const;
    result<void> find_categories(store::tx& on, const batch& what, product_change& change) const;

    store::database& reads_;
    store::unit_of_work& work_;
    const product_editor& editor_;
    const category_service& categories_;
};

}  // namespace kieng::catalog

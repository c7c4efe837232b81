// Reads goods from CSV as it comes, and writes goods to CSV. One import is many units of work: lines are committed in batches, and a
// line that changes nothing is no change, so that sending a file again is safe.
// Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "node/catalog/category_service.hpp"
#include "node/catalog/import_batch.hpp"
#include "node/catalog/product_editor.hpp"
#include "node/catalog/product_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog {

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
    // Why it ended in the midst of the file: the first `rows` lines are done, the others are not. Sending the file again goes on there.
    std::optional<failure> broken;

    void add(import_error error)
    {
        if (errors.size() < kMaxErrors)
            errors.push_back(std::move(error));
        else
            truncated = true;
    }
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

    // A unit that finds the database away, slow or in another's hands is tried again, smaller, for half a minute; then the report says
    // why it broke off (database_unavailable, overloaded, outcome_unknown) and how far it came.
    // A real import leaves a line `product.import` in the audit log, besides those of the goods.
    // Errors: csv_invalid; those of the source (what was committed before stays).
    task<result<import_report>> import_csv(identity::actor who, source from, import_options how);

    // The next lines of an export in order of creation: at most kExportRows goods behind the id `after`, which moves on; empty at the end.
    static constexpr int kExportRows = 200;
    struct export_part {
        std::string lines;
        std::string last_id;
    };
    task<result<export_part>> export_csv(product_filter what, std::string after);

private:
    struct progress;

    task<void> note(identity::actor who, import_report report);
    task<void> flush(const identity::actor& who, const import_options& how, progress& to);
    task<void> step_back(progress& at, failure why);
    void count(progress& to, const import_batch& what) const;
    static row_outcome outcome_of(const progress& at, const import_batch& what, std::size_t i);

    store::database& reads_;
    store::unit_of_work& work_;
    const product_editor& editor_;
    const category_service& categories_;
};

}  // namespace kieng::catalog

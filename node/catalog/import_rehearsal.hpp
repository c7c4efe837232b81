// What a dry run remembers. Each of its units of work is rolled back, so a line that hangs on lines of earlier units (its SKU again, a slug
// or barcode that one of them took or gave up) would not find what they did: those lines are done again first, in the same unit.
//
// Keeps lines as text, at most kMaxLines that did something, and forgets what comes behind. Not thread safe.
#pragma once

#include "node/catalog/import_batch.hpp"
#include "node/catalog/product_csv.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace kieng::catalog {

class import_rehearsal {
public:
    static constexpr std::size_t kMaxLines = 100'000;

    // The lines before that `next` hang on, in their order, marked as done again.
    [[nodiscard]] std::vector<numbered_row> before(const csv_header& header,
                                                   const std::vector<numbered_row>& next) const;
    // Takes what a unit did.
    void remember(const csv_header& header, const import_batch& done);

private:
    using name_hash = std::size_t;
    struct line {
        std::int64_t number;
        csv_record record;
        std::string slug;              // what a new product got
        std::vector<name_hash> codes;  // taken or given up
    };

    [[nodiscard]] std::vector<name_hash> asked_by(const numbered_row& row) const;
    void put(line what);

    std::vector<line> lines_;
    std::unordered_map<name_hash, std::vector<std::uint32_t>> by_code_;  // places in lines_
    std::unordered_map<name_hash, std::int64_t> highest_;                // number in use, by stem
};

}  // namespace kieng::catalog

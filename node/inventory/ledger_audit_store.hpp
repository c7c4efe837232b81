// Holds the counters of stock against the ledger they come from. Reads one snapshot, changes nothing; database errors throw.
#pragma once

#include "node/platform/store/database.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::inventory {

struct difference {
    std::string variant_id, location_id, lot;  // lot: empty for the variant itself
    std::string what;  // "quantity", "reserved", "held", "lots", "returned", ...
    std::int64_t counter = 0,
                 ledger = 0;  // what the counter says, and what the rows behind it sum to
};

struct ledger_report {
    std::int64_t variants = 0, lots = 0, movements = 0, reservations = 0;  // how much was looked at
    std::vector<difference> differences;
};
// At most `most` differences.
[[nodiscard]] ledger_report audit_ledger(store::tx& on, int most = 1000);

// The same on a connection of its own without bounds of time, for a long ledger. Blocks. Throws std::runtime_error with a sentence when
// the database has no schema of this release.
[[nodiscard]] ledger_report audit_ledger(const store::database_options& how, int most = 1000);

}  // namespace kieng::inventory

// The audit log, for every capability that changes something: one line in the same transaction as the change.
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/audit.hpp"
#include "node/platform/store/database.hpp"

#include <vector>

namespace kieng::identity {

class audit_service {
public:
    audit_service(store::database& reads, const clock& now, random& bits)
        : reads_(reads),
          now_(now),
          bits_(bits)
    {}

    // Inside a unit of work:
    //   log.audit(on, who, {"product.update", "product", id, R"({"price":{"from":1,"to":2}})"});
    void audit(store::tx& on, const actor& who, const audit_entry& what) const;
    // Many lines of one unit, written together.
    void audit_all(store::tx& on, const actor& who, const std::vector<audit_entry>& entries) const;

    // A page, newest first. Errors: database_unavailable, overloaded.
    task<result<store::seen<std::vector<audit_line>>>> list(audit_filter what) const;

private:
    store::database& reads_;
    const clock& now_;
    random& bits_;
};

}  // namespace kieng::identity

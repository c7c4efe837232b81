// The use cases of locations. Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/identity/audit_service.hpp"
#include "node/inventory/location.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory {

class location_service {
public:
    location_service(store::database& reads, store::unit_of_work& work,
                     const identity::audit_service& log, const clock& now, random& bits)
        : reads_(reads),
          work_(work),
          log_(log),
          now_(now),
          bits_(bits)
    {}

    // Errors: database_unavailable, overloaded.
    task<result<store::seen<std::optional<location>>>> find(std::string id);
    task<result<store::seen<std::vector<location>>>> list();

    // Errors: slug_taken (the code), validation_failed, those of unit_of_work::run.
    task<result<store::written>> create(identity::actor who, store::write_key key,
                                        location_change wanted);
    // A place with goods cannot be closed, the default one neither; another becomes the default instead of it.
    // Errors also: not_found, version_required, version_conflict, location_in_use.
    task<result<store::written>> edit(identity::actor who, store::write_key key, std::string id,
                                      location_change wanted);
    // A place that appears in the ledger is closed instead. Errors also: location_in_use.
    task<result<store::written>> remove(identity::actor who, store::write_key key, std::string id,
                                        std::optional<std::int64_t> version);

private:
    store::database& reads_;
    store::unit_of_work& work_;
    const identity::audit_service& log_;
    const clock& now_;
    random& bits_;
};

}  // namespace kieng::inventory

// The two ways to PostgreSQL that services need: reading, and the one door for writes. Both outlive the services.
#pragma once

#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

namespace kieng::identity {

struct persistence {
    store::database& reads;
    store::unit_of_work& writes;
};

}  // namespace kieng::identity

// What time does to stock, for the duty that sees to it. Inside a unit of work; database errors throw.
#pragma once

#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>

namespace kieng::inventory {

// Takes lots whose last day is over from what is for sale, at most `most`, and announces what that changed; how many goods it concerned.
[[nodiscard]] std::int64_t expire_lots(store::tx& on, int most = 200);

}  // namespace kieng::inventory

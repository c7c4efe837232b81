#include "node/inventory/upkeep_store.hpp"

#include "node/inventory/row.hpp"
#include "node/inventory/stock_announcement.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::inventory {
namespace {

constexpr store::statement kExpireLots{"stock_expire_lots",
                                       "SELECT * FROM stock_expire_lots($1::int)"};

}  // namespace

std::int64_t expire_lots(store::tx& on, int most)
{
    std::vector<std::string> changed;
    std::vector<std::pair<std::string, std::string>> low;
    for (const auto& row : on.exec(kExpireLots, most)) {
        changed.push_back(text_of(row, "variant_id"));
        if (flag_of(row, "fell")) low.emplace_back(changed.back(), text_of(row, "location_id"));
    }
    announce_stock(on, changed, "expired", "");
    announce_low(on, low);
    return static_cast<std::int64_t>(changed.size());
}

}  // namespace kieng::inventory
